"""Which request to the OpenAI API is answered by what."""

from __future__ import annotations

import json
from typing import Any

from apps.sandbox import answer, ask, costs, malformed, multipart, schema, sse, usage
from apps.sandbox.answer import Answer
from apps.sandbox.ask import Ask
from apps.sandbox.cache import NOT, Cached
from apps.sandbox.exchange import Exchange
from apps.sandbox.http import Headers, Request
from apps.sandbox.openai import (
    audio,
    chat,
    chat_reading,
    chat_request,
    models,
    quirks,
    responses,
    responses_reading,
    responses_request,
    responses_stream,
    wire,
)
from apps.sandbox.problem import Problem, invalid

CHAT = "/v1/chat/completions"
RESPONSES = "/v1/responses"
MODELS = "/v1/models"


class OpenAIWire:
    """The provider that is asked by `openai.OpenAI`."""

    name = "openai"
    ping = b": keep-alive\n\n"

    def body(self, request: Request) -> object:
        """The JSON of the request, or None where it is none."""
        if (kind := request.headers.get("content-type", "")).startswith("multipart/"):
            return multipart.read(request.body, kind)
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
        del response_id
        return wire.error_body(problem)

    def error_event(self, problem: Problem, *, response_id: str, path: str) -> bytes:
        """The event that ends a stream which fails in the middle."""
        told = wire.error_body(problem)
        if path == RESPONSES:
            error = told["error"]
            more = {"code": error["code"] or error["type"], "message": error["message"], "param": error["param"]}
            return sse.event("error", {"type": "error", "sequence_number": 999, **more})
        del response_id
        return sse.unnamed(told)

    async def answer(self, exchange: Exchange) -> None:
        """Answer one request, or raise Problem."""
        request = exchange.request
        wire.check_headers(request.headers)
        match request.method, request.path.split("/")[2:]:
            case "POST", ["chat", "completions"]:
                await _chat(exchange)
            case "POST", ["responses"]:
                await _responses(exchange)
            case "POST", ["audio", "transcriptions"]:
                await _transcription(exchange)
            case "GET", ["responses", name]:
                await exchange.say(responses.stored(exchange.memory, name))
            case "DELETE", ["responses", name]:
                await exchange.say(responses.deleted(exchange.memory, name))
            case "GET", ["models"]:
                await exchange.say(models.listed())
            case "GET", ["models", name]:
                await exchange.say(models.shown(name))
            case _, [*_] if request.path in (CHAT, RESPONSES, MODELS):
                message = f"Not allowed to {request.method} on {request.path}."
                raise Problem(status=405, message=message, code="method_not_supported")
            case _:
                message = f"Invalid URL ({request.method} {request.path})"
                raise Problem(status=404, message=message, type="invalid_request_error")


async def _chat(exchange: Exchange) -> None:
    body = chat_request.checked(_given(exchange.body))
    neutral = chat_reading.neutral(body)
    asked = ask.read(neutral)
    made = _answered(exchange, asked, param="response_format")
    told = usage.scripted(chat.usage_of(asked, made, _cached(exchange, body, neutral)), exchange.script)
    exchange.entry.kind, exchange.entry.usage = made.kind, usage.journalled(told)
    completion = chat.completion(made, body=body, usage=told)
    used = asked.input_tokens + made.output_tokens
    if exchange.streams(body):
        counts = bool((body.get("stream_options") or {}).get("include_usage"))
        chunks = chat.chunks(completion, counts=counts)
        await exchange.stream(quirks.stream(chunks, exchange.script.oddities), used=used)
    else:
        await exchange.say(quirks.whole(completion, exchange.script.oddities), used=used)


async def _responses(exchange: Exchange) -> None:
    body = responses_request.checked(_given(exchange.body), exchange.memory)
    items = responses_reading.items(body, exchange.memory)
    neutral = responses_reading.neutral(body, items)
    asked = ask.read(neutral)
    made = _answered(exchange, asked, param="text.format.schema")
    told = usage.scripted(responses.usage_of(asked, made, _cached(exchange, body, neutral)), exchange.script)
    exchange.entry.kind, exchange.entry.usage = made.kind, usage.journalled(told)
    response = responses.response(made, body=body, items=items, usage=told)
    if response["store"]:
        exchange.memory.store(response["id"], {"response": response, "input": [*items, *response["output"]]})
    used = asked.input_tokens + made.output_tokens
    if exchange.streams(body):
        await exchange.stream(responses_stream.events(response), used=used)
    else:
        await exchange.say(response, used=used)


async def _transcription(exchange: Exchange) -> None:
    found = audio.heard(exchange.body, exchange.script)
    told = usage.scripted(found.usage, exchange.script)
    exchange.entry.usage = usage.journalled(told)
    if isinstance(exchange.body, dict) and exchange.body.get("stream") == "true":
        exchange.entry.streamed = True
        await exchange.stream(audio.events(found, told))
    else:
        kind, data = audio.body_of(found, told)
        await exchange.send(200, malformed.whole(data, exchange.script), content_type=kind)


def _cached(exchange: Exchange, body: dict[str, Any], neutral: dict[str, Any]) -> Cached:
    """What the prompt finds in the cache. Without a key nobody can say what a real one finds: here, nothing."""
    key = body.get("prompt_cache_key")
    if key is None:
        return NOT
    return exchange.memory.cache.look(costs.pieces(neutral), scope=f"{body['model']} {key}", everywhere="1h")


def _answered(exchange: Exchange, asked: Ask, *, param: str) -> Answer:
    try:
        return answer.answer(asked, exchange.script)
    except schema.Unsatisfiable as error:
        raise invalid(f"Invalid schema: no instance of it is known: {error}", param=param) from error


def _given(body: object) -> object:
    if body is None:
        raise invalid(
            "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP "
            "library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)"
        )
    return body
