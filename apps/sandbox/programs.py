"""A small Python program where a schema asks for one: a description that shows a head gets that function. Pure."""

from __future__ import annotations

import re

HEAD = re.compile(r"`def (?P<name>[a-z_]\w*)\((?P<argument>[a-z_]\w*)\)`", re.ASCII)
GIVES_TEXT = re.compile(r"returns? (?:a|the) (?:text|string)", re.IGNORECASE)

_TEXT = '''"""{title}."""


def {name}({argument}):
    """The same words, one space between two of them."""
    return " ".join(str({argument}).split()) or "(nothing was said)"
'''
_DATA = '''"""{title}."""


def {name}({argument}):
    """Count what there is in the values: words, characters, and the numbers among them."""
    words = [word for value in {argument}.values() for word in str(value).split()]
    numbers = []
    for word in words:
        try:
            numbers.append(float(word.strip(",;:.")))
        except ValueError:
            pass
    return {{
        "words": len(words),
        "characters": sum(len(word) for word in words),
        "numbers": len(numbers),
        "sum": round(sum(numbers), 6),
    }}
'''


def asked_for(description: str) -> bool:
    """Whether the place is for a program."""
    return HEAD.search(description) is not None


def written(description: str, *, title: str) -> str:
    """The program: it takes what the head says, and gives back a text or a dict."""
    found = HEAD.search(description)
    if found is None:
        raise ValueError("no function's head is shown")
    form = _TEXT if GIVES_TEXT.search(description) else _DATA
    plain = " ".join(re.sub(r'["\\]', "", title).split()).rstrip(".")
    return form.format(title=plain or "A program", name=found["name"], argument=found["argument"])
