"""The models that the OpenAI side pretends to be."""

from __future__ import annotations

import re
from typing import Any

from apps.sandbox.problem import Problem

CREATED = 1_790_000_000

MODELS = (
    "gpt-6.2-sol", "gpt-6.2-astra", "gpt-6.1-sol", "gpt-6.1-terra", "gpt-6-astra", "gpt-6-sol", "gpt-6-luna",
    "gpt-5.6-sol", "gpt-5.6-terra", "gpt-5.6-luna", "gpt-5.5", "gpt-5.4", "gpt-5.4-mini", "gpt-5.2", "gpt-5.1",
    "gpt-5", "gpt-5-mini", "gpt-5-nano", "gpt-4.1", "gpt-4.1-mini", "gpt-4o", "gpt-4o-mini", "o3", "o4-mini",
)  # fmt: skip
HEARING = ("gpt-4o-transcribe", "gpt-4o-mini-transcribe", "gpt-4o-transcribe-diarize", "whisper-1")
MODEL_IDS = frozenset((*MODELS, *HEARING))

LOCAL = re.compile(r"[:/]|^local\b|^(?:gemini|deepseek|stable|sd)(?![a-z])")
"""Servers on one's own machine name their models `qwen3:8b` or `org/model`; those, and the models of others that speak
this format, are taken as they come."""
UNTHINKING = (None, "none", "minimal")
"""Efforts with which a model answers at once."""
REASONING = re.compile(r"^(?:gpt-[5-9]|o\d)")


def check(model: object, *, hearing: bool = False) -> None:
    """Refuse a model that the provider does not offer for this."""
    known = isinstance(model, str) and (model in MODEL_IDS or is_local(model)) and (model in HEARING) == hearing
    if not known and not (hearing and isinstance(model, str) and is_local(model)):
        message = f"The model `{model}` does not exist or you do not have access to it."
        raise Problem(status=404, message=message, type="invalid_request_error", code="model_not_found")


def is_local(model: str) -> bool:
    """Whether a name is that of a model on a server of one's own."""
    return bool(LOCAL.search(model))


def reasons(model: str) -> bool:
    """Whether it is a model that thinks before it speaks, and takes no sampling parameters."""
    return bool(REASONING.match(model))


def listed() -> dict[str, Any]:
    """All of them, as the models endpoint shows them."""
    return {"object": "list", "data": [shown(model) for model in (*MODELS, *HEARING)]}


def shown(model: str) -> dict[str, Any]:
    """One of them."""
    if model not in MODEL_IDS:
        message = f"The model '{model}' does not exist"
        raise Problem(status=404, message=message, type="invalid_request_error", code="model_not_found", param="model")
    return {"id": model, "object": "model", "created": CREATED, "owned_by": "sandbox"}
