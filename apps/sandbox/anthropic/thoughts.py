"""Thoughts that come back: they must be whole, and where tools are used they must be there."""

from __future__ import annotations

from typing import Any

from apps.sandbox import seals
from apps.sandbox.problem import invalid

THOUGHTS = ("thinking", "redacted_thinking")
AFTER_THOUGHT = "toolu_sandbox_t"
"""How the id of a call begins that was made after a thought."""


def check(messages: list[dict[str, Any]], *, thinks: bool, must: bool) -> None:
    """Refuse thoughts that were changed, and tool results that come without the thought before their call.

    `thinks` where this request thinks at all; `must` where every turn that uses tools begins with a thought.
    """
    assistants = [number for number, message in enumerate(messages) if message["role"] == "assistant"]
    for number in assistants:
        for place, block in enumerate(_blocks(messages[number])):
            _check_seal(f"messages.{number}.content.{place}", block)
    if thinks and assistants and _brings_results(messages[-1]):
        _check_opening(f"messages.{assistants[-1]}.content.0", _blocks(messages[assistants[-1]]), must=must)


def _check_seal(at: str, block: dict[str, Any]) -> None:
    kind = block.get("type")
    if kind == "redacted_thinking" and not seals.is_hidden(block.get("data")):
        raise invalid(f"{at}: Invalid `data` in `redacted_thinking` block")
    if kind != "thinking":
        return
    verdict = seals.verdict(str(block.get("thinking", "")), block.get("signature"))
    if verdict == "forged":
        raise invalid(f"{at}: Invalid `signature` in `thinking` block")
    if verdict == "changed":
        raise invalid(
            f"{at}: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. "
            "These blocks must remain as they were in the original response."
        )


def _check_opening(at: str, blocks: list[dict[str, Any]], *, must: bool) -> None:
    thought_before = any(str(block.get("id", "")).startswith(AFTER_THOUGHT) for block in blocks)
    if (must or thought_before) and blocks and blocks[0].get("type") not in THOUGHTS:
        raise invalid(
            f"{at}.type: Expected `thinking` or `redacted_thinking`, but found `{blocks[0].get('type')}`. When "
            "`thinking` is enabled, a final `assistant` message must start with a thinking block (preceeding the "
            "lastmost set of `tool_use` and `tool_result` blocks). We recommend you include thinking blocks from "
            "previous turns. To avoid this requirement, disable `thinking`."
        )


def _blocks(message: dict[str, Any]) -> list[dict[str, Any]]:
    content = message["content"]
    return [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []


def _brings_results(message: dict[str, Any]) -> bool:
    return any(block.get("type") == "tool_result" for block in _blocks(message))
