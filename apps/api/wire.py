"""Rows as the API spells them, where no domain does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse

from billing import money
from billing.reports import Line
from workorders import limits
from workorders.models import Deliverable


def canvas(row: Any) -> dict[str, Any]:
    """A canvas: its kind, its shape in keys of tasks, and when it was rung."""
    return {"kind": row.kind, "shape": row.shape, "rung_at": row.rung_at.isoformat()}


def ledger(lines: Sequence[Line]) -> dict[str, Any]:
    """Lines and their sum, from the same rows."""
    total = sum((line.amount for line in lines), money.ZERO)
    return {"results": [line.wire() for line in lines], "total_usd": money.text(total)}


def budget(kind: str, key: str) -> dict[str, Any]:
    """How a budget stands, under the name that people write; raise NotThere for a scope that does not exist."""
    return {"kind": kind, "key": key, **limits.standing(kind=kind, key=key).wire()}


def download(found: Deliverable) -> HttpResponse:
    """A deliverable as a file."""
    return file(found.body.encode(), name=found.name, content_type=found.content_type, sha256=found.sha256)


def file(body: bytes, *, name: str, content_type: str, sha256: str) -> HttpResponse:
    """A file that a browser saves and never renders: what models and strangers wrote is not a page of ours."""
    ascii_name = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "._-") else "_" for sign in name)
    return HttpResponse(
        body,
        content_type=content_type,
        headers={
            "Content-Disposition": f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name)}",
            "ETag": f'"{sha256}"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )
