"""The headers that the middleware puts on an answer, asked of the middleware itself once per kind of request.

Host, scheme and language decide what Django's middleware does with a request that has no cookie. So one request of
each kind goes through the chain, around a view that does nothing, and its headers are kept for the others.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponse

log = logging.getLogger("nexus.api")
UNDERSTOOD = frozenset(
    {
        "apps.api.middleware.RequestId",
        "django.middleware.security.SecurityMiddleware",
        "whitenoise.middleware.WhiteNoiseMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    }
)
"""Middleware that reads no more of a request without a cookie than READ. Any other must see every request."""
READ = frozenset({b"host", b"accept-language", b"x-forwarded-host", b"x-forwarded-port", b"x-forwarded-proto"})
OF_EACH_ANSWER = frozenset({"x-request-id", "content-type", "content-length"})
MOST_KINDS = 256
Headers = tuple[tuple[bytes, bytes], ...]


class Dressing:
    """Remembers what the chain of middleware says of each kind of request."""

    def __init__(self) -> None:
        """Load the chain, unless something in it wants to see every request."""
        strange = sorted(set(settings.MIDDLEWARE) - UNDERSTOOD)
        self._chain = None if strange else _Chain()
        self._kinds: dict[object, Headers | None] = {}
        if strange:
            log.warning("every request goes through the whole of Django, because of %s", ", ".join(strange))

    def of(self, scope: Mapping[str, Any]) -> Headers | None:
        """Return the headers of an answer to this request; None when the middleware would answer it by itself."""
        if self._chain is None:
            return None
        read = tuple((name, value) for name, value in scope["headers"] if name in READ)
        kind = (scope["scheme"], read)
        if kind not in self._kinds:
            if len(self._kinds) >= MOST_KINDS:
                self._kinds.clear()
            self._kinds[kind] = self._chain.headers_of({**scope, "headers": read})
        return self._kinds[kind]


class _Chain(BaseHandler):
    """The middleware of the settings around nothing."""

    def __init__(self) -> None:
        self.load_middleware(is_async=False)

    def headers_of(self, scope: Mapping[str, Any]) -> Headers | None:
        answer = self.get_response(ASGIRequest(dict(scope), BytesIO()))
        if answer.status_code != _Nothing.status_code:
            return None
        said = ((name.lower(), value) for name, value in answer.headers.items())
        return tuple((name.encode(), value.encode("latin-1")) for name, value in said if name not in OF_EACH_ANSWER)

    def _get_response(self, request: HttpRequest) -> HttpResponse:
        return _Nothing()


class _Nothing(HttpResponse):
    """A status that no middleware answers with."""

    status_code = 299
