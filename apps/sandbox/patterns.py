"""A string that matches a regular expression, made by walking the expression itself."""

from __future__ import annotations

import re
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

PREFERRED = "aeinorst0123456789AEINORST _-.bcdfghjklmpquvwxyzBCDFGHJKLMPQUVWXYZ"


def matching(pattern: str, *, shortest: int = 0, longest: int | None = None) -> str:
    """A string that matches `pattern` and is long enough, or the best attempt at one."""
    try:
        tree = parser.parse(pattern)
    except re.error:
        return ""
    made = ""
    for extra in range(max(shortest, 1) + 2):
        made = _sequence(tree, extra, {})
        if len(made) >= shortest and (longest is None or len(made) <= longest) and re.search(pattern, made):
            return made
    return made


def _sequence(tree: Any, extra: int, groups: dict[int, str]) -> str:
    return "".join(_one(str(code), value, extra, groups) for code, value in tree)


def _one(code: str, value: Any, extra: int, groups: dict[int, str]) -> str:
    match code:
        case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN" | "CATEGORY":
            return _member([(code, value)] if code != "IN" else value)
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            least, most, inner = value
            times = min(least + extra, most if most is not codes.MAXREPEAT else least + extra)
            return "".join(_sequence(inner, 0, groups) for _ in range(times))
        case "SUBPATTERN":
            made = _sequence(value[3], extra, groups)
            if value[0] is not None:
                groups[value[0]] = made
            return made
        case "ATOMIC_GROUP":
            return _sequence(value, extra, groups)
        case "BRANCH":
            return _sequence(value[1][0], extra, groups)
        case "GROUPREF":
            return groups.get(value, "")
        case _:
            return ""  # anchors and look-arounds add nothing


def _member(parts: list[Any]) -> str:
    """A character of a set: a readable one where the set has one."""
    inverted = str(parts[0][0]) == "NEGATE"
    inside = [part for part in parts if str(part[0]) != "NEGATE"]
    for letter in PREFERRED:
        if any(_covers(part, letter) for part in inside) != inverted:
            return letter
    # None of the usual letters is in it: take the set's own first character.
    value = inside[0][1]
    return chr(value[0] if isinstance(value, tuple) else value) if isinstance(value, int | tuple) else "a"


def _covers(part: Any, letter: str) -> bool:
    code, value = str(part[0]), part[1]
    match code:
        case "ANY":
            return True
        case "LITERAL":
            return bool(ord(letter) == value)
        case "NOT_LITERAL":
            return bool(ord(letter) != value)
        case "RANGE":
            return bool(value[0] <= ord(letter) <= value[1])
        case "CATEGORY":
            name = str(value)
            shape = {"DIGIT": r"\d", "WORD": r"\w", "SPACE": r"\s"}[name.rsplit("_", 1)[1]]
            return (re.match(shape, letter) is not None) != ("NOT" in name)
        case _:
            return False
