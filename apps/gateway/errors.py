"""Errors in the form that OpenAI's clients know: `{"error": {"message", "type", "param", "code"}}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.views import set_rollback

from apps.api import problems
from apps.api.errors import Refusal

KEY_CODES = frozenset({"not_authenticated", "malformed_key", "invalid_key", "key_revoked", "key_expired"})
NO_RETRY = {"x-should-retry": "false"}
"""Clients ask again by themselves after a 429 or a 5xx; what was carried out once is not to be bought again."""


class UnknownModel(Refusal):
    """No model of this name is offered."""

    status_code = 404
    default_detail = _("There is no model of this name. GET /v1/models lists those that there are.")
    default_code = "model_not_found"


class Unsupported(Refusal):
    """A parameter, or a value of one, that is known and not offered."""

    default_code = "unsupported_parameter"


class Invalid(Refusal):
    """A value that says nothing that could be done."""

    default_code = "invalid_value"


class NotAnswered(APIException):
    """The work came to an end without an answer, or to a stop."""

    status_code = 500
    default_code = "server_error"

    def __init__(self, detail: str, code: str, *, status: int) -> None:
        """`status` is the one of HTTP."""
        super().__init__(detail, code)
        self.status_code = status


def problem(error: Exception, context: Mapping[str, Any]) -> Response:
    """DRF's exception handler for the views beneath /v1."""
    set_rollback()
    answer = problems.read(error)
    return Response(body_of(answer), status=answer.status, headers=headers_of(answer, error))


def respond(request: HttpRequest, error: Exception) -> JsonResponse:
    """The same for what is raised outside DRF."""
    answer = problems.read(error)
    return JsonResponse(body_of(answer), status=answer.status, headers=headers_of(answer, error))


def headers_of(answer: problems.Answer, error: Exception) -> dict[str, str]:
    """What stands beside the body."""
    return {**answer.headers, **(NO_RETRY if isinstance(error, NotAnswered) else {})}


def body_of(answer: problems.Answer) -> dict[str, Any]:
    """One error. Where there are several, the first is told: the form has room for one."""
    first = answer.errors[0] if answer.errors else {}
    code = "invalid_api_key" if answer.code in KEY_CODES else str(first.get("code") or answer.code)
    detail = str(first.get("detail") or answer.detail)
    return {"error": {"message": detail, "type": _type(answer), "param": _param(first), "code": code}}


def _type(answer: problems.Answer) -> str:
    if answer.code == "insufficient_quota":
        return "insufficient_quota"
    if answer.status == 429:
        return "requests"
    if answer.status == 403:
        return "permission_error"
    return "server_error" if answer.status >= 500 else "invalid_request_error"


def _param(error: Mapping[str, str]) -> str | None:
    """`#/messages/0/role` as OpenAI writes it: `messages[0].role`."""
    place = str(error.get("pointer") or "").lstrip("#?/")
    if not place:
        return None
    return re.sub(r"/(\d+)(?=/|$)", r"[\1]", place).replace("/", ".")
