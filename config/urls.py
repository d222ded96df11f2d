"""Which path goes to which surface."""

from __future__ import annotations

from http import HTTPStatus

from asgiref.sync import sync_to_async
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from apps.api import problems
from apps.api.urls import urlpatterns as work_orders
from apps.api.views import sessions
from apps.api.views.inlets import Messages
from apps.api.views.reads import Events
from apps.gateway import errors as openai
from apps.live import sse, talk
from apps.live.table import on_threads

handler400 = "apps.api.problems.bad_request"
handler403 = "apps.api.problems.forbidden"
handler500 = "apps.api.problems.server_error"


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is nothing: beneath /v1/ in the words that clients of OpenAI know."""
    if request.path.startswith("/v1/"):
        return openai.respond(request, Http404())
    return problems.not_found(request, exception)


_send = on_threads(sessions.Stream.as_view())
_as_json = sync_to_async(Events.as_view(), thread_sensitive=True)


@csrf_exempt  # as every view of the API: it checks for itself, where a session is used
async def events(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """One address, two ways to read it: a stream from apps/live, or JSON from apps/api."""
    if sse.wanted(request):
        return await sse.stream(request, public_id)
    return await _as_json(request, public_id=public_id)


@csrf_exempt  # as above
async def session_stream(request: HttpRequest, session_id: str) -> HttpResponseBase:
    """Say something and hear the answer, or go on hearing one: what is said goes through apps/api, apps/live tells."""
    if request.method != "POST":
        return await talk.stream(request, session_id, request.GET.get("message"))
    sent = await _send(request, session_id=session_id)
    if sent.status_code >= HTTPStatus.BAD_REQUEST:
        return sent
    return await talk.stream(request, session_id, str(sent.data["data"]["message_id"]))


urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v2/work-orders/<order:public_id>/events", events),
    path("api/v2/sessions/<session:session_id>/stream", session_stream, name="session-stream"),
    path("api/v2/", include(work_orders)),
    path("api/inlets/<inlet:inlet_id>", Messages.as_view(), name="inlet-messages"),
    path("api/", include("apps.api.docs_urls")),
    path("api/", include("apps.builder.urls")),
    path("api/", include("apps.gateway.urls")),
    path("api/", include("apps.studio.urls")),
    path("api/", include("apps.telegram.urls")),
    path("api/", include("apps.webhooks.urls")),
    path("api/", include("apps.workflows.urls")),
    path("v1/", include("apps.gateway.openai_urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("apps.api.health_urls")),
    path("", include("apps.metrics.urls")),
]
