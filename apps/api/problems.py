"""Every error becomes application/problem+json (RFC 9457), in this one place."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views import defaults
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import set_rollback

from nexus.errors import NexusError

from .strict_json import pointer_to

log = logging.getLogger("nexus.api")
MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 50
READ_ONLY_TRANSACTION = "25006"
RETRY_DATABASE_AFTER = 5
BEARER = 'Bearer realm="nexus"'

STATUS_OF = {
    "not_found": 404,
    "illegal_move": 409,
    "not_waiting": 409,
    "already_decided": 409,
    "already_voted": 409,
    "superseded": 409,
    "not_an_approver": 403,
    "four_eyes": 403,
    "budget_exceeded": 402,
    "session_closed": 409,
    "session_busy": 409,
    "attachment_too_large": 413,
    "attachment_refused": 415,
    "attachment_quota_exceeded": 403,
    "webhook_disabled": 409,
    "already_member": 409,
    "more_than_its_maker": 403,
    "not_proved": 401,
    "no_delivery_id": 400,
    "unavailable": 503,
    "definition_invalid": 400,
    "name_taken": 409,
    "version_passed": 412,
    "REDIS_UNAVAILABLE": 503,
    "agent_offline": 409,
    "stage_unknown": 422,
    "deployment_unavailable": 503,
    "invocation_failed": 502,
    "event_changed": 409,
    "film_exists": 409,
    "mapping_exists": 409,
}
"""HTTP statuses of the domain's codes; any other anticipated refusal is a 422."""

TOLD = ("standing", "missing_stages", "missing_tools", "repeated_stages", "cycle", "missing", "current")
"""Facts of a refusal that are members of its problem."""


@dataclass(frozen=True)
class Answer:
    """What a client is told of an error."""

    status: int
    code: str
    detail: str
    errors: Sequence[Mapping[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, object] = field(default_factory=dict)
    """Members that only this kind of problem has."""


PLAIN: tuple[tuple[type[Exception], Answer], ...] = (
    (Http404, Answer(404, "not_found", "There is nothing here.")),
    (PermissionDenied, Answer(403, "forbidden", "This is not allowed.")),
    (RequestDataTooBig, Answer(413, "body_too_large", "The body is larger than 2 MB.")),
    (SuspiciousOperation, Answer(400, "bad_request", "The request cannot be read.")),
)
"""Django's own refusals, the special before the general."""
UNEXPECTED = Answer(500, "internal_error", "Something went wrong here. The request id finds it in the log.")
DATABASE_AWAY = Answer(
    503,
    "database_unavailable",
    "The database does not answer. Nothing was changed; ask again.",
    headers={"Retry-After": str(RETRY_DATABASE_AFTER)},
)


def problem(error: Exception, context: dict[str, Any]) -> Response:
    """DRF's exception handler: never lets an exception through."""
    set_rollback()
    request: Request = context["request"]
    answer = read(error)
    body = _body(request._request, answer)  # noqa: SLF001 - DRF offers no other way down
    return Response(body, status=answer.status, headers=dict(answer.headers), content_type=MEDIA_TYPE)


def respond(request: HttpRequest, error: Exception) -> HttpResponse:
    """The same for what is raised outside DRF."""
    return _response(request, read(error))


def read(error: Exception) -> Answer:
    """Decide what `error` is to a client. What nobody anticipated is logged and says nothing of itself."""
    if isinstance(error, APIException):
        return _of_api(error)
    if isinstance(error, NexusError):
        return _of_nexus(error)
    for kind, answer in PLAIN:
        if isinstance(error, kind):
            return answer
    if database_is_away(error):
        log.error("database unavailable: %s", str(error).partition("\n")[0])
        return DATABASE_AWAY
    log.error("unexpected %s", type(error).__name__, exc_info=error)
    return UNEXPECTED


def database_is_away(error: BaseException) -> bool:
    """Is this the database being down, full, read-only or too slow, rather than a bug of ours?"""
    if isinstance(error, OperationalError | InterfaceError):
        return True
    return isinstance(error, DatabaseError) and getattr(error.__cause__, "sqlstate", None) == READ_ONLY_TRANSACTION


def _of_api(error: APIException) -> Answer:
    if isinstance(error, ValidationError):
        errors = list(_flatten(error.detail, ()))[:MOST_ERRORS]
        return Answer(400, "invalid", "The request is not valid; each error says where.", errors)
    detail = (
        error.detail if isinstance(error.detail, ErrorDetail) else ErrorDetail(str(error.detail), error.default_code)
    )
    code, headers = detail.code or error.default_code, {}
    if error.status_code == 401:
        headers["WWW-Authenticate"] = getattr(error, "auth_header", BEARER)
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    pointer = getattr(error, "pointer", None)
    errors = [{"pointer": pointer, "detail": str(detail), "code": code}] if pointer else []
    return Answer(error.status_code, code, str(detail), errors, headers)


def _of_nexus(error: NexusError) -> Answer:
    status, headers = STATUS_OF.get(error.code, 422), {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(max(1, int(error.retry_after)))
    pointer = error.facts.get("pointer")
    errors = [{"pointer": _as_fragment(str(pointer)), "detail": str(error), "code": error.code}] if pointer else []
    more = {name: error.facts[name] for name in TOLD if name in error.facts}
    return Answer(status, error.code, str(error), errors, headers, more)


def _as_fragment(pointer: str) -> str:
    return pointer if pointer.startswith(("#", "?")) else "#" + pointer


def _flatten(detail: Any, place: tuple[str | int, ...]) -> Iterator[dict[str, str]]:
    """DRF's nested errors, one by one, each with its JSON pointer."""
    if isinstance(detail, dict):
        for key, below in detail.items():
            yield from _flatten(below, place if key == "non_field_errors" else (*place, key))
    elif isinstance(detail, list | tuple):
        leaves = all(isinstance(one, str) for one in detail)
        for index, below in enumerate(detail):
            yield from _flatten(below, place if leaves else (*place, index))
    else:
        yield {"pointer": pointer_to(place), "detail": str(detail), "code": getattr(detail, "code", None) or "invalid"}


def _body(request: HttpRequest, answer: Answer) -> dict[str, object]:
    return body_of(answer, path=request.path, request_id=getattr(request, "request_id", ""))


def body_of(answer: Answer, *, path: str, request_id: str) -> dict[str, object]:
    """The members of the problem."""
    return {
        "type": f"urn:nexus:problem:{answer.code}",
        "title": HTTPStatus(answer.status).phrase,
        "status": answer.status,
        "detail": answer.detail,
        "instance": path[:200],
        "code": answer.code,
        "request_id": request_id,
        "errors": list(answer.errors),
        **answer.more,
    }


def _response(request: HttpRequest, answer: Answer) -> HttpResponse:
    body = _body(request, answer)
    return JsonResponse(body, status=answer.status, content_type=MEDIA_TYPE, headers=dict(answer.headers))


# --- Django's own error pages (config/urls.py names these) ------------------------------------------


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400."""
    return respond(request, SuspiciousOperation())


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler403; people in the admin get a page."""
    if _is_a_page(request):
        return defaults.permission_denied(request, exception)
    return respond(request, PermissionDenied())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404; people in the admin get a page."""
    if _is_a_page(request):
        return defaults.page_not_found(request, exception)
    return respond(request, Http404())


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: Django calls it while it handles the exception, so the kind can still be told."""
    error = sys.exc_info()[1]
    if isinstance(error, Exception) and database_is_away(error):
        return respond(request, error)
    if _is_a_page(request):
        return defaults.server_error(request)
    return _response(request, UNEXPECTED)


def _is_a_page(request: HttpRequest) -> bool:
    return request.path.startswith(reverse("admin:index"))
