"""ULIDs: 48 bits of time in milliseconds and 80 bits that nobody can guess, as 26 letters that sort by time. Pure."""

from __future__ import annotations

import secrets
import time

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: without I, L, O and U."""
LENGTH = 26
_RANDOM_BITS = 80
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}


def after(last: str = "", *, now: float | None = None) -> str:
    """A new one that sorts after `last`, also where the clock has stood still or gone back since."""
    milliseconds = int((time.time() if now is None else now) * 1000)
    number = milliseconds << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
    return spelt(max(number, read(last) + 1) if last else number)


def spelt(number: int) -> str:
    """128 bits as letters."""
    return "".join(ALPHABET[number >> shift & 31] for shift in range(5 * (LENGTH - 1), -1, -5))


def read(text: str) -> int:
    """The number that these letters are; ValueError where they are no ULID."""
    if len(text) != LENGTH or text[0] > "7" or any(letter not in _VALUES for letter in text):
        raise ValueError("this is no ULID")
    number = 0
    for letter in text:
        number = number << 5 | _VALUES[letter]
    return number
