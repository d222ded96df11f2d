"""What models must answer at triage, at planning and at review: the schemas, and the values they become. Pure.

A schema says what a provider can enforce (shape, required fields, choices). What it cannot enforce
(counts, lengths, keys that differ) is checked where the answer becomes a value.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from .errors import PlanInvalid

Intent = Literal["debug", "ops", "documentation", "build_feature", "general_request"]
Difficulty = Literal["trivial", "normal", "complex", "unclear"]
Ruling = Literal["pass", "fail", "inconclusive"]

SECTIONS_AT_LEAST = 2
SECTIONS_AT_MOST = 6
CRITERIA_AT_MOST = 12


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


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a reviewer says. Anything but "pass" is not a pass."""

    ruling: Ruling
    reasons: tuple[str, ...] = ()


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

_SECTION = _object(
    key={"type": "string", "description": "Short name, unique in the plan"},
    title={"type": "string", "description": "Heading of the section"},
    focus={"type": "string", "description": "What this section must settle"},
)
# Not required: sections that need nothing of each other run side by side, and that is the usual case.
_SECTION["properties"]["after"] = _texts("Keys of the sections that this one builds on, if any")

PLAN: dict[str, Any] = _object(
    summary={"type": "string", "description": "The approach in one or two sentences"},
    sections={"type": "array", "items": _SECTION, "description": "Two to six parts of the work"},
    acceptance=_texts("Criteria by which the result will be judged"),
)

REVIEW: dict[str, Any] = _object(
    verdict={"type": "string", "enum": list(get_args(Ruling))},
    reasons=_texts("For each criterion that is not met: which one, and what is missing"),
)


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
    )


def verdict_from(answer: Mapping[str, Any]) -> Verdict:
    """Read an answer that fits REVIEW."""
    return Verdict(ruling=cast(Ruling, answer["verdict"]), reasons=_lines(answer["reasons"], CRITERIA_AT_MOST))


def plain(text: str, at_most: int) -> str:
    """One line of `text` that is safe to show: no control or direction characters, cut to size."""
    # Titles from a model reach terminals and logs; an escape sequence or a bidi override must not.
    kept = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c) not in _UNSAFE)
    return " ".join(kept.split())[:at_most].strip()


_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


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
