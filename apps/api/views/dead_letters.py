"""Dead letters: what died of one failure, and driving it again together."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.access import caller_of, readable, writable
from apps.api import examples, letters, parameters
from apps.api.errors import ReadOnlyMember
from apps.api.idempotency import Answer, once, remembered
from apps.api.schema import IDEMPOTENCY_KEY, problems
from nexus import engine
from workorders import mending
from workorders.models import Project

FINGERPRINT = re.compile(r"[0-9a-f]{64}")


class DeadLetters(APIView):
    """The failures of the caller's projects."""

    @extend_schema(
        operation_id="listDeadLetters",
        summary="Show what waits in the dead letters, one line per failure",
        responses={200: letters.DeadLetterGroups, **problems(400, 401, 403, 503)},
        examples=[examples.DEAD_LETTERS],
    )
    def get(self, request: Request) -> Response:
        """Show the groups, the largest first."""
        parameters.only(request.query_params, ())
        found = engine.groups(tenants=_tenants(readable(caller_of(request))))
        return Response({"results": [letters.shown(group) for group in found]})


class DeadLetterGroup(APIView):
    """One failure of the caller's projects."""

    @extend_schema(
        operation_id="getDeadLetters",
        summary="Show one failure and the tasks that it stopped",
        responses={200: letters.DeadLetterGroupInFull, **problems(400, 401, 403, 404, 503)},
        examples=[examples.DEAD_LETTERS_OF_ONE],
    )
    def get(self, request: Request, fingerprint: str) -> Response:
        """Show the group and its oldest letters."""
        parameters.only(request.query_params, ())
        group, tenants = _find(request, fingerprint)
        found = engine.letters(fingerprint=fingerprint, tenants=tenants)
        return Response({**letters.shown(group), "letters": [letters.letter(one) for one in found]})


class Redrive(APIView):
    """Drive a failure's tasks again, in the projects that the caller may change."""

    @extend_schema(
        operation_id="redriveDeadLetters",
        summary="Drive again every task that died of one failure",
        description=(
            "The same change is made to each of them first. With `one` only the oldest is driven; with `rate` so many "
            "a minute. What is completed stays completed, and what a model has answered is not asked again."
        ),
        parameters=[IDEMPOTENCY_KEY],
        request=letters.RedriveIn,
        responses={200: letters.Redriven, **problems(400, 401, 403, 404, 409, 413, 415, 422, 503)},
        examples=[examples.REDRIVE, examples.REDRIVEN],
    )
    def post(self, request: Request, fingerprint: str) -> Response:
        """Edit, and drive again; finished tasks stay finished."""
        parameters.only(request.query_params, ())
        asked = letters.RedriveIn(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = _wanted(request, fingerprint, asked.validated_data)
        if asked.validated_data["one"]:
            # The task and the memory of the request commit together: a repeat drives no second one.
            return once(request, lambda: _driven(request, mending.try_one, wanted))
        rate = asked.validated_data.get("rate")
        return remembered(request, lambda: _driven(request, mending.drive_rest, {**wanted, "rate": rate}))


def _wanted(request: Request, fingerprint: str, asked: dict[str, Any]) -> dict[str, Any]:
    if FINGERPRINT.fullmatch(fingerprint) is None:
        raise _nothing()
    return {
        "fingerprint": fingerprint,
        "tenants": _tenants(writable(caller_of(request))),
        "mend": mending.Mend(**{name: asked[name] for name in letters.CHANGES if name in asked}),
        "actor": request.user.get_username(),
        "reason": str(asked["reason"]),
    }


def _driven(request: Request, drive: Callable[..., int], wanted: dict[str, Any]) -> Answer:
    """Drive; 403 where the caller sees the failure and may change none of its projects."""
    try:
        return Answer(200, {"redriven": drive(**wanted)})
    except engine.NotThere:
        if _sees(request, wanted["fingerprint"]):
            raise ReadOnlyMember from None
        raise


def _sees(request: Request, fingerprint: str) -> bool:
    seen = _tenants(readable(caller_of(request)))
    return bool(engine.groups(tenants=seen, fingerprint=fingerprint))


def _find(request: Request, fingerprint: str) -> tuple[engine.Group, list[str]]:
    seen = _tenants(readable(caller_of(request)))
    found = engine.groups(tenants=seen, fingerprint=fingerprint) if FINGERPRINT.fullmatch(fingerprint) else []
    if not found:
        raise _nothing()
    return found[0], seen


def _nothing() -> NotFound:
    return NotFound("There is no such group of dead letters.")


def _tenants(projects: QuerySet[Project]) -> list[str]:
    return [str(pk) for pk in projects.values_list("pk", flat=True)]
