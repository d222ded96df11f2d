"""Which request to the Anthropic API is answered by what."""

from __future__ import annotations

import json
from typing import Any

from apps.sandbox import answer, ask, costs, schema, sse, usage
from apps.sandbox.anthropic import caching, models, stream, validation, wire
from apps.sandbox.exchange import Exchange
from apps.sandbox.http import Headers, Request
from apps.sandbox.problem import Problem, invalid

MESSAGES = "/v1/messages"
COUNT = "/v1/messages/count_tokens"
MODELS = "/v1/models"


class AnthropicWire:
    """The provider that is asked by `anthropic.Anthropic`."""

    name = "anthropic"
    ping = sse.event("ping", {"type": "ping"})

    def body(self, request: Request) -> object:
        """The JSON of the request, or None where it is none."""
        try:
            return json.loads(request.body) if request.body else None
        except ValueError:
            return None

    def headers(self, *, response_id: str, content_type: str, used: int, model: str | None) -> Headers:
        """The headers of every reply."""
        del model
        return wire.headers(response_id=response_id, content_type=content_type, used=used)

    def error_body(self, problem: Problem, *, response_id: str) -> dict[str, Any]:
        """The body of a refusal."""
        return wire.error_body(problem, response_id=response_id)

    def error_event(self, problem: Problem, *, response_id: str, path: str) -> bytes:
        """The event that ends a stream which fails in the middle."""
        del path
        return sse.event("error", wire.error_body(problem, response_id=response_id))

    async def answer(self, exchange: Exchange) -> None:
        """Answer one request, or raise Problem."""
        request = exchange.request
        validation.check_headers(request.headers)
        match request.method, request.path:
            case "POST", path if path == MESSAGES:
                has_paused = exchange.memory.has_paused
                await _message(exchange, validation.check_body(_given(exchange.body), has_paused=has_paused))
            case "POST", path if path == COUNT:
                counted = validation.check_body(_given(exchange.body), counting=True)
                await exchange.say({"input_tokens": costs.of_request(counted)})
            case "GET", path if path == MODELS:
                await exchange.say(models.model_list(request.query))
            case "GET", path if path.startswith(f"{MODELS}/"):
                await exchange.say(models.model_named(path.removeprefix(f"{MODELS}/")))
            case _, path if path in (MESSAGES, COUNT, MODELS):
                raise Problem(status=405, message="Method Not Allowed")
            case _:
                raise Problem(status=404, message="Not found")


async def _message(exchange: Exchange, body: dict[str, Any]) -> None:
    asked = ask.read(body)
    try:
        made = answer.answer(asked, exchange.script)
    except schema.Unsatisfiable as error:
        raise invalid(f"output_config.format.schema: no instance of this schema is known: {error}") from error
    cached = caching.look(exchange.memory.cache, body)
    cost = wire.usage_of(input_tokens=asked.input_tokens, cached=cached, answer=made)
    told = usage.scripted(cost, exchange.script)
    exchange.entry.kind, exchange.entry.usage = made.kind, usage.journalled(told)
    message = wire.message(made, model=asked.model, id=wire.message_id(body), usage=told)
    if message["stop_reason"] == "pause_turn":
        exchange.memory.pause(message["content"])
    used = asked.input_tokens + made.output_tokens
    if exchange.streams(body):
        await exchange.stream(stream.events(message), used=used)
    else:
        await exchange.say(wire.public(message), used=used)


def _given(body: object) -> object:
    if body is None:
        raise invalid("The request body is not valid JSON")
    return body
