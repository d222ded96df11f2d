"""The envelope of /api/v2's conversations and files: {success, data, message, timestamp, request_id}."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from .pages import Page


def around(request: Request, answer: Response, message: str = "") -> Response:
    """The answer in its envelope. Time and id are those of this request, also where the answer is a repeated one."""
    answer.data = {"success": True, "data": answer.data, **_about(request, message)}
    return answer


def listed(request: Request, page: Page, rows: list[dict[str, Any]], *, total: int) -> Response:
    """A page of a list in its envelope."""
    pagination = {
        "limit": len(rows),
        "total": total,
        "has_next": page.next is not None,
        "has_prev": page.previous is not None,
        "next": page.next,
        "previous": page.previous,
    }
    return Response({"success": True, "data": rows, **_about(request, ""), "pagination": pagination})


def _about(request: Request, message: str) -> dict[str, Any]:
    # What a request came from is known to the middleware that named it.
    request_id = getattr(request._request, "request_id", "")  # noqa: SLF001 - DRF has no other way to it
    return {"message": message, "timestamp": timezone.now().isoformat(), "request_id": request_id}
