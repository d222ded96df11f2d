"""Which failure is meant, and what is changed in its tasks before they are driven again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from .client import Client
from .exits import NOT_FOUND, USAGE, TerminalError

Json = dict[str, Any]
PATH = "/api/v2/dead-letters"
FINGERPRINT = re.compile(r"[0-9a-f]{1,64}")
_WHOLE = 64
_NUMBERS = ("max_attempts", "priority")
_WORDS = {"role": "role", "model": "model", "budget": "budget_usd"}


def changes(words: Iterable[str]) -> Json:
    """Return what `--set NAME=VALUE` asks for, as the API takes it. A value of an input is JSON, or else a text."""
    asked: Json = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise TerminalError(f"--set {word}: NAME=VALUE is meant", code=USAGE)
        if name.startswith("input.") and name != "input.":
            asked.setdefault("input", {})[name.removeprefix("input.")] = _json_or_text(value)
        elif name in _WORDS:
            asked[_WORDS[name]] = value
        elif name in _NUMBERS:
            asked[name] = _number(name, value)
        else:
            known = ", ".join((*_WORDS, *_NUMBERS, "input.NAME"))
            raise TerminalError(f"--set {name} is not known", code=USAGE, hint=f"There are: {known}")
    return asked


def whole(client: Client, typed: str) -> str:
    """Return the fingerprint that is meant: the first digits are enough where they fit one failure."""
    if not FINGERPRINT.fullmatch(typed):
        raise TerminalError(f"{typed!r} is no fingerprint: up to {_WHOLE} digits of 0-9a-f", code=USAGE)
    if len(typed) == _WHOLE:
        return typed
    found = [group["fingerprint"] for group in client.get(PATH)["results"] if group["fingerprint"].startswith(typed)]
    if len(found) != 1:
        said = "is no failure that waits" if not found else f"fits {len(found)} failures: more digits are needed"
        raise TerminalError(f"{typed} {said}", code=USAGE if found else NOT_FOUND, hint="bin/nexus dead lists them")
    return str(found[0])


def _json_or_text(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value


def _number(name: str, value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise TerminalError(f"--set {name}={value}: a whole number is meant", code=USAGE) from None
