"""What an answer is said to have cost: as it was, or as a script has it."""

from __future__ import annotations

from typing import Any

from apps.sandbox.script import Script

ABSURD = 10**12
NAMES = {"input_tokens": "input_tokens", "prompt_tokens": "input_tokens"} | {
    "output_tokens": "output_tokens",
    "completion_tokens": "output_tokens",
}


def scripted(usage: dict[str, Any], script: Script) -> dict[str, Any] | None:
    """The usage to be told; None where it is left out."""
    match script.usage:
        case None:
            return usage
        case "missing":
            return None
        case "zero":
            return {name: 0 if name in NAMES or name == "total_tokens" else value for name, value in usage.items()}
        case "absurd":
            return {name: ABSURD if name in NAMES else value for name, value in usage.items()}
        case dict() as given:
            return _over(usage, given)


def journalled(usage: dict[str, Any] | None) -> dict[str, int] | None:
    """The same for the journal: input and output, whatever the wire calls them."""
    if usage is None:
        return None
    return {own: int(usage.get(name) or 0) for name, own in NAMES.items() if name in usage}


def _over(usage: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    found = dict(usage)
    for name, value in given.items():
        below = found.get(name)
        found[name] = _over(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return found
