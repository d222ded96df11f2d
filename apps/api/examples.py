"""The shapes, filled in: what OpenAPI shows beside each operation."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample

ID = "WO-20260217-0001"
MESSAGE = "Draft a release checklist for a Django service with Celery workers"
AT = "2026-02-17T09:30:00.120000+00:00"
NOTHING_YET: dict[str, Any] = {
    "id": ID,
    "status": "queued",
    "message": MESSAGE,
    "attachments": [],
    "project": "default",
    "brief": "",
    "intent": "",
    "difficulty": "",
    "owner_role": "",
    "created_at": AT,
    "finished_at": None,
    "sandbox": False,
    "cost_usd": "0.000000000",
    "tokens": {"input": 0, "output": 0},
    "budget_usd": None,
    "quote": None,
    "deliverable": None,
    "question": None,
    "review": None,
    "waiting_for": None,
    "last_seq": 1,
    "tasks": [],
}
TASK: dict[str, Any] = {
    "key": "triage",
    "title": "Triage",
    "type": "order.triage",
    "queue": "nexus.control",
    "role": "admin",
    "model": "claude-haiku-5-5",
    "state": "completed",
    "depends_on": [],
    "priority": 5,
    "attempts": [
        {
            "number": 1,
            "worker": "agents@host",
            "outcome": "completed",
            "started_at": AT,
            "finished_at": AT,
            "error": None,
        }
    ],
    "tokens": {"input": 412, "output": 96},
    "cost_usd": "0.000089200",
    "waiting_for": None,
    "progress": None,
}
EVENT = {"seq": 1, "kind": "run.submitted", "task": None, "data": {}, "at": AT}


def asked(name: str, value: Any) -> OpenApiExample:
    """A request, filled in."""
    return OpenApiExample(name, value=value, request_only=True)


def answered(name: str, value: Any, status: str = "200", media_type: str = "application/json") -> OpenApiExample:
    """An answer, filled in."""
    return OpenApiExample(name, value=value, response_only=True, status_codes=[status], media_type=media_type)


ASKED = asked("A sentence", {"message": MESSAGE})
ASKED_IN_FULL = asked(
    "Everything",
    {
        "message": "Find out why the worker leaks memory and propose a fix",
        "project": "default",
        "files": [{"name": "src/worker.py", "content": "cache = {}\n"}],
        "acceptance": ["Names the cause.", {"kind": "required", "text": "rollback"}],
        "budget_usd": "2.50",
        "priority": 8,
        "workflow": "",
    },
)
REASON = asked("With a reason", {"reason": "The release was moved to next week."})
ANSWER = asked("An answer", {"text": "RabbitMQ, Kafka and NATS, for ten thousand messages a second"})
FILED = answered("Filed", NOTHING_YET, "201")
COMPLETED = answered(
    "Completed",
    {
        **NOTHING_YET,
        "status": "completed",
        "intent": "documentation",
        "difficulty": "normal",
        "owner_role": "director",
        "finished_at": AT,
        "cost_usd": "0.000089200",
        "tokens": {"input": 412, "output": 96},
        "deliverable": {
            "name": "release-checklist.md",
            "content_type": "text/markdown; charset=utf-8",
            "text": "# Release checklist\n",
            "sha256": "0c0d6b0f0f4f2f1c5f0e6a0a3d9d9b0a3f4a5c6d7e8f90123456789abcdef012",
            "url": f"/api/v2/work-orders/{ID}/deliverable",
        },
        "last_seq": 41,
        "tasks": [TASK],
    },
)
_LINE = {
    "id": ID,
    "status": "queued",
    "message": MESSAGE,
    "project": "default",
    "intent": "",
    "difficulty": "",
    "owner_role": "",
    "priority": 5,
    "created_at": AT,
    "finished_at": None,
    "cost_usd": "0.000000000",
    "tokens": {"input": 0, "output": 0},
}
PAGE = answered("A page", {"results": [_LINE], "next": None, "previous": None})
EVENTS = answered("Events", {"results": [EVENT], "last_seq": 1})
STREAM = answered(
    "A stream",
    'retry: 3000\n\nid: 1\nevent: run.submitted\ndata: {"seq": 1, "kind": "run.submitted", …}\n\n'
    'event: delta\ndata: {"task": "draft", "delta": "# Release"}\n\nevent: done\ndata: {"last_seq": 41}\n\n',
    media_type="text/event-stream",
)
_RINGS = [
    {"task": 7, "key": "draft", "queue": "nexus.agents", "id": "0d4b…"},
    {"task": 8, "key": "checks", "queue": "nexus.agents", "id": "1e5c…"},
]
_BODY = {"task": 9, "key": "join", "queue": "nexus.control", "id": "2f6d…"}
CANVASES = answered(
    "A chord",
    {"results": [{"kind": "chord", "shape": {"rings": _RINGS, "body": _BODY, "carries": ["join"]}, "rung_at": AT}]},
)
LEDGER = answered(
    "One line",
    {
        "results": [
            {
                "request_id": "3f0c9a52-5b77-4d0a-9d7d-7a9f0d4f2f11",
                "kind": "CHARGE",
                "quality": "reported",
                "amount_usd": "0.000089200",
                "provider": "anthropic",
                "model": "claude-haiku-5-5",
                "role": "admin",
                "task": "triage",
                "input_tokens": 412,
                "output_tokens": 96,
                "heard_ms": 0,
                "at": AT,
            }
        ],
        "total_usd": "0.000089200",
    },
)
_FAILURE = {
    "fingerprint": "7d4e" * 16,
    "count": 3,
    "first_at": "2026-11-22T08:00:00+00:00",
    "last_at": "2026-11-22T08:07:31+00:00",
    "types": ["section"],
    "error": {"code": "provider_error", "message": "The provider answered 500"},
}
_LETTER = {
    "order": ID,
    "task": "section-2",
    "title": "Rollback",
    "type": "section",
    "attempts": 4,
    "input": {"role": "director", "title": "Rollback", "focus": "How to go back"},
    "error": {"code": "provider_error", "message": "The provider answered 500"},
    "buried_at": "2026-11-22T08:00:00+00:00",
}
DEAD_LETTERS = answered("One failure of three tasks", {"results": [_FAILURE]})
DEAD_LETTERS_OF_ONE = answered("One failure", {**_FAILURE, "letters": [_LETTER]})
REDRIVE = asked("By another role, thirty a minute", {"role": "ceo", "rate": 30, "reason": "the director's model fails"})
REDRIVEN = answered("Three tasks", {"redriven": 3})
_BUDGET = {
    "kind": "order",
    "key": ID,
    "limit_usd": "5.000000000",
    "spent_usd": "1.204300000",
    "reserved_usd": "0.000000000",
}
BUDGETS = answered("One budget", {"results": [_BUDGET], "next": None, "previous": None})
NEW_LIMIT = asked("Five dollars", {"limit_usd": "5.00", "reason": "worth it"})
BUDGET = answered("The budget", _BUDGET)
_TOOL = {
    "tool_id": "web_fetch", "tool_name": "web_fetch", "display_name": "web_fetch",
    "description": "Read a web page or a text file.", "category": "general", "source": "system", "origin": "python",
    "version": 1, "code_path": "", "dependencies": [], "effect": "read", "permission": "allow", "enabled": True,
    "usage_count": 3, "used_at": "2026-11-22T03:40:00Z", "created_at": "2026-11-22T03:00:00Z",
    "updated_at": "2026-11-22T03:00:00Z",
    "schema": {"type": "object", "properties": {"url": {"type": "string"}}, "required": ["url"]},
}  # fmt: skip
_AROUND = {"success": True, "message": "", "timestamp": AT, "request_id": "0f6a2f0a9c111d1e4c2e7a554f1c9a3f"}
_NUMBERS = {"page": 1, "limit": 20, "total": 1, "pages": 1, "has_next": False, "has_prev": False}
TOOLS = answered("One tool", {**_AROUND, "data": [_TOOL], "pagination": _NUMBERS})
TOOL = answered("The tool", {**_AROUND, "data": _TOOL})
