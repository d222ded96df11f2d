"""Query strings: what is not known is refused, what is known has limits."""

from __future__ import annotations

from collections.abc import Collection

from django.http import QueryDict

from .errors import BadParameter

LARGEST = 2**63 - 1


def only(query: QueryDict, known: Collection[str]) -> None:
    """Raise for a parameter that is not in `known`, or that stands twice."""
    for name, values in query.lists():
        if name not in known:
            raise BadParameter("This parameter is not known.", "unknown_parameter", f"?{name[:64]}")
        if len(values) > 1:
            raise BadParameter("This parameter stands twice.", "repeated_parameter", f"?{name[:64]}")


def whole(query: QueryDict, name: str, *, default: int, least: int, most: int = LARGEST) -> int:
    """Return the parameter `name` as a whole number within its limits."""
    text = query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and least <= int(text) <= most):
        raise BadParameter(f"This is a whole number from {least} to {most}.", "bad_parameter", f"?{name}")
    return int(text)


def one_of(query: QueryDict, name: str, choices: Collection[str]) -> str | None:
    """Return the parameter `name` if it is one of `choices`; None when it is not there."""
    text = query.get(name)
    if text is not None and text not in choices:
        raise BadParameter(f"This is one of {', '.join(sorted(choices))}.", "bad_parameter", f"?{name}")
    return text
