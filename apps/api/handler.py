"""Django's ASGI handler with one change of thread per request instead of one per middleware and direction.

Every view but the stream is synchronous. Django would run the middleware around them in the event loop, and go to
the request's thread and back for each of their hooks.
"""

from __future__ import annotations

from contextlib import closing

import django
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase


class OneHop(ASGIHandler):
    """The whole chain in the request's thread; what streams is sent from the event loop, as before."""

    def __init__(self) -> None:
        """As ASGIHandler, with a synchronous chain."""
        BaseHandler.__init__(self)
        self.load_middleware(is_async=False)

    async def run_get_response(self, request: HttpRequest) -> HttpResponseBase:
        """Answer in the request's thread."""
        response = await sync_to_async(self._answer, thread_sensitive=True)(request)
        response._handler_class = type(self)  # type: ignore[attr-defined]  # noqa: SLF001 - for request_finished
        return response

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            return _at_once(response)
        return response


def _at_once(file: StreamingHttpResponse) -> HttpResponse:
    """A static file, read here: the event loop would otherwise read it, and every other request would wait."""
    with closing(file):
        return HttpResponse(b"".join(file), status=file.status_code, headers=dict(file.headers))


def web() -> ASGIHandler:
    """Load the apps and return the application for HTTP."""
    django.setup(set_prefix=False)
    return OneHop()
