"""Around every request: its id, and problems for what is raised outside DRF."""

from __future__ import annotations

import random
import re
from collections.abc import Awaitable, Callable
from contextvars import ContextVar

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from nexus import engine

from . import problems

CURRENT: ContextVar[str] = ContextVar("request_id", default="")
"""The request that is being answered, for what is logged meanwhile."""
GIVEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
Next = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]


class RequestId:
    """Give every request an id, or keep the well-formed one it came with, and send it back."""

    sync_capable = async_capable = True

    def __init__(self, get_response: Next) -> None:
        """Run in whichever way the rest of the chain runs."""
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Name the request, answer it, sign the answer."""
        request.request_id = id_for(request.headers.get("X-Request-Id", ""))  # type: ignore[attr-defined]
        CURRENT.set(request.request_id)  # type: ignore[attr-defined]
        with engine.through(_door(request)):
            answer = self.get_response(request)
        return _sign(request, answer) if isinstance(answer, HttpResponseBase) else self._later(request, answer)

    async def _later(self, request: HttpRequest, answer: Awaitable[HttpResponseBase]) -> HttpResponseBase:
        with engine.through(_door(request)):
            return _sign(request, await answer)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer what a plain view raised; the admin's pages stay Django's."""
        if request.path.startswith(reverse("admin:index")) and not problems.database_is_away(error):
            return None
        return problems.respond(request, error)


def id_for(given: str) -> str:
    """Return `given` where it is well-formed, and a new id where it is not."""
    # Not a secret: it need only differ. uuid4 would ask the kernel, and let go of the interpreter to do so.
    return given if GIVEN.fullmatch(given) else f"{random.getrandbits(128):032x}"


def _door(request: HttpRequest) -> str:
    """What the audit log calls the way in: the Board's pages, the terminal, or the API."""
    if request.path.startswith("/admin/"):
        return "board"
    return "cli" if request.headers.get("User-Agent") == "nexus-terminal" else "api"


def _sign(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    response.headers["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
    return response
