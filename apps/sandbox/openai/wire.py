"""The shapes of the OpenAI API that all its endpoints share: headers and errors."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from apps.sandbox.http import REVOKED, SANDBOX_HEADER, Headers
from apps.sandbox.problem import Problem

LIMITS = {"requests": 10_000, "tokens": 30_000_000}
RESETS = {"requests": "6ms", "tokens": "1m0s"}

ERRORS: dict[int, tuple[str, str | None, str]] = {
    400: ("invalid_request_error", None, "Invalid request."),
    401: (
        "invalid_request_error",
        "invalid_api_key",
        "Incorrect API key provided: sk-***. You can find your API key at https://platform.openai.com/account/api-keys.",
    ),
    402: ("insufficient_quota", "billing_not_active", "Your account is not active, please check your billing details."),
    403: ("invalid_request_error", "permission_denied", "You have insufficient permissions for this operation."),
    404: ("invalid_request_error", None, "Not found."),
    405: ("invalid_request_error", "method_not_supported", "Method not allowed."),
    408: ("server_error", None, "Request timed out."),
    409: ("invalid_request_error", "conflict", "The resource was changed by another request."),
    413: ("invalid_request_error", None, "Maximum content size limit (26214400) exceeded."),
    422: ("invalid_request_error", None, "Unprocessable entity."),
    429: (
        "requests",
        "rate_limit_exceeded",
        "Rate limit reached for requests per min (RPM): Limit 10000, Used 10000, Requested 1. Please try again in 6ms.",
    ),
    500: ("server_error", None, "The server had an error while processing your request. Sorry about that!"),
    502: ("server_error", None, "Bad gateway."),
    503: ("server_error", None, "The engine is currently overloaded, please try again later."),
    504: ("server_error", None, "Gateway timeout."),
    529: ("server_error", None, "The engine is currently overloaded, please try again later."),
}
USUAL_ERROR = ("server_error", None, "Error")


def error_body(problem: Problem) -> dict[str, Any]:
    """The error body, for a status or for the middle of a stream."""
    type_, code, message = ERRORS.get(problem.status, USUAL_ERROR)
    # A problem that names its own type brings its own code, or none.
    own_code = problem.code if problem.type or problem.code else code
    error = {
        "message": problem.message or message,
        "type": problem.type or type_,
        "param": problem.param,
        "code": own_code if problem.status != 400 or problem.code else None,
    }
    return {"error": error | ({"details": problem.details} if problem.details else {})}


def headers(*, response_id: str, content_type: str, used: int = 0) -> Headers:
    """The headers of every reply: who answered, and what is left of the rate limits."""
    found = [
        ("date", datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")),
        ("content-type", content_type),
        ("x-request-id", response_id),
        ("openai-organization", "org-sandbox"),
        ("openai-processing-ms", "12"),
        ("openai-version", "2020-10-01"),
        SANDBOX_HEADER,
    ]
    for name, limit in LIMITS.items():
        spent = 1 if name == "requests" else used
        found.append((f"x-ratelimit-limit-{name}", str(limit)))
        found.append((f"x-ratelimit-remaining-{name}", str(max(0, limit - spent))))
        found.append((f"x-ratelimit-reset-{name}", RESETS[name]))
    return found


def check_headers(given: dict[str, str]) -> None:
    """Who is asking."""
    bearer = given.get("authorization", "")
    if not (bearer.startswith("Bearer ") and bearer[7:].strip()):
        message = (
            "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer "
            "auth (i.e. Authorization: Bearer YOUR_KEY)."
        )
        raise Problem(status=401, message=message, type="invalid_request_error")
    if bearer[7:].startswith(REVOKED):
        raise Problem(status=401)
