"""GET /metrics."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest

from .admission import admit
from .heard import IN_SCOPE, Heard
from .told import Told

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with what this process has heard, and what the database says now."""
    admit(request)
    told = CollectorRegistry(auto_describe=False)
    told.register(Told())
    text = generate_latest(told)
    heard = getattr(request, "scope", {}).get(IN_SCOPE)
    if isinstance(heard, Heard):
        text += generate_latest(heard.registry)
    return HttpResponse(text, content_type=MEDIA_TYPE)
