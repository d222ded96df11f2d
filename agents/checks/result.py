"""What a check comes to, and what it looks at. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Ruling = Literal["pass", "fail", "inconclusive"]
Spoken = Literal["en", "zh-Hans"]
Check = Mapping[str, Any]
"""One check as JSON has it: `kind`, the fields of that kind, and perhaps `of` and `by`."""


@dataclass(frozen=True, kw_only=True)
class Material:
    """What is judged, and what is known around it."""

    text: str
    request: str = ""
    given: tuple[str, ...] = ()
    """Texts in it that its author did not write: a title, the summary of the plan."""
    spoken: Spoken = "en"
    """The language in which reasons are given."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What one check says. Anything but "pass" is not a pass."""

    ruling: Ruling
    reasons: tuple[str, ...] = ()
    kind: str = ""

    @property
    def is_pass(self) -> bool:
        """Does it hold?"""
        return self.ruling == "pass"


PASS = Result(ruling="pass")


def failed(reason: str) -> Result:
    """It does not hold."""
    return Result(ruling="fail", reasons=(reason,))


def unclear(reason: str) -> Result:
    """Nobody can tell."""
    return Result(ruling="inconclusive", reasons=(reason,))


@dataclass(frozen=True, kw_only=True)
class Report:
    """What all checks of a text come to together."""

    results: tuple[Result, ...] = field(default=())

    @property
    def ruling(self) -> Ruling:
        """fail where one fails; else inconclusive where one is, or where there was nothing to decide; else pass."""
        said = {result.ruling for result in self.results}
        if "fail" in said:
            return "fail"
        return "pass" if said == {"pass"} else "inconclusive"

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is not a pass, each reason once."""
        return tuple(dict.fromkeys(reason for one in self.results if not one.is_pass for reason in one.reasons))

    def as_json(self) -> list[dict[str, Any]]:
        """One line per check, for the feed and for people."""
        return [{"kind": one.kind, "ruling": one.ruling, "reasons": list(one.reasons)} for one in self.results]


def worst(results: Iterable[Result]) -> Result:
    """The first that fails, else the first that is inconclusive, else a pass."""
    kept = list(results)
    for ruling in ("fail", "inconclusive"):
        if found := next((one for one in kept if one.ruling == ruling), None):
            return found
    return PASS
