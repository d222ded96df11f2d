"""The shapes of workflows, filled in: what OpenAPI shows beside each operation."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter

AT = "2026-11-22T13:45:08.120000+00:00"
ID = "WO-20261122-0007"
CHECKSUM = "sha256::856b7d35f079e2cc93ef029f8c57b687cefeaa81906ed32339ee613e2815da2f"
IF_MATCH = OpenApiParameter(
    "If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER,
    description="The ETag of the version that was read: 412 when there is a newer one by now.",
    examples=[OpenApiExample("Version 3", value='"3"')],
)  # fmt: skip

REPLY = {
    "type": "object", "additionalProperties": False, "required": ["assistantReply"],
    "properties": {"assistantReply": {"type": "string"}},
}  # fmt: skip
GIVEN: dict[str, dict[str, Any]] = {
    "tool": {"id": "knowledge_search", "title": "Search the knowledge", "tool": "search_knowledge"},
    "stage": {
        "id": "answer_v1", "title": "Answer", "role": "intern",
        "prompt": "Answer the question.\n\n{{input.user_prompt}}",
        "tools": ["knowledge_search"], "contract": REPLY, "saves": ["assistantReply"],
    },
    "workflow": {"id": "desk", "title": "Desk", "stages": [{"stage": "answer_v1"}]},
    "node": {
        "name": "Detect the agency", "systemPrompt": "Say whose it is.", "pipelineId": "desk", "strategy": "first",
        "actions": [{"type": "call", "stage": "answer_v1"}], "variableMapping": {"text": "input.user_prompt"},
    },
}  # fmt: skip
ABOUT: dict[str, Any] = {"version": 1, "project": "default", "updated_by": "ada", "created_at": AT, "updated_at": AT}
NODE_ID = {"id": "node-1d1e4c2e-7a55-4f1c-9a3f-0f6a2f0a9c11"}
IMPORTED: dict[str, Any] = {
    "id": "rise", "version": 1, "project": "default", "stages": {"judgement_v1": 1}, "tools": {"knowledge_search": 1},
    "knowledge": {"checksum": CHECKSUM, "missing": []}, "url": "/api/workflows/rise",
}  # fmt: skip
APPLIED: dict[str, Any] = {
    "order": ID, "status": "completed", "workflow": "rise", "version": 1, "conversation": "desk-1",
    "request_id": "0f6a2f0a9c111d1e4c2e7a554f1c9a3f", "session_id": "sess-1d1e4c2e-7a55-4f1c-9a3f-0f6a2f0a9c11",
    "assistantReply": "Bring the old card and one photograph to 1 Quay Street.",
    "stages": [
        {
            "stage": "judgement_v1", "state": "completed", "schema_valid": True, "next": "agency_detect_v1",
            "model": "claude-haiku-5-5", "tokens": {"input": 512, "output": 90}, "cost_usd": "0.000198300",
            "latency_ms": 640, "annotations": [], "error": None,
        }
    ],
    "usage": {"input_tokens": 512, "output_tokens": 90, "cost_usd": "0.000198300"}, "sandbox": False,
    "waiting_for": None, "url": f"/api/v2/work-orders/{ID}", "look": f"/api/workflows/runs/{ID}",
    "telemetry_url": f"/api/workflows/telemetry?order={ID}",
}  # fmt: skip
SIMULATED: dict[str, Any] = {
    "workflow": "rise", "version": 1,
    "graph": [{"stage": "judgement_v1", "routes": [{"to": "session_end", "when": None}]}],
    "prompts": [
        {
            "stage": "judgement_v1", "role": "admin", "system": "You work at a desk.", "prompt": "Decide whether …",
            "tokens": 310, "tools": [], "missing_tools": [],
        }
    ],
    "quote": {"usual_usd": "0.001400000", "most_usd": "0.003100000", "basis": "list_price", "samples": 0},
    "knowledge": {"checksum": CHECKSUM, "missing": []},
}  # fmt: skip
TOLD: dict[str, Any] = {
    "kind": "workflow.cached", "order": ID, "seq": 5, "event_type": "CacheEvent", "timestamp": AT,
    "request_id": "0f6a2f0a9c111d1e4c2e7a554f1c9a3f", "convo_id": "1:desk-1", "session_id": "sess-1",
    "iteration": 1, "stage_id": "", "metadata": {"channel": "api", "source": "rise@1"}, "sensitive": [], "op": "load",
}  # fmt: skip
CHANGE: dict[str, Any] = {
    "kind": "stage", "id": "judgement_v1", "action": "updated", "old_version": 1, "new_version": 2,
    "prompt_sha256": CHECKSUM.removeprefix("sha256::"), "body": GIVEN["stage"], "actor": "ada", "at": AT,
    "project": "default",
}  # fmt: skip
KNOWN: dict[str, Any] = {
    "workflow": "rise", "checksum": CHECKSUM, "created_at": AT, "missing_agencies": [],
    "files": ["KnowledgeBase_index.yaml"], "org_metadata": {"name": "Harbour City"}, "routing_table": [],
    "agencies": {"civil_registry": {"agency_id": "civil_registry"}}, "index": [{"agency_id": "civil_registry"}],
}  # fmt: skip


def asked(kind: str) -> OpenApiExample:
    """A definition as it is sent."""
    return OpenApiExample(f"A {kind}", value=GIVEN[kind], request_only=True)


def shown(kind: str) -> OpenApiExample:
    """The same as it is answered."""
    return OpenApiExample(f"The {kind}", value=_row(kind), response_only=True, status_codes=["200", "201"])


def page(kind: str) -> OpenApiExample:
    """A page of them."""
    value = {"results": [_row(kind)], "next": None, "previous": None}
    return OpenApiExample("A page", value=value, response_only=True)


def given(name: str, value: Any) -> OpenApiExample:
    """A request."""
    return OpenApiExample(name, value=value, request_only=True)


def answered(name: str, value: Any, **options: Any) -> OpenApiExample:
    """An answer."""
    return OpenApiExample(name, value=value, response_only=True, **options)


def _row(kind: str) -> dict[str, Any]:
    return {**(NODE_ID if kind == "node" else {}), **GIVEN[kind], **ABOUT}
