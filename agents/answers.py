"""From what a model wrote to what a handler gets. Pure: runs after the money is booked and the text is stored."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from agents import tokens
from agents.contracts import Answer
from agents.errors import AnswerInvalid, ModelRefused
from agents.providers import messages
from agents.providers.base import ProviderAnswer
from agents.providers.messages import Block, Text, ToolUse
from billing import money

REFUSAL = "refusal"
PAUSED = "pause_turn"
CUT = ("max_tokens", "model_context_window_exceeded")


@dataclass(frozen=True, kw_only=True)
class Stored:
    """An answer as its call keeps it."""

    body: dict[str, Any]
    replayed: bool

    @property
    def blocks(self) -> tuple[Block, ...]:
        """What was said. Answers of earlier versions have words only."""
        if "blocks" not in self.body:
            return (Text(text=self.body["text"]),)
        return messages.blocks_of_json(self.body["blocks"])

    @property
    def is_refusal(self) -> bool:
        """Whether the model declined."""
        return bool(self.body["stop_reason"] == REFUSAL)

    @property
    def is_paused(self) -> bool:
        """Whether the model wants to go on, and to be asked to."""
        return bool(self.body["stop_reason"] == PAUSED)

    @property
    def cost(self) -> Decimal:
        """What it has cost."""
        return Decimal(self.body["cost_usd"])


def said(answer: ProviderAnswer) -> dict[str, Any]:
    """What of an answer is stored: its blocks, why it ended."""
    blocks: list[dict[str, Any]] = tokens.clean_json(messages.blocks_as_json(answer.blocks))
    return {
        "text": tokens.clean(answer.text),
        "blocks": blocks,
        "stop_reason": answer.stop_reason,
        "stop_detail": tokens.clean(answer.stop_detail),
    }


def whole(bought: Sequence[Stored], blocks: Sequence[Block], data: dict[str, Any] | list[Any] | None) -> Answer:
    """The last of these answers, with the tokens and the cost of all: repairs are part of the price."""
    last = bought[-1].body
    return Answer(
        text=messages.words(blocks),
        blocks=tuple(blocks),
        data=data,
        model=last["model"],
        role=last["role"],
        provider=last["provider"],
        input_tokens=sum(answer.body["input_tokens"] for answer in bought),
        output_tokens=sum(answer.body["output_tokens"] for answer in bought),
        cost_usd=sum((Decimal(answer.body["cost_usd"]) for answer in bought), start=money.ZERO),
        replayed=all(answer.replayed for answer in bought),
        sandbox=last["sandbox"],
        stop_reason=last["stop_reason"],
    )


def read(
    blocks: Sequence[Block],
    *,
    stop_reason: str,
    schema: dict[str, Any] | None,
    with_tools: bool = False,
    stop_detail: str = "",
) -> dict[str, Any] | list[Any] | None:
    """The parsed answer; None where no schema was given, or tools that were offered are asked for first.

    ModelRefused when the model declines; AnswerInvalid when the answer is empty, does not fit, or asks for a tool where
    none was offered.
    """
    if stop_reason == REFUSAL:
        raise ModelRefused(f"The model declined to answer this ({stop_detail})" if stop_detail else None)
    if any(isinstance(block, ToolUse) for block in blocks):
        if not with_tools:
            raise AnswerInvalid("the answer asked for a tool, and there is none")
        return None
    text = messages.words(blocks)
    if not text.strip():
        raise AnswerInvalid("the answer was empty" + (_SHORTER if stop_reason in CUT else ""))
    return None if schema is None else _fitting(_parsed(text, stop_reason), schema)


_SHORTER = " because it was cut at its limit of tokens; be shorter"


def _parsed(text: str, stop_reason: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_such_number)
    except (ValueError, RecursionError):
        cut = _SHORTER if stop_reason in CUT else ""
        raise AnswerInvalid(f"the answer was not JSON{cut}", path="$") from None


def _fitting(data: Any, schema: dict[str, Any]) -> dict[str, Any] | list[Any]:
    wrong = best_match(Draft202012Validator(schema).iter_errors(data))
    if wrong is not None:
        why = f"the answer did not fit the schema at {wrong.json_path}: {wrong.message[:300]}"
        raise AnswerInvalid(why, path=wrong.json_path)
    if not isinstance(data, dict | list):
        raise AnswerInvalid("the answer was neither a JSON object nor an array")
    return data


def _no_such_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
