"""The shapes of the Anthropic Messages API: headers, errors, models, messages.

Shapes only: what is said in them comes from answer.py, how they are cut into events from sse.py.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.sandbox.answer import Answer
from apps.sandbox.cache import Cached
from apps.sandbox.http import SANDBOX_HEADER, Headers
from apps.sandbox.problem import Problem

VERSIONS = ("2023-06-01", "2026-10-21")
MESSAGE_PREFIX = "msg_sandbox_"

LIMITS = {"requests": 4000, "tokens": 2_400_000, "input-tokens": 2_000_000, "output-tokens": 400_000}

ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    408: "timeout_error",
    409: "conflict_error",
    413: "request_too_large",
    415: "invalid_request_error",
    422: "invalid_request_error",
    429: "rate_limit_error",
    500: "api_error",
    502: "api_error",
    503: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}

ERROR_MESSAGES = {
    401: "invalid x-api-key",
    402: "Your credit balance is too low to access the Anthropic API.",
    403: "Your API key does not have permission to use the specified resource.",
    404: "Not found",
    408: "Request timed out",
    413: "Request exceeds the maximum size",
    429: "This request would exceed your organization's rate limit.",
    500: "Internal server error",
    503: "Service unavailable",
    504: "Gateway timeout",
    529: "Overloaded",
}


def error_body(problem: Problem, *, response_id: str) -> dict[str, Any]:
    """The error body of the provider, for a status or for the middle of a stream."""
    error: dict[str, Any] = {
        "type": problem.type or ERROR_TYPES.get(problem.status, "api_error"),
        "message": problem.message or ERROR_MESSAGES.get(problem.status, "Error"),
    }
    if problem.details is not None:
        error["details"] = problem.details
    return {"type": "error", "error": error, "request_id": response_id}


def headers(*, response_id: str, content_type: str, used: int = 0) -> Headers:
    """The headers of every reply: who answered, and what is left of the rate limits."""
    now = datetime.now(UTC).replace(microsecond=0)
    reset = (now + timedelta(seconds=60)).isoformat().replace("+00:00", "Z")
    found = [
        ("date", now.strftime("%a, %d %b %Y %H:%M:%S GMT")),
        ("content-type", content_type),
        ("request-id", response_id),
        ("anthropic-organization-id", "00000000-0000-4000-8000-00005a4db0c5"),
        SANDBOX_HEADER,
    ]
    for name, limit in LIMITS.items():
        spent = 1 if name == "requests" else used
        found.append((f"anthropic-ratelimit-{name}-limit", str(limit)))
        found.append((f"anthropic-ratelimit-{name}-remaining", str(max(0, limit - spent))))
        found.append((f"anthropic-ratelimit-{name}-reset", reset))
    return found


def message_id(body: dict[str, Any]) -> str:
    """The id of the answer to `body`: the same body gets the same id."""
    # Whether it is streamed does not change what is said, so it does not change the id.
    said = {name: value for name, value in body.items() if name != "stream"}
    digest = hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    return MESSAGE_PREFIX + digest[:24]


def message(answer: Answer, *, model: str, id: str, usage: dict[str, Any] | None) -> dict[str, Any]:
    """The whole answer as one Message. Without usage the field is left out (a fault to be scripted)."""
    found: dict[str, Any] = {
        "id": id,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": answer.content,
        "stop_reason": answer.stop_reason,
        "stop_sequence": answer.stop_sequence,
        "stop_details": answer.stop_details,
    }
    if usage is not None:
        found["usage"] = usage
    return found


def usage_of(*, input_tokens: int, cached: Cached, answer: Answer) -> dict[str, Any]:
    """What the answer cost, in the provider's terms: what came from the cache or went into it is counted apart."""
    return {
        "input_tokens": input_tokens - cached.read - cached.written,
        "cache_creation_input_tokens": cached.written,
        "cache_read_input_tokens": cached.read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": cached.short,
            "ephemeral_1h_input_tokens": cached.long,
        },
        "output_tokens": answer.output_tokens,
        "output_tokens_details": {"thinking_tokens": answer.thinking_tokens},
        "service_tier": "standard",
        "inference_geo": "us",
    }


def public(message: dict[str, Any]) -> dict[str, Any]:
    """The message without what only a stream can say (arguments that are no JSON)."""
    content = [{name: part for name, part in block.items() if name != "raw"} for block in message["content"]]
    return {**message, "content": content}
