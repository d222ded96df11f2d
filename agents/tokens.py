"""How many tokens a text may cost, without asking anybody. Pure.

Counting exactly takes a round trip to the provider for every call. A reservation needs something else: a number that
is never too small. Tokenizers of today work on bytes, and no token stands for less than one byte, so the number of
bytes is such a number, whatever language, code or noise the text is. It is about four times the truth for English,
and only the reservation sees it: the real count is booked when the answer is there.
"""

from __future__ import annotations

from typing import Any

OVERHEAD = 1024
"""What a provider adds to a prompt by itself: roles, and how to write the JSON that a schema asks for."""
BYTES_PER_TOKEN = 3
"""For a fair guess: English has about four, Chinese about three."""


def at_most(*texts: str) -> int:
    """More tokens than these texts, sent as one request, can be."""
    return sum(_bytes(text) for text in texts) + OVERHEAD


def likely(*texts: str) -> int:
    """About how many tokens these texts are: for a request whose end nobody saw."""
    return -(-sum(_bytes(text) for text in texts) // BYTES_PER_TOKEN)


def clean(text: str) -> str:
    """The text as Postgres and every wire can carry it: no NUL, no half of a surrogate pair."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def clean_json(value: Any) -> Any:
    """The JSON value with every text in it clean, keys too."""
    match value:
        case str():
            return clean(value)
        case dict():
            return {clean(key): clean_json(inner) for key, inner in value.items()}
        case list() | tuple():
            return [clean_json(inner) for inner in value]
        case _:
            return value


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
