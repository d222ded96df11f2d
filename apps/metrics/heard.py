"""ASGI: counts and times every HTTP request of this process, whoever answers it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.urls import Resolver404, resolve
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.registry import Collector

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]

IN_SCOPE = "nexus.heard"
"""Where a view finds what its process has heard."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Heard:
    """Wraps the application; keeps its numbers in a registry of its own, for as long as the process lives."""

    def __init__(self, application: Application, *, also: Sequence[Collector] = ()) -> None:
        """Nothing heard yet; `also` are numbers that others of this process keep."""
        self._application = application
        self.registry = CollectorRegistry()
        for one in also:
            self.registry.register(one)
        self._requests = Counter(
            "nexus_http_requests", "HTTP requests answered by this process.", ("method", "route", "status"),
            registry=self.registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "nexus_http_request_seconds", "From the request to the first byte of its answer.", ("method", "route"),
            registry=self.registry, buckets=BUCKETS,
        )  # fmt: skip
        self._unavailable = Counter(
            "nexus_http_unavailable", "Requests answered with 503.", ("route",), registry=self.registry
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let it be answered; count the answer when it begins."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        scope[IN_SCOPE] = self
        began, status = time.perf_counter(), 0

        async def listened(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                self._note(scope, status, time.perf_counter() - began)
            await send(message)

        try:
            await self._application(scope, receive, listened)
        except Exception:
            if not status:
                self._note(scope, 500, time.perf_counter() - began)
            raise

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else "other"
        route = route_of(scope["path"])
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)
        if status == 503:
            self._unavailable.labels(route).inc()


@lru_cache(maxsize=2048)
def route_of(path: str) -> str:
    """The route as the code has it, so that no client can make up a label."""
    if path.startswith("/" + settings.STATIC_URL.lstrip("/")):
        return "(static)"
    try:
        return "/" + resolve(path).route
    except Resolver404:
        return "(none)"
