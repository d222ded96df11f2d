"""Thoughts among the items of a Responses request: they come back sealed, and before the calls that they led to."""

from __future__ import annotations

from typing import Any

from apps.sandbox import seals
from apps.sandbox.problem import invalid

CALL, THOUGHT = "fc_sandbox_", "rs_sandbox_"
AFTER_THOUGHT = "call_sandbox_t"


def check(items: list[dict[str, Any]]) -> None:
    """Refuse thoughts that were made up, and calls that come without the thought before them."""
    seen: set[str] = set()
    for item in items:
        own = str(item.get("id") or "")
        if item.get("type") == "reasoning":
            _check_seal(item)
            seen.add(_answer_of(own))
        elif item.get("type") == "function_call" and own.startswith(CALL):
            after_thought = str(item.get("call_id")).startswith(AFTER_THOUGHT)
            if after_thought and _answer_of(own) not in seen:
                missing = f"{THOUGHT}{_answer_of(own)}_0"
                told = f"was provided without its required 'reasoning' item: '{missing}'."
                raise invalid(f"Item '{own}' of type 'function_call' {told}", param="input")


def _check_seal(item: dict[str, Any]) -> None:
    sealed = item.get("encrypted_content")
    if sealed is not None and seals.verdict("", sealed) == "forged" and not seals.is_hidden(sealed):
        message = f"The encrypted content for item {item.get('id')} could not be verified."
        raise invalid(message, param="input", code="invalid_encrypted_content")


def _answer_of(item_id: str) -> str:
    """The part of an item's id that all items of one answer share."""
    return item_id.removeprefix(CALL).removeprefix(THOUGHT).rpartition("_")[0]
