"""Pages by number, in the envelope: {page, limit, total, pages, has_next, has_prev}, newest first.

For lists that clients know by numbers. What is filed meanwhile shifts them: cursors, as in pages.py, do not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from . import envelope, parameters
from .answers import Shape
from .schema import query

DEFAULT, LARGEST, LAST_PAGE = 20, 100, 100_000
NAMES = ("page", "limit")
PAGE = query("page", "Which page, from 1.", default=1)
LIMIT = query("limit", "Rows per page, 1 to 100.", default=DEFAULT)
PAGES: tuple[OpenApiParameter, ...] = (PAGE, LIMIT)
M = TypeVar("M", bound=Model)


class Numbers(Shape):
    """Which page of how many."""

    page = s.IntegerField()
    limit = s.IntegerField()
    total = s.IntegerField()
    pages = s.IntegerField()
    has_next = s.BooleanField()
    has_prev = s.BooleanField()


def listed(request: Request, rows: QuerySet[M], show: Callable[[Sequence[M]], list[dict[str, Any]]]) -> Response:
    """The page that `request` asks for; `rows` are in their order, and `show` makes lines of a page's."""
    asked = request.query_params
    page = parameters.whole(asked, "page", default=1, least=1, most=LAST_PAGE)
    limit = parameters.whole(asked, "limit", default=DEFAULT, least=1, most=LARGEST)
    total = rows.count()
    pages = -(-total // limit)
    found = list(rows[(page - 1) * limit : page * limit]) if page <= pages else []
    numbers = {
        "page": page, "limit": limit, "total": total, "pages": pages, "has_next": page < pages, "has_prev": page > 1,
    }  # fmt: skip
    answer = envelope.around(request, Response(show(found)))
    answer.data["pagination"] = numbers
    return answer
