"""JSON that means one thing. Pure.

Python's own reader keeps the last of two equal keys, takes NaN, strings that no database stores, and numbers
of five thousand digits. Each of these is refused here with the place where it stands.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

DEEPEST = 64
LONGEST_INTEGER = 19
"""Digits: what a 64-bit column holds."""
LONGEST_NUMBER = 40
BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


class NotStrict(ValueError):
    """The text is not JSON as it is accepted here."""

    def __init__(self, code: str, detail: str, pointer: str = "#") -> None:
        """Say what is wrong, and where."""
        super().__init__(detail)
        self.code, self.detail, self.pointer = code, detail, pointer


@dataclass(frozen=True)
class _Flaw:
    """Stands in the parsed value where something was wrong, so that its pointer can be told."""

    code: str
    detail: str


@dataclass(frozen=True)
class _Place:
    """A value and the way to it; the pointer is spelt only when it is needed."""

    value: Any
    parent: _Place | None = None
    token: str | int = ""
    depth: int = 0

    def below(self, value: Any, token: str | int) -> _Place:
        return _Place(value, self, token, self.depth + 1)

    def pointer(self) -> str:
        tokens: list[str | int] = []
        place: _Place | None = self
        while place is not None and place.parent is not None:
            tokens.append(place.token)
            place = place.parent
        return pointer_to(reversed(tokens))


def pointer_to(tokens: Iterable[str | int]) -> str:
    """Spell a JSON pointer as a URI fragment: `#/files/0/name`. A long name is cut: it came from outside."""
    return "#" + "".join("/" + _printable(str(token)).replace("~", "~0").replace("/", "~1") for token in tokens)


def _printable(token: str) -> str:
    kept = "".join(sign if sign.isprintable() else "\ufffd" for sign in token[:64])
    return kept + "…" if len(token) > 64 else kept


def loads(raw: bytes) -> Any:
    """Return the value that `raw` spells, or raise NotStrict.

    Fractions come back as Decimal, so that money keeps the digits it was sent with.
    """
    if raw.startswith(BYTE_ORDER_MARKS):
        raise NotStrict("byte_order_mark", "Send UTF-8 without a byte order mark.")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotStrict("not_utf8", f"The body is not UTF-8: byte {error.start} does not fit.") from None
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_fraction, parse_int=_integer
        )
    except RecursionError:
        raise _too_deep("#") from None
    except ValueError as error:
        where = (
            f"{error.msg} (line {error.lineno}, column {error.colno})"
            if isinstance(error, json.JSONDecodeError)
            else ""
        )
        raise NotStrict("invalid_json", f"The body is not JSON. {where}".strip()) from None
    _check(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                value[key] = _Flaw("duplicate_key", "This key stands twice in its object.")
            seen.add(key)
    return value


def _constant(name: str) -> _Flaw:
    return _Flaw("not_a_number", "NaN and Infinity are not JSON.")


def _integer(digits: str) -> int | _Flaw:
    if len(digits.lstrip("-")) > LONGEST_INTEGER:
        return _Flaw("number_too_large", f"A whole number has at most {LONGEST_INTEGER} digits.")
    return int(digits)


def _fraction(text: str) -> Decimal | _Flaw:
    # Infinite as a float, or with an exponent that would fill the memory when written out.
    if len(text) > LONGEST_NUMBER or not math.isfinite(float(text)):
        return _Flaw("number_too_large", f"A number has at most {LONGEST_NUMBER} signs and fits into a double.")
    return Decimal(text)


def _check(value: Any) -> None:
    """Walk without recursion: the value may be as deep as the reader could bear."""
    todo = [_Place(value)]
    while todo:
        place = todo.pop()
        if isinstance(place.value, _Flaw):
            raise NotStrict(place.value.code, place.value.detail, place.pointer())
        if isinstance(place.value, str):
            _check_text(place.value, place)
        elif isinstance(place.value, dict | list):
            if place.depth >= DEEPEST:
                raise _too_deep(place.pointer())
            todo.extend(_members(place))


def _members(place: _Place) -> Iterable[_Place]:
    if isinstance(place.value, dict):
        for key, member in place.value.items():
            below = place.below(member, key)
            _check_text(key, below)
            yield below
    else:
        for index, member in enumerate(place.value):
            if not isinstance(member, int | Decimal) and member is not None:
                yield place.below(member, index)


def _check_text(text: str, place: _Place) -> None:
    if "\x00" in text:
        raise NotStrict("nul_character", "Text may not contain the character U+0000.", place.pointer())
    if not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
        raise NotStrict("lone_surrogate", "Text may not contain half of a surrogate pair.", place.pointer())


def _too_deep(pointer: str) -> NotStrict:
    return NotStrict("too_deep", f"Objects and arrays may be nested {DEEPEST} deep.", pointer)
