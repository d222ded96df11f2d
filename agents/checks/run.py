"""All checks of a text: those that cost nothing, those that need a process, and, where all of these hold, the judge."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from . import blocks, judge
from .judge import Ask
from .kinds import KINDS
from .result import Check, Material, Report, Result, unclear
from .words import say

log = logging.getLogger("nexus.checks")


def check(checks: Sequence[Check], material: Material, *, role: str, author: str, ask: Ask) -> Report:
    """Decide every check of `material`, which `author` wrote; `role` judges what no machine can tell.

    The judge is not paid for a text that fails already. A text is always judged, also where nobody named a criterion.
    """
    decided = [_decided(one, material) for one in _by_cost(checks)]
    if all(result.is_pass for result in decided):
        criteria = tuple(str(one["criterion"]) for one in checks if one["kind"] == "judge")
        decided.append(judge.judged(criteria, material, role=role, author=author, ask=ask))
    return Report(results=tuple(decided))


def _by_cost(checks: Sequence[Check]) -> list[Check]:
    machine = [one for one in checks if KINDS[one["kind"]].decide is not None]
    return sorted(machine, key=lambda one: KINDS[one["kind"]].is_costly)


def _decided(one: Check, material: Material) -> Result:
    kind = KINDS[one["kind"]]
    assert kind.decide is not None
    try:
        found = kind.decide(one, _part(one, material))
    except Exception as error:  # a check that breaks has decided nothing, and must not pass for that
        log.exception("check %s broke", one["kind"])
        found = unclear(say("no_judge", material.spoken, f"{one['kind']}: {type(error).__name__}"))
    return replace(found, kind=one["kind"])


def _part(one: Check, material: Material) -> Material:
    """The section that a check is about; the whole, where no heading has its name."""
    if "of" not in one:
        return material
    found = blocks.section(material.text, one["of"])
    return material if found is None else replace(material, text=found)
