"""What a test or an operator may ask and set. These requests are not journalled.

    GET    /healthz                       alive, and how many answers are under way
    GET    /journal?after=N&limit=M       entries above N; also &request_id=, &path=, &outcome=, &model=
    GET    /journal/count                 exact totals
    DELETE /journal                       forget it all
    POST   /scenarios                     queue one scenario, or a list of them: {"match", "times", "do" or "turns"}
    GET    /scenarios                     those that still wait
    DELETE /scenarios[/{id}]              forget all, or one
    DELETE /memory                        forget cached prompts and stored responses
    GET, POST /settings                   {"latency_ms", "chunk_ms"}

Answers are JSON; a mistake is a 400 with {"error": why}.
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import Any

from apps.sandbox.http import SANDBOX_HEADER, Reply, Request
from apps.sandbox.provider import Provider, Settings
from apps.sandbox.script import BadScenario

ROOTS = ("/healthz", "/journal", "/scenarios", "/settings", "/memory")
FILTERS = ("request_id", "provider", "path", "outcome", "model", "kind")


class BadRequest(ValueError):
    """The control request cannot be understood."""


def is_meant(path: str) -> bool:
    """Whether a path belongs to the control side."""
    return path.startswith(ROOTS)


async def answer(provider: Provider, request: Request, reply: Reply) -> None:
    """Answer one control request."""
    try:
        status, payload = _answer(provider, request)
    except (BadRequest, BadScenario, ValueError) as error:
        status, payload = 400, {"error": str(error)}
    body = json.dumps(payload, ensure_ascii=False).encode()
    await reply.whole(status, [("content-type", "application/json"), SANDBOX_HEADER], body)


def _answer(provider: Provider, request: Request) -> tuple[int, Any]:
    match request.method, request.path.rstrip("/").split("/")[1:]:
        case "GET", ["healthz"]:
            return 200, {"status": "ok", "sandbox": True, "open": provider.open}
        case "GET", ["journal"]:
            return 200, _entries(provider, request.query)
        case "GET", ["journal", "count"]:
            return 200, provider.journal.count()
        case "DELETE", ["journal"]:
            provider.journal.clear()
            return 200, provider.journal.count()
        case _, ["scenarios", *rest]:
            return _scenarios(provider, request, rest)
        case "DELETE", ["memory"]:
            provider.memory.clear()
            return 200, {"deleted": True}
        case "GET", ["settings"]:
            return 200, asdict(provider.settings)
        case "POST", ["settings"]:
            return 200, _set(provider.settings, _json(request))
        case _:
            return _unknown(request)


def _scenarios(provider: Provider, request: Request, rest: list[str]) -> tuple[int, Any]:
    match request.method:
        case "POST" if not rest:
            asked = _json(request)
            added = [provider.scenarios.add(one).shown() for one in (asked if isinstance(asked, list) else [asked])]
            return 201, added if isinstance(asked, list) else added[0]
        case "GET" if not rest:
            return 200, provider.scenarios.shown()
        case "DELETE":
            return 200, {"deleted": provider.scenarios.clear(rest[0] if rest else None)}
        case _:
            return _unknown(request)


def _unknown(request: Request) -> tuple[int, Any]:
    return 404, {"error": f"{request.method} {request.path} is not known here"}


def _entries(provider: Provider, query: dict[str, str]) -> list[dict[str, Any]]:
    if unknown := set(query) - {"after", "limit", *FILTERS}:
        raise BadRequest(f"unknown in the query: {', '.join(sorted(unknown))}")
    limit = int(query["limit"]) if "limit" in query else None
    equal = {name: query[name] for name in FILTERS if name in query}
    return provider.journal.entries(after=int(query.get("after", 0)), limit=limit, **equal)


def _set(settings: Settings, asked: object) -> dict[str, Any]:
    known = {entry.name for entry in fields(Settings)}
    if not isinstance(asked, dict) or not set(asked) <= known:
        raise BadRequest(f"settings are {', '.join(sorted(known))}")
    for name, value in asked.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise BadRequest(f"`{name}` is a number, 0 or more")
    for name, value in asked.items():
        setattr(settings, name, value)
    return asdict(settings)


def _json(request: Request) -> object:
    try:
        return json.loads(request.body)
    except ValueError as error:
        raise BadRequest(f"not JSON: {error}") from error
