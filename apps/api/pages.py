"""Cursor pages, newest first. A cursor is signed for its list, its filters and its reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.core import signing
from django.db.models import Model, QuerySet
from rest_framework.request import Request

from . import parameters
from .errors import BadParameter

DEFAULT_SIZE = 50
LARGEST_SIZE = 200
M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Page:
    """Some rows, and where the neighbours are."""

    rows: list[Any]
    next: str | None
    previous: str | None


def cut(rows: QuerySet[M], request: Request, *, of: str) -> Page:
    """Return the page of `rows` that `request` asks for; `of` names the list.

    Rows are taken by key and not by offset, so that what is filed meanwhile shifts nothing.
    """
    query = request.query_params
    size = parameters.whole(query, "page_size", default=DEFAULT_SIZE, least=1, most=LARGEST_SIZE)
    salt = _salt(request, of)
    back, edge = _read(query.get("cursor"), salt)
    if edge is not None:
        rows = rows.filter(pk__gt=edge) if back else rows.filter(pk__lt=edge)
    found = list(rows.order_by("pk" if back else "-pk")[: size + 1])
    more = len(found) > size
    found = found[:size]
    if back:
        found.reverse()
    older, newer = (edge is not None, more) if back else (more, edge is not None)
    return Page(
        rows=found,
        next=_url(request, salt, back=False, edge=found[-1].pk) if found and older else None,
        previous=_url(request, salt, back=True, edge=found[0].pk) if found and newer else None,
    )


def _salt(request: Request, of: str) -> str:
    # Size may change between pages; filters and reader may not.
    kept = sorted((k, v) for k, v in request.query_params.items() if k not in ("cursor", "page_size"))
    return f"nexus.cursor:{of}:{request.user.pk}:{urlencode(kept)}"


def _read(cursor: str | None, salt: str) -> tuple[bool, int | None]:
    if cursor is None:
        return False, None
    try:
        side, edge = signing.loads(cursor, salt=salt)
        return side == "b", int(edge)
    except (signing.BadSignature, ValueError, TypeError):
        raise BadParameter("This cursor is not from this list.", "bad_cursor", "?cursor") from None


def _url(request: Request, salt: str, *, back: bool, edge: int) -> str:
    query = request.query_params.copy()
    query["cursor"] = signing.dumps(["b" if back else "f", edge], salt=salt)
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
