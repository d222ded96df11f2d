"""The makers of models, each behind one small protocol.

    speaker.py           what everybody who speaks through an SDK has in common
    base.py              what is asked of a provider and what it gives back
    messages.py          turns of blocks: words, pictures, documents, thoughts, tools (pure)
    sizes.py             how many tokens a request may cost, pictures and documents included (pure)
    pdf.py               how many pages a PDF has at most (pure)
    seen.py              what a stream has told so far, whoever sends it
    endpoints.py         whom this installation may ask, where, in which format
    failures.py          what every provider's failures have in common
    anthropic.py         the anthropic SDK: one streamed message
    anthropic_wire.py    what is sent to it, and what its events mean
    anthropic_errors.py  every way it can fail, as a plain error with a class
    openai.py            the openai SDK: one streamed answer, from OpenAI or whoever speaks like it
    openai_chat.py       Chat Completions: what is sent, and what its chunks mean
    openai_responses.py  the Responses API: the same
    openai_sound.py      transcriptions: what is sent, and what comes back
    openai_parts.py      what both share: pictures, files, tools, schemas, counts (pure)
    openai_errors.py     every way they can fail
    transport.py         connections: one client per process, bounded in time, no detours

Adding a maker is adding a file and one line in `WIRES`; another address that speaks OpenAI's formats is a setting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from agents.errors import MissingKey
from agents.providers import endpoints
from agents.providers.base import Provider
from agents.providers.endpoints import Endpoint
from nexus.errors import NexusError

ANY_KEY = "no-key-is-needed-here"
"""The sandbox, and servers of one's own, look at a key for being there."""
KEY_AGAIN_AFTER = 30.0
"""Seconds until a task without a key looks again."""


def _anthropic(endpoint: Endpoint, url: str, key: str, *, sandbox: bool) -> Provider:
    # Loaded when it is asked for: the SDK takes seconds, and most processes ask no model.
    from agents.providers.anthropic import Anthropic

    return Anthropic(name=endpoint.name, base_url=url, key=key, sandbox=sandbox)


def _openai(endpoint: Endpoint, url: str, key: str, *, sandbox: bool) -> Provider:
    from agents.providers.openai import OpenAI

    return OpenAI(
        name=endpoint.name, base_url=url, key=key, sandbox=sandbox, variable=endpoint.variable,
        wire="responses" if endpoint.wire == "responses" else "chat",
    )  # fmt: skip


WIRES: Mapping[str, Callable[..., Provider]] = {
    "messages": _anthropic,
    "responses": _openai,
    "chat": _openai,
}
"""Format -> who speaks it."""


def connect(name: str) -> Provider:
    """The provider of that name, ready to be asked: the sandbox where that is named, else itself.

    UnknownProvider when no setting names it, MissingKey when it needs a key and nobody has given one.
    """
    endpoint = endpoints.get(name)
    speak = WIRES[endpoint.wire]
    if settings.NEXUS_SANDBOX_URL:
        below = "" if endpoint.wire == "messages" else "/v1"
        return speak(endpoint, settings.NEXUS_SANDBOX_URL + below, ANY_KEY, sandbox=True)
    key = endpoints.key_of(endpoint)
    if not key and endpoint.needs_key:
        raise MissingKey(
            f"There is no key for the model provider {name!r}: set {endpoint.variable}.",
            retry_after=KEY_AGAIN_AFTER,
            variable=endpoint.variable,
        )
    return speak(endpoint, endpoint.url, key or ANY_KEY, sandbox=False)


def load() -> None:
    """Load what it takes to ask those whom roles name. It takes seconds, which a call would spend with its task's row
    locked; and each SDK takes memory in every worker. Who only listens is loaded when there is something to hear.
    """
    for name in _named():
        with suppress(NexusError):  # nobody has configured it: then nobody asks it
            connect(name)


def _named() -> set[str]:
    """The providers of roles and of their chains; of a database that is away, all that the settings name."""
    from agents.models import Role
    from agents.roles import LISTENER

    known = endpoints.known()
    try:
        rows = list(Role.objects.exclude(name=LISTENER).values_list("provider", "chain"))
    except (DatabaseError, InterfaceError):
        return set(known)
    finally:
        connection.close()  # the thread that loads ends, and nobody else could close it
    return {name for provider, chain in rows for name in (provider, *(link["provider"] for link in chain))} & set(known)
