"""Through which door an act came: told in its event, beside who acted.

A door says its name around what it lets in; what is said inside in somebody's name carries it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_door: ContextVar[str] = ContextVar("nexus_door", default="")


@contextmanager
def through(name: str) -> Iterator[None]:
    """Inside, acts come through the door of this name."""
    token = _door.set(name)
    try:
        yield
    finally:
        _door.reset(token)


def door() -> str:
    """Its name; empty where nobody said one."""
    return _door.get()


def signed(data: dict[str, Any]) -> Mapping[str, Any]:
    """What is said of an act, with the door that it came through; what nobody did, and what names one, as it is."""
    name = _door.get()
    return {**data, "channel": name} if name and data.get("actor") and not data.get("channel") else data
