"""From what a model wrote to what a handler gets. Pure: runs after the money is booked and the text is stored."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from agents.contracts import Answer
from agents.errors import AnswerInvalid, ModelRefused
from billing import money

REFUSAL = "refusal"
CUT = ("max_tokens", "model_context_window_exceeded")


@dataclass(frozen=True, kw_only=True)
class Stored:
    """An answer as its call keeps it."""

    body: dict[str, Any]
    replayed: bool


def whole(bought: Sequence[Stored], data: dict[str, Any] | list[Any] | None) -> Answer:
    """The last of these answers, with the tokens and the cost of all: repairs are part of the price."""
    last = bought[-1].body
    return Answer(
        text=last["text"],
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


def read(text: str, *, stop_reason: str, schema: dict[str, Any] | None) -> dict[str, Any] | list[Any] | None:
    """The parsed answer, or None where no schema was given. AnswerInvalid when it is empty or does not fit."""
    if stop_reason == REFUSAL:
        raise ModelRefused
    if not text.strip():
        raise AnswerInvalid("the answer was empty")
    return None if schema is None else _fitting(_parsed(text, stop_reason), schema)


def _parsed(text: str, stop_reason: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_such_number)
    except (ValueError, RecursionError):
        cut = " because it was cut at its limit of tokens; be shorter" if stop_reason in CUT else ""
        raise AnswerInvalid(f"the answer was not JSON{cut}") from None


def _fitting(data: Any, schema: dict[str, Any]) -> dict[str, Any] | list[Any]:
    wrong = best_match(Draft202012Validator(schema).iter_errors(data))
    if wrong is not None:
        raise AnswerInvalid(f"the answer did not fit the schema at {wrong.json_path}: {wrong.message[:300]}")
    if not isinstance(data, dict | list):
        raise AnswerInvalid("the answer was neither a JSON object nor an array")
    return data


def _no_such_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
