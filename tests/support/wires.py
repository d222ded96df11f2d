"""The three wires that we speak, each with a model behind it that the sandbox answers for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone

from agents.errors import ProviderError
from agents.providers import anthropic, openai, transport
from apps.sandbox.remote import Remote
from billing.figures import LIST
from billing.models import Price

from .model_calls import an_execution, ask, rested
from .stories import models_answered

WIRES = ("claude-haiku-5-5", "openai/gpt-6-luna", "local/qwen3:8b")
HERE = override_settings(NEXUS_ENDPOINTS={"local": "chat+http://127.0.0.1:9/v1"})


@contextmanager
def every_wire() -> Iterator[Remote]:
    """A quick sandbox behind all of them, and prices: a token costs a dollar a million, whatever it is."""
    with models_answered() as sandbox, HERE:
        sandbox.set(latency_ms=0, chunk_ms=0)
        rates = dict.fromkeys(("input", "output", "cache_write_5m", "cache_write_1h", "cache_read"), Decimal(1))
        for provider in ("openai", "local"):
            row = {"book": LIST, "provider": provider, "model": "*", "min_prompt_tokens": 0}
            Price.objects.get_or_create(**row, effective_from=timezone.now(), defaults=rates)
        yield sandbox


def asked(model: str, **given: Any) -> Any:
    """The answer of this model, or the error in its place."""
    rested()
    try:
        return ask(an_execution(input={"model": model}), **given)
    except ProviderError as error:
        return error


@contextmanager
def clients_anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """SDK clients that are made with the patience of now, and closed afterwards."""
    mine = {module: transport.PerProcess() for module in (anthropic, openai)}
    for module, clients in mine.items():
        monkeypatch.setattr(module, "_clients", clients)
    yield
    for clients in mine.values():
        for client in clients._held.values():
            client.close()
