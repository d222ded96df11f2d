"""Every kind of check by its name: what it takes, whether it can be decided, and who does. Pure to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from nexus.errors import NexusError

from . import code, judge, keys, language, leaks, length, pattern, placeholders, schema, substance, text
from .result import Check, Material, Result

MOST = 80
"""Checks of one text."""
AUTHORS = ("request", "triage", "plan", "house")
"""Who wrote a check."""


class ChecksInvalid(NexusError):
    """A check that nobody can decide."""

    code = "checks_invalid"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind."""

    fields: Mapping[str, Any]
    required: Sequence[str]
    decide: Callable[[Check, Material], Result] | None
    """None: a judge decides it."""
    refusal: Callable[[Check], str | None] | None = None
    is_costly: bool = False
    """It needs a process of its own."""

    def schema(self, name: str) -> dict[str, Any]:
        """The JSON Schema of a check of this kind."""
        common = {
            "of": {"type": "string", "minLength": 1, "maxLength": 120},
            "by": {"type": "string", "enum": list(AUTHORS)},
        }
        return {
            "type": "object",
            "properties": {"kind": {"const": name}, **self.fields, **common},
            "required": ["kind", *self.required],
            "additionalProperties": False,
        }


KINDS: dict[str, Kind] = {
    "required": Kind(fields=text.FIELDS, required=text.REQUIRED, decide=text.is_there),
    "forbidden": Kind(fields=text.FIELDS, required=text.REQUIRED, decide=text.is_absent),
    "length": Kind(fields=length.FIELDS, required=length.REQUIRED, decide=length.holds, refusal=length.refusal),
    "language": Kind(fields=language.FIELDS, required=language.REQUIRED, decide=language.holds),
    "secrets": Kind(fields=leaks.FIELDS, required=leaks.REQUIRED, decide=leaks.holds),
    "placeholders": Kind(fields=placeholders.FIELDS, required=placeholders.REQUIRED, decide=placeholders.holds),
    "substance": Kind(fields=substance.FIELDS, required=substance.REQUIRED, decide=substance.holds),
    "json": Kind(fields=keys.FIELDS, required=keys.REQUIRED, decide=keys.holds),
    "regex": Kind(
        fields=pattern.FIELDS, required=pattern.REQUIRED, decide=pattern.holds, refusal=pattern.refusal, is_costly=True
    ),
    "json_schema": Kind(
        fields=schema.FIELDS, required=schema.REQUIRED, decide=schema.holds, refusal=schema.refusal, is_costly=True
    ),
    "parses": Kind(fields=code.PARSES, required=code.REQUIRED, decide=code.parses, is_costly=True),
    "runs": Kind(fields=code.RUNS, required=code.REQUIRED, decide=code.runs, is_costly=True),
    "judge": Kind(fields=judge.FIELDS, required=judge.REQUIRED, decide=None),
}


def read(given: Mapping[str, Any], *, pointer: str = "") -> Check:
    """`given` as a check; raise ChecksInvalid with a pointer for what nobody could decide."""
    kind = KINDS.get(str(given.get("kind")))
    if kind is None:
        raise ChecksInvalid(f"A check is one of {', '.join(KINDS)}", pointer=f"{pointer}/kind")
    wrong = best_match(Draft202012Validator(kind.schema(given["kind"])).iter_errors(dict(given)))
    if wrong is not None:
        at = "".join(f"/{step}" for step in wrong.absolute_path)
        raise ChecksInvalid(f"A check of kind {given['kind']}: {wrong.message[:200]}", pointer=f"{pointer}{at}")
    if kind.refusal is not None and (why := kind.refusal(given)):
        raise ChecksInvalid(f"A check of kind {given['kind']}: {why[:300]}", pointer=pointer)
    return dict(given)


def read_all(given: Sequence[Mapping[str, Any]], *, pointer: str = "") -> tuple[Check, ...]:
    """All of them, each once."""
    checks = [read(one, pointer=f"{pointer}/{place}") for place, one in enumerate(given)]
    if len(checks) > MOST:
        raise ChecksInvalid(f"There are at most {MOST} checks", pointer=pointer)
    return tuple(one for place, one in enumerate(checks) if one not in checks[:place])
