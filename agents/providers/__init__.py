"""The makers of models, each behind one small protocol.

    base.py              what is asked of a provider and what it gives back
    messages.py          turns of blocks: words, pictures, documents, thoughts, tools (pure)
    sizes.py             how many tokens a request may cost, pictures and documents included (pure)
    pdf.py               how many pages a PDF has at most (pure)
    seen.py              what a stream has told so far, whoever sends it
    anthropic.py         the anthropic SDK: one streamed message
    anthropic_wire.py    what is sent to it, and what its events mean
    anthropic_errors.py  every way it can fail, as a plain error with a class
    transport.py         connections: one client per process, bounded in time, no detours

Adding a provider is adding a file and one line in `CONNECT`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from agents.errors import UnknownProvider
from agents.providers.base import Provider
from nexus.errors import NexusError


def _anthropic() -> Provider:
    # Loaded when it is asked for: the SDK takes seconds, and most processes ask no model.
    from agents.providers import anthropic

    return anthropic.connect()


CONNECT: Mapping[str, Callable[[], Provider]] = {"anthropic": _anthropic}
"""Provider -> how to get at it with the settings of this installation."""


def connect(name: str) -> Provider:
    """The provider of that name, ready to be asked. MissingKey when nobody has configured it."""
    if name not in CONNECT:
        raise UnknownProvider(f"There is no provider {name!r}", provider=name)
    return CONNECT[name]()


def load() -> None:
    """Load what it takes to ask any of them. It takes seconds, which a call would spend with its task's row locked."""
    for name in CONNECT:
        with suppress(NexusError):  # nobody has configured it: then nobody asks it
            connect(name)
