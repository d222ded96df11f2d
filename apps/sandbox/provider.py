"""What a model provider answers. Every request is journalled here, before anything is answered.

The order is that of a real provider, with the script first: a scripted fault hits even a bad request.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from apps.sandbox import answer, ask, schema, sse, tokens, validation
from apps.sandbox import anthropic_wire as wire
from apps.sandbox.anthropic_wire import Problem
from apps.sandbox.http import Reply, Request
from apps.sandbox.journal import MODEL_PATH, Entry, Journal, Outcome
from apps.sandbox.outlet import Broken, Outlet
from apps.sandbox.scenarios import USUAL, BadScenario, Queue, Script, Subject, script

COUNT_PATH = "/v1/messages/count_tokens"
MODELS_PATH = "/v1/models"
JSON = "application/json"
STREAM = "text/event-stream; charset=utf-8"
ABSURD = {"input_tokens": 10**12, "output_tokens": 10**12}


@dataclass(kw_only=True, slots=True)
class Settings:
    """How quickly the sandbox answers when nothing is scripted."""

    latency_ms: float = 50.0
    """Before the first byte of an answer to a model request."""
    chunk_ms: float = 6.0
    """Between two pairs of events of a stream; 0 sends the stream in one piece."""


@dataclass(kw_only=True)
class Provider:
    """The provider's side of the sandbox and all that it remembers."""

    settings: Settings = field(default_factory=Settings)
    scenarios: Queue = field(default_factory=Queue)
    journal: Journal = field(default_factory=Journal)
    open: int = 0

    async def answer(self, request: Request, reply: Reply) -> None:
        """Answer one request, and write down what became of it."""
        entry = self.journal.open(
            method=request.method, path=request.path, request_id=request.headers.get("x-nexus-request-id")
        )
        entry.response_id = f"req_sandbox_{entry.n:09d}"
        outcome: Outcome = "error"
        self.open += 1
        try:
            outcome = await self._exchange(request, reply, entry)
        except asyncio.CancelledError:
            # The connection was lost under the answer: nobody is there to read the rest.
            outcome = "client_gone"
            raise
        finally:
            self.open -= 1
            self.journal.close(entry, outcome=outcome, sent=reply.sent)

    async def _exchange(self, request: Request, reply: Reply, entry: Entry) -> Outcome:
        body = _json(request.body)
        try:
            what = self._script(request, body, entry)
        except BadScenario as error:
            await _refuse(
                Outlet(reply, USUAL, gzip=False, last_words=b""), wire.invalid(f"x-scenario: {error}"), entry, USUAL
            )
            return "error"
        outlet = Outlet(reply, what, gzip=_gzips(what, request), last_words=_last_words(what, entry))
        try:
            await self._wait(request, what)
            await outlet.before_headers()
            return await self._answer(request, body, what, outlet, entry)
        except Broken:
            return "error" if what.error_after_events is not None else "cut"
        except Problem as problem:
            try:
                await _refuse(outlet, problem, entry, what)
            except Broken:
                return "cut"
            return "error"

    async def _wait(self, request: Request, what: Script) -> None:
        usual = self.settings.latency_ms if request.path == MODEL_PATH else 0
        wait = usual if what.latency_ms is None else what.latency_ms
        if wait:
            await asyncio.sleep(wait / 1000)

    def _script(self, request: Request, body: object, entry: Entry) -> Script:
        """What shall happen to this request: its own header goes before the queue."""
        prompt = ask.prompt_of(body)
        model = body.get("model") if isinstance(body, dict) else None
        streamed = isinstance(body, dict) and body.get("stream") is True
        entry.model, entry.streamed = model if isinstance(model, str) else None, streamed
        if prompt:
            entry.prompt_sha256 = hashlib.sha256(prompt.encode()).hexdigest()
            entry.prompt_head = ask.head_of(body)
        if (header := request.headers.get("x-scenario")) is not None:
            entry.scenario = "header"
            try:
                return script(json.loads(header))
            except ValueError as error:
                raise BadScenario(str(error)) from error
        subject = Subject(
            path=request.path, model=entry.model, prompt=prompt, request_id=entry.request_id, streamed=streamed
        )
        scenario = self.scenarios.take(subject)
        if scenario is None:
            return USUAL
        entry.scenario = scenario.id
        return scenario.script

    async def _answer(self, request: Request, body: object, what: Script, outlet: Outlet, entry: Entry) -> Outcome:
        if what.body is not None:
            status = what.status or 200
            await _whole(outlet, status, what.body.encode(), entry, what, content_type=what.content_type)
            return "answered" if status < 400 else "error"
        if what.status is not None and what.status >= 400:
            raise _scripted_problem(what, status=what.status)
        if request.too_large:
            raise Problem(status=413)
        validation.check_headers(request.headers)
        match request.method, request.path:
            case "POST", path if path == MODEL_PATH:
                await self._message(validation.check_body(_given(body)), what, outlet, entry)
            case "POST", path if path == COUNT_PATH:
                counted = tokens.of_request(validation.check_body(_given(body), counting=True))
                await _say(outlet, {"input_tokens": counted}, entry, what)
            case "GET", path if path == MODELS_PATH:
                await _say(outlet, wire.model_list(request.query), entry, what)
            case "GET", path if path.startswith(f"{MODELS_PATH}/"):
                await _say(outlet, wire.model_named(path.removeprefix(f"{MODELS_PATH}/")), entry, what)
            case _, path if path in (MODEL_PATH, COUNT_PATH, MODELS_PATH):
                raise Problem(status=405, message="Method Not Allowed")
            case _:
                raise Problem(status=404, message="Not found")
        return "answered"

    async def _message(self, body: dict[str, Any], what: Script, outlet: Outlet, entry: Entry) -> None:
        asked = ask.read(body)
        try:
            made = answer.answer(asked, what)
        except schema.Unsatisfiable as error:
            raise wire.invalid(f"output_config.format.schema: no instance of this schema is known: {error}") from error
        entry.kind = made.kind
        usage = _usage(wire.usage_of(input_tokens=asked.input_tokens, answer=made), what)
        entry.usage = {name: int(usage.get(name) or 0) for name in ("input_tokens", "output_tokens")} if usage else None
        message = wire.message(made, model=asked.model, id=wire.message_id(body), usage=usage)
        used = asked.input_tokens + made.output_tokens
        if body.get("stream"):
            await self._stream(message, what, outlet, entry, used)
        else:
            await _say(outlet, message, entry, what, used=used)

    async def _stream(self, message: dict[str, Any], what: Script, outlet: Outlet, entry: Entry, used: int) -> None:
        events = sse.events(message)
        if what.malformed is not None:
            events = sse.malform(events, what.malformed, at=what.malformed_after_events)
        entry.status = 200
        assert entry.response_id is not None
        headers = wire.headers(response_id=entry.response_id, content_type=STREAM, used=used)
        await outlet.head(200, [*headers, ("cache-control", "no-cache"), *_extra(what)])
        pause = self.settings.chunk_ms if what.chunk_ms is None else what.chunk_ms
        # Events go out in pairs: nobody sees the difference, and it halves the wake-ups. Where the script
        # counts events, each goes alone; where there is no pause, they all go at once.
        together = 1 if what.breaking_point is not None else 2 if pause else len(events)
        for start in range(0, len(events), together):
            if start and pause:
                await asyncio.sleep(pause / 1000)
            await outlet.event(b"".join(events[start : start + together]))
        await outlet.end()


async def _say(outlet: Outlet, payload: dict[str, Any], entry: Entry, what: Script, *, used: int = 0) -> None:
    body = json.dumps(payload, ensure_ascii=False).encode()
    if what.malformed == "truncated_json":
        body = body[: len(body) // 2]
    elif what.malformed == "invalid_utf8":
        body = body[:-1] + b',"\xff\xfe":"\xc3\x28"}'
    await _whole(outlet, what.status or 200, body, entry, what, used=used)


async def _refuse(outlet: Outlet, problem: Problem, entry: Entry, what: Script) -> None:
    assert entry.response_id is not None
    payload = wire.error_body(problem, response_id=entry.response_id)
    await _whole(outlet, problem.status, json.dumps(payload, ensure_ascii=False).encode(), entry, what)


async def _whole(
    outlet: Outlet, status: int, body: bytes, entry: Entry, what: Script, *, content_type: str = JSON, used: int = 0
) -> None:
    entry.status = status
    assert entry.response_id is not None
    headers = wire.headers(response_id=entry.response_id, content_type=content_type, used=used)
    await outlet.whole(status, [*headers, *_extra(what)], body)


def _given(body: object) -> object:
    if body is None:
        raise wire.invalid("The request body is not valid JSON")
    return body


def _json(body: bytes) -> object:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None


def _gzips(what: Script, request: Request) -> bool:
    return what.gzip and "gzip" in request.headers.get("accept-encoding", "")


def _extra(what: Script) -> list[tuple[str, str]]:
    found = [(name.lower(), str(value)) for name, value in what.headers.items()]
    if what.retry_after is not None:
        found.append(("retry-after", str(what.retry_after)))
    return found


def _scripted_problem(what: Script, *, status: int) -> Problem:
    error = what.error or {}
    return Problem(
        status=status, message=error.get("message", ""), type=error.get("type"), details=error.get("details")
    )


def _last_words(what: Script, entry: Entry) -> bytes:
    """The error event that ends a stream where the script wants one."""
    assert entry.response_id is not None
    problem = _scripted_problem(what, status=529)
    return sse.event("error", wire.error_body(problem, response_id=entry.response_id))


def _usage(usage: dict[str, Any], what: Script) -> dict[str, Any] | None:
    match what.usage:
        case None:
            return usage
        case "missing":
            return None
        case "zero":
            return {**usage, "input_tokens": 0, "output_tokens": 0}
        case "absurd":
            return {**usage, **ABSURD}
        case dict() as given:
            return {**usage, **given}
