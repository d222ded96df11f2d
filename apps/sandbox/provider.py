"""What a model provider answers. Every request is journalled here, before anything is answered.

The order is that of a real provider, with the script first: a scripted fault hits even a bad request.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass, field, replace

from apps.sandbox import conversation, scenarios, templates
from apps.sandbox.anthropic.api import AnthropicWire
from apps.sandbox.exchange import Exchange, Wire
from apps.sandbox.http import Reply, Request
from apps.sandbox.journal import Entry, Journal, Outcome, asks_a_model
from apps.sandbox.memory import Memory
from apps.sandbox.openai.api import OpenAIWire
from apps.sandbox.outlet import Broken, Outlet
from apps.sandbox.problem import Problem, invalid
from apps.sandbox.scenarios import Queue, Subject
from apps.sandbox.script import USUAL, BadScenario, Script, meant, script

ANTHROPIC, OPENAI = AnthropicWire(), OpenAIWire()
HEAD = 200


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
    memory: Memory = field(default_factory=Memory)
    open: int = 0

    async def answer(self, request: Request, reply: Reply) -> None:
        """Answer one request, and write down what became of it."""
        wire = _spoken_to(request)
        entry = self.journal.open(
            method=request.method, path=request.path, request_id=request.headers.get("x-nexus-request-id")
        )
        entry.provider, entry.received = wire.name, len(request.body)
        entry.response_id = f"req_sandbox_{entry.n:09d}"
        outcome: Outcome = "error"
        self.open += 1
        try:
            outcome = await self._exchange(request, reply, entry, wire)
        except asyncio.CancelledError:
            # The connection was lost under the answer: nobody is there to read the rest.
            outcome = "client_gone"
            raise
        finally:
            self.open -= 1
            self.journal.close(entry, outcome=outcome, sent=reply.sent)

    async def _exchange(self, request: Request, reply: Reply, entry: Entry, wire: Wire) -> Outcome:
        body = wire.body(request)
        misread: Problem | None = None
        what = USUAL
        try:
            what = self._script(request, body, entry, wire)
        except BadScenario as error:
            misread = invalid(f"sandbox scenario: {error}")
        last_words = wire.error_event(
            _scripted(what, status=529), response_id=str(entry.response_id), path=request.path
        )
        exchange = Exchange(
            request=request,
            body=body,
            script=what,
            entry=entry,
            outlet=Outlet(reply, what, gzip=_gzips(what, request), last_words=last_words),
            wire=wire,
            chunk_ms=self.settings.chunk_ms,
            memory=self.memory,
        )
        try:
            return await self._answer(exchange, misread)
        except Broken:
            return "error" if what.error_after_events is not None else "cut"

    async def _answer(self, exchange: Exchange, misread: Problem | None) -> Outcome:
        what = exchange.script
        await self._wait(exchange)
        await exchange.outlet.before_headers()
        try:
            if misread is not None:
                raise misread
            if what.body is not None:
                status = what.status or 200
                await exchange.send(status, what.body.encode(), content_type=what.content_type)
                return "answered" if status < 400 else "error"
            if what.status is not None and 300 <= what.status < 400:
                await exchange.redirect(what.status)
                return "answered"
            if what.status is not None and what.status >= 400:
                raise _scripted(what, status=what.status)
            if exchange.request.too_large:
                raise Problem(status=413)
            await exchange.wire.answer(exchange)
        except Problem as problem:
            await exchange.refuse(problem)
            return "error"
        return "answered"

    async def _wait(self, exchange: Exchange) -> None:
        request = exchange.request
        usual = self.settings.latency_ms if asks_a_model(request.method, request.path) else 0
        wait = usual if exchange.script.latency_ms is None else exchange.script.latency_ms
        if wait:
            await asyncio.sleep(wait / 1000)

    def _script(self, request: Request, body: object, entry: Entry, wire: Wire) -> Script:
        """What shall happen to this request: its own header goes before the queue, the queue before its words."""
        said = (*self.memory.said_before(body), *conversation.read(body))
        subject = _subject(request, body, entry, wire, said)
        entry.model, entry.streamed = subject.model, subject.streamed
        if subject.prompt:
            entry.prompt_sha256 = hashlib.sha256(subject.prompt.encode()).hexdigest()
            entry.prompt_head = conversation.last_words(said)[:HEAD]
        if (header := request.headers.get("x-scenario")) is not None:
            entry.scenario = "header"
            try:
                found = script(json.loads(header))
            except ValueError as error:
                raise BadScenario(str(error)) from error
        elif (taken := self.scenarios.take(subject)) is not None:
            entry.scenario, found = taken
        elif (told := scenarios.spoken(subject)) is not None:
            entry.scenario, found = scenarios.IN_PROMPT, told
        else:
            return USUAL
        return _filled(meant(found, wire.name), conversation.results(said))


def _subject(request: Request, body: object, entry: Entry, wire: Wire, said: tuple[conversation.Said, ...]) -> Subject:
    given = body if isinstance(body, dict) else {}
    model = given.get("model")
    return Subject(
        path=request.path,
        provider=wire.name,
        asks_a_model=asks_a_model(request.method, request.path),
        model=model if isinstance(model, str) else None,
        prompt=conversation.prompt(said),
        said=said,
        tools=conversation.tools(given),
        request_id=entry.request_id,
        streamed=given.get("stream") is True,
    )


def _spoken_to(request: Request) -> Wire:
    """Whose client is asking: the paths tell, and where both have the same one, the headers."""
    if request.path.startswith("/v1/messages") or {"anthropic-version", "x-api-key"} & set(request.headers):
        return ANTHROPIC
    return OPENAI


def _filled(found: Script, results: list[str]) -> Script:
    filled = {name: templates.fill(getattr(found, name), results) for name in ("text", "data", "content", "tool_calls")}
    return replace(found, **filled)


def _gzips(what: Script, request: Request) -> bool:
    return what.gzip and "gzip" in request.headers.get("accept-encoding", "")


def _scripted(what: Script, *, status: int) -> Problem:
    """The error that the script wants told."""
    error = what.error or {}
    known = {name: error.get(name) for name in ("type", "details", "code", "param")}
    return Problem(status=status, message=error.get("message", ""), **known)
