"""What models must answer at triage, at planning and at review: the schemas, and the values they become. Pure.

A schema says what a provider can enforce (shape, required fields, choices). What it cannot enforce
(counts, lengths, keys that differ) is checked where the answer becomes a value.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from agents.checks import judge
from agents.checks.kinds import ChecksInvalid, read
from agents.checks.result import Check

from .errors import PlanInvalid

Intent = Literal["debug", "ops", "documentation", "build_feature", "general_request"]
Difficulty = Literal["trivial", "normal", "complex", "unclear"]

SECTIONS_AT_LEAST = 2
SECTIONS_AT_MOST = 6
CRITERIA_AT_MOST = 12
CHECKS_AT_MOST = 12


@dataclass(frozen=True, kw_only=True)
class Triage:
    """What a request is."""

    intent: Intent
    difficulty: Difficulty
    brief: str
    relevant_files: tuple[str, ...] = ()
    qa_requirements: tuple[str, ...] = ()
    clarification_question: str = ""


@dataclass(frozen=True, kw_only=True)
class Section:
    """One part of the work, done by one task."""

    key: str
    title: str
    focus: str
    after: tuple[str, ...] = ()
    """Keys of sections that this one builds on; it starts when they are there."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How an order will be carried out."""

    summary: str
    sections: tuple[Section, ...]
    acceptance: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    """What a machine can decide, of the whole and of each section."""


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _texts(description: str) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string"}, "description": description}


TRIAGE: dict[str, Any] = _object(
    intent={"type": "string", "enum": list(get_args(Intent))},
    difficulty={"type": "string", "enum": list(get_args(Difficulty))},
    brief={"type": "string", "description": "The request in plain words, under 1000 tokens"},
    relevant_files=_texts("Names of files that the request speaks of; none invented"),
    qa_requirements={"type": "string", "description": "What the result must satisfy, one requirement a line"},
    clarification_question={
        "anyOf": [{"type": "string"}, {"type": "null"}],
        "description": "null unless difficulty is unclear",
    },
)

_CHECK = _object(
    kind={
        "type": "string",
        "enum": [
            "must_contain", "must_not_contain", "must_match", "at_least_words", "at_most_words", "json_path",
            "python_parses", "python_runs",
        ],
    },
    value={"type": "string", "description": "The text, the pattern, the number or the path; empty for Python"},
)  # fmt: skip
_CHECKS = {"type": "array", "items": _CHECK, "description": "What a machine can check of it, if anything"}

_SECTION = _object(
    key={"type": "string", "description": "Short name, unique in the plan"},
    title={"type": "string", "description": "Heading of the section"},
    focus={"type": "string", "description": "What this section must settle"},
)
# Not required: sections that need nothing of each other run side by side, and that is the usual case.
_SECTION["properties"]["after"] = _texts("Keys of the sections that this one builds on, if any")
_SECTION["properties"]["checks"] = _CHECKS

PLAN: dict[str, Any] = _object(
    summary={"type": "string", "description": "The approach in one or two sentences"},
    sections={"type": "array", "items": _SECTION, "description": "Two to six parts of the work"},
    acceptance=_texts("Criteria by which the result will be judged"),
)
PLAN["properties"]["checks"] = _CHECKS

REVIEW: dict[str, Any] = judge.ANSWER


def triage_from(answer: Mapping[str, Any]) -> Triage:
    """Read an answer that fits TRIAGE."""
    return Triage(
        intent=cast(Intent, answer["intent"]),
        difficulty=cast(Difficulty, answer["difficulty"]),
        brief=plain(answer["brief"], 4_000),
        relevant_files=_lines(answer["relevant_files"], 10),
        qa_requirements=_lines(answer["qa_requirements"].splitlines(), CRITERIA_AT_MOST),
        clarification_question=plain(answer["clarification_question"] or "", 1_000),
    )


def plan_from(answer: Mapping[str, Any]) -> Plan:
    """Read an answer that fits PLAN; refuse what no graph can be drawn from, with a pointer to it."""
    drafts = answer["sections"]
    if not SECTIONS_AT_LEAST <= len(drafts) <= SECTIONS_AT_MOST:
        raise PlanInvalid(
            f"A plan has {SECTIONS_AT_LEAST} to {SECTIONS_AT_MOST} sections, not {len(drafts)}", pointer="/sections"
        )
    return Plan(
        summary=plain(answer["summary"], 1_000),
        sections=tuple(_section(draft, f"/sections/{place}") for place, draft in enumerate(drafts)),
        acceptance=_lines(answer["acceptance"], CRITERIA_AT_MOST),
        checks=_checks(answer, ""),
    )


def verdict_from(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Read an answer that fits REVIEW: its reasons as lines that are safe to show."""
    return {"verdict": answer["verdict"], "reasons": list(_lines(answer["reasons"], CRITERIA_AT_MOST))}


def plain(text: str, at_most: int) -> str:
    """One line of `text` that is safe to show: no control or direction characters, cut to size."""
    # Titles from a model reach terminals and logs; an escape sequence or a bidi override must not.
    kept = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c) not in _UNSAFE)
    return " ".join(kept.split())[:at_most].strip()


_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def _checks(answer: Mapping[str, Any], pointer: str) -> tuple[Check, ...]:
    """The checks of the whole, then those of each section, each bound to its heading."""
    found = _read(answer.get("checks", ()), f"{pointer}/checks")
    for place, draft in enumerate(answer["sections"]):
        title = plain(draft["title"], 120)
        found += _read(draft.get("checks", ()), f"{pointer}/sections/{place}/checks", of=title)
    return tuple(found[:CHECKS_AT_MOST])


def _read(drafts: Sequence[Mapping[str, Any]], pointer: str, **bound: str) -> list[Check]:
    found = []
    for place, draft in enumerate(drafts):
        try:
            found.append(read({**_planned(draft["kind"], draft["value"]), **bound}))
        except (ChecksInvalid, ValueError) as refusal:
            raise PlanInvalid(f"{draft['kind']}: {refusal}", pointer=f"{pointer}/{place}/value") from None
    return found


def _planned(kind: str, value: str) -> dict[str, Any]:
    match kind:
        case "must_contain" | "must_not_contain":
            return {"kind": "required" if kind == "must_contain" else "forbidden", "text": value}
        case "must_match":
            return {"kind": "regex", "pattern": value, "flags": "m"}
        case "at_least_words" | "at_most_words":
            return {"kind": "length", kind.removesuffix("_words"): int(value), "unit": "words"}
        case "json_path":
            return {"kind": "json", "required_paths": [value]}
        case _:
            return {"kind": "parses" if kind == "python_parses" else "runs"}


def _section(draft: Mapping[str, Any], pointer: str) -> Section:
    section = Section(
        key=_key(draft["key"]),
        title=plain(draft["title"], 120),
        focus=plain(draft["focus"], 1_000),
        after=tuple(_key(key) for key in draft.get("after", ())),
    )
    if not section.key:
        raise PlanInvalid("A section needs a key", pointer=f"{pointer}/key")
    if not section.title:
        raise PlanInvalid("A section needs a title", pointer=f"{pointer}/title")
    return section


def _key(text: str) -> str:
    # Of any script: it only says which section another one means. Tasks get keys of our own.
    return plain(text, 64).lower()


def _lines(entries: Sequence[str], at_most: int) -> tuple[str, ...]:
    tidy = (plain(entry, 500).lstrip("-*• ") for entry in entries)
    return tuple(dict.fromkeys(line for line in tidy if line))[:at_most]
