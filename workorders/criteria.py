"""Acceptance criteria as people, triage and planners write them -> checks that can be decided. Pure.

A criterion is a line, or a check as JSON has it (docs/reference/checks.md). Some lines are checks by themselves: "must
contain: rollback", "must not match: 4[0-9]{15}", "at most 500 words", in Chinese 必须包含：…; every other line is for
a judge.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from agents.checks import kinds
from agents.checks.kinds import KINDS
from agents.checks.result import Check, Material

from . import words

Criterion = str | Mapping[str, Any]


def _of_text(kind: str) -> Callable[[re.Match[str]], Check]:
    return lambda found: {"kind": kind, "text": found[1]}


def _of_pattern(must: str) -> Callable[[re.Match[str]], Check]:
    return lambda found: {"kind": "regex", "pattern": found[1], "must": must, "flags": "m"}


def _of_length(bound: str, unit: str) -> Callable[[re.Match[str]], Check]:
    return lambda found: {"kind": "length", bound: int(found[1]), "unit": unit}


def _plain(**check: Any) -> Callable[[re.Match[str]], Check]:
    return lambda _: dict(check)


_FORMS: tuple[tuple[str, Callable[[re.Match[str]], Check]], ...] = (
    (r"(?:must contain|必须包含)\s*[:：]\s*(.*\S)", _of_text("required")),
    (r"(?:must not contain|不得包含)\s*[:：]\s*(.*\S)", _of_text("forbidden")),
    (r"(?:must match|必须匹配)\s*[:：]\s*(.*\S)", _of_pattern("match")),
    (r"(?:must not match|不得匹配)\s*[:：]\s*(.*\S)", _of_pattern("not_match")),
    (r"at least (\d{1,7}) words\.?", _of_length("at_least", "words")),
    (r"at most (\d{1,7}) words\.?", _of_length("at_most", "words")),
    (r"(?:at least (\d{1,7}) characters\.?)", _of_length("at_least", "characters")),
    (r"(?:at most (\d{1,7}) characters\.?)", _of_length("at_most", "characters")),
    (r"(?:至少|不少于)\s*(\d{1,7})\s*(?:个)?字。?", _of_length("at_least", "words")),
    (r"(?:至多|最多|不超过)\s*(\d{1,7})\s*(?:个)?字。?", _of_length("at_most", "words")),
    (r"(?:must be JSON|必须是\s*JSON)[.。]?", _plain(kind="json")),
    (r"(?:in English|使用英文)[.。]?", _plain(kind="language", language="en")),
    (r"(?:in Chinese|使用中文)[.。]?", _plain(kind="language", language="zh-Hans")),
    (r"(?:no secrets|不得泄露机密)[.。]?", _plain(kind="secrets")),
    (r"(?:no placeholders|不得留有占位符)[.。]?", _plain(kind="placeholders", forbid=["marks", "angles", "braces"])),
    (r"(?:the code runs|代码必须能运行)[.。]?", _plain(kind="runs")),
    (r"(?:the code parses|代码必须能解析)[.。]?", _plain(kind="parses")),
)
_READ = tuple((re.compile(rf"\s*{form}\s*", re.IGNORECASE | re.DOTALL), made) for form, made in _FORMS)


def check_of(criterion: Criterion, *, by: str, pointer: str = "") -> Check:
    """The check that a criterion means; raise ChecksInvalid for one that nobody could decide."""
    if isinstance(criterion, str):
        read = ((form.fullmatch(criterion), made) for form, made in _READ)
        found = next((made(match) for match, made in read if match), None)
        criterion = found or {"kind": "judge", "criterion": criterion.strip()[:2000]}
    return kinds.read({**criterion, "by": by}, pointer=pointer)


def kept(criterion: Criterion) -> str | dict[str, Any]:
    """A criterion as an order keeps it: a line, where a line can say it."""
    if not isinstance(criterion, str) and criterion.get("kind") in ("required", "forbidden"):
        return spelled(criterion) if set(criterion) == {"kind", "text"} else dict(criterion)
    return criterion if isinstance(criterion, str) else dict(criterion)


def spelled(criterion: Criterion) -> str:
    """A criterion as a line, for whoever works by it."""
    if isinstance(criterion, str):
        return criterion
    said = _SAID.get(criterion["kind"])
    if said is not None:
        return said(criterion)
    terms = {name: value for name, value in criterion.items() if name not in ("kind", "by")}
    told = "; ".join(f"{name} = {value}" for name, value in terms.items())
    return f"{criterion['kind']}: {told}" if told else str(criterion["kind"])


def _length(check: Check) -> str:
    bounds = [f"{name.replace('_', ' ')} {check[name]}" for name in ("at_least", "at_most") if name in check]
    return f"{' and '.join(bounds)} {check['unit']}"


_SAID: dict[str, Callable[[Check], str]] = {
    "required": lambda check: f"must contain: {check['text']}",
    "forbidden": lambda check: f"must not contain: {check['text']}",
    "regex": lambda check: f"must {check.get('must', 'match').replace('_', ' ')}: {check['pattern']}",
    "length": _length,
    "language": lambda check: "in English" if check["language"] == "en" else "in Chinese",
    "secrets": lambda _: "no secrets",
    "placeholders": lambda _: "no placeholders",
    "runs": lambda _: "the code runs",
    "parses": lambda _: "the code parses",
    "judge": lambda check: str(check["criterion"]),
}


def lines(criteria: Iterable[Criterion]) -> tuple[str, ...]:
    """All of them as lines, each once."""
    return tuple(dict.fromkeys(map(spelled, criteria)))


def agreed(
    *,
    message: str,
    intent: str,
    difficulty: str,
    request: Sequence[Criterion],
    triage: Sequence[str],
    plan: Sequence[Criterion],
) -> tuple[Check, ...]:
    """Every check of a deliverable, in the order of who asked: the house, the requester, triage, the plan."""
    checks = [*house(message=message, intent=intent, difficulty=difficulty)]
    checks += [check_of(one, by="request") for one in request]
    checks += [check_of(one, by="triage") for one in triage]
    checks += [check_of(one, by="plan") for one in plan]
    return _each_once(checks)[: kinds.MOST]


def house(*, message: str, intent: str, difficulty: str) -> list[Check]:
    """What is checked of every result, and what is checked of its kind; not what the request itself could not keep."""
    found: list[Check] = [{"kind": "substance", "at_least": 1 if difficulty == "trivial" else 10}]
    # Who asks for a page about TODO comments, or sends a password to be written into a file, gets it.
    usual: tuple[Check, ...] = ({"kind": "secrets"}, {"kind": "placeholders", "forbid": ["marks"]})
    found += [one for one in usual if _keeps(one, message)]
    if intent in ("build_feature", "debug"):
        found.append({"kind": "parses"})
    return [kinds.read({**one, "by": "house"}) for one in found]


def _keeps(check: Check, message: str) -> bool:
    if check["kind"] == "placeholders" and words.MARKS.search(message):
        return False
    decide = KINDS[check["kind"]].decide
    return decide is not None and decide(check, Material(text=message)).is_pass


def _each_once(checks: Iterable[Check]) -> tuple[Check, ...]:
    """The first of those that say the same, whoever says it."""
    first: dict[str, Check] = {}
    for check in checks:
        first.setdefault(repr(sorted((name, repr(value)) for name, value in check.items() if name != "by")), check)
    return tuple(first.values())
