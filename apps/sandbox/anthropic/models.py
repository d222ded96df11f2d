"""The models that the Anthropic side pretends to be."""

from __future__ import annotations

from typing import Any

from apps.sandbox.problem import Problem, invalid

MODELS = (
    ("claude-opus-5-5", "Claude Opus 5.5", "2026-09-24"),
    ("claude-sonnet-5-5", "Claude Sonnet 5.5", "2026-09-24"),
    ("claude-haiku-5-5", "Claude Haiku 5.5", "2026-10-15"),
    ("claude-fable-5-2", "Claude Fable 5.2", "2026-10-15"),
    ("claude-opus-5", "Claude Opus 5", "2026-05-20"),
    ("claude-sonnet-5", "Claude Sonnet 5", "2026-05-20"),
    ("claude-opus-4-8", "Claude Opus 4.8", "2026-04-02"),
    ("claude-opus-4-7", "Claude Opus 4.7", "2026-02-19"),
    ("claude-sonnet-4-6", "Claude Sonnet 4.6", "2026-02-05"),
    ("claude-haiku-4-5", "Claude Haiku 4.5", "2025-10-15"),
)
MODEL_IDS = frozenset(entry[0] for entry in MODELS)


def model_info(entry: tuple[str, str, str]) -> dict[str, Any]:
    """One model, as the models endpoint shows it."""
    return {
        "id": entry[0],
        "type": "model",
        "display_name": entry[1],
        "created_at": f"{entry[2]}T00:00:00Z",
        "lifecycle": "active",
        "max_input_tokens": 1_000_000,
        "max_tokens": 128_000,
    }


def model_list(query: dict[str, str]) -> dict[str, Any]:
    """A page of models: `limit`, `after_id`, `before_id` as the provider understands them."""
    entries = list(MODELS)
    ids = [entry[0] for entry in entries]
    if (after := query.get("after_id")) in ids:
        entries = entries[ids.index(str(after)) + 1 :]
    if (before := query.get("before_id")) in ids:
        entries = entries[: ids.index(str(before))]
    limit = query.get("limit", "20")
    if not limit.isdigit() or not 1 <= int(limit) <= 1000:
        raise invalid("limit: Input should be between 1 and 1000")
    page = entries[: int(limit)]
    return {
        "data": [model_info(entry) for entry in page],
        "has_more": len(page) < len(entries),
        "first_id": page[0][0] if page else None,
        "last_id": page[-1][0] if page else None,
    }


def model_named(model: str) -> dict[str, Any]:
    """One model by its id; unknown ones are refused as the provider does."""
    for entry in MODELS:
        if entry[0] == model:
            return model_info(entry)
    raise unknown_model(model)


def unknown_model(model: str) -> Problem:
    """The refusal of a model that the provider does not offer."""
    return Problem(status=404, message=f"model: {model}")
