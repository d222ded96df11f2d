"""Approvals: what waits for a person, and their decision."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.api import approvals, pages, parameters
from apps.api.approvals import DecisionIn
from apps.api.idempotency import Answer, remembered
from apps.api.schema import CURSOR, IDEMPOTENCY_KEY, PAGE_SIZE, problems, query
from nexus import engine

WHOSE = query(
    "whose",
    "`me`: those that the caller may decide and has not; `anybody`: all that the caller may see.",
    str,
    enum=["me", "anybody"],
    default="me",
)
STATES = ["waiting", "decided"]
STATE = query("state", "Those that wait, or those that are decided.", str, enum=STATES, default="waiting")
TOO_LATE = OpenApiResponse(
    approvals.ApprovalProblem,
    "Somebody, or time, has decided; or the content is not what `hash` names any more. `standing` says what stands.",
)


class Approvals(APIView):
    """What people have to decide in the caller's projects."""

    @extend_schema(
        operation_id="listApprovals",
        summary="List approvals, newest first; those that wait for the caller",
        parameters=[PAGE_SIZE, CURSOR, WHOSE, STATE],
        responses={200: approvals.ApprovalPage, **problems(400, 401, 403, 503)},
        examples=[approvals.WAITING],
    )
    def get(self, request: Request) -> Response:
        """List them."""
        asked, who = request.query_params, request.user.get_username()
        parameters.only(asked, ("cursor", "page_size", "whose", "state"))
        mine = parameters.one_of(asked, "whose", ("me", "anybody")) != "anybody"
        decided = parameters.one_of(asked, "state", STATES) == "decided"
        rows = approvals.seen_by(request, to_change=mine and not decided)
        if decided:
            rows = rows.decided().filter(decided_by=who) if mine else rows.decided()
        else:
            rows = rows.for_person(who) if mine else rows.waiting()
        page = pages.cut(rows.defer("content", "proposed"), request, of="approvals")
        lines = [approvals.line(row) for row in page.rows]
        return Response({"results": lines, "next": page.next, "previous": page.previous})


class OneApproval(APIView):
    """One approval with what it is about."""

    @extend_schema(
        operation_id="getApproval",
        summary="Show an approval, what it is about, and what was said",
        responses={200: approvals.Approval, **problems(400, 401, 403, 404, 503)},
        examples=[approvals.ONE],
    )
    def get(self, request: Request, id: int) -> Response:
        """Show it."""
        parameters.only(request.query_params, ())
        return Response(approvals.shown(approvals.find(request, id)))


class Decide(APIView):
    """Decide about what was seen."""

    @extend_schema(
        operation_id="decideApproval",
        summary="Approve, edit, send back, refuse or answer what is asked",
        description=(
            "The first decision stands; later ones are a 409 with it. `hash` names what was seen: when that has "
            "changed, the decision is a 409 and changes nothing. Where several have to agree, an approval that is not "
            "the last is answered with a state that still waits."
        ),
        parameters=[IDEMPOTENCY_KEY],
        request=DecisionIn,
        responses={
            200: approvals.Approval,
            **problems(400, 401, 403, 404, 413, 415, 422, 503),
            (409, "application/problem+json"): TOO_LATE,
        },
        examples=[approvals.REVISE],
    )
    def post(self, request: Request, id: int) -> Response:
        """Decide."""
        parameters.only(request.query_params, ())
        said = DecisionIn(data=request.data)
        said.is_valid(raise_exception=True)
        approval = approvals.find_to_change(request, id)
        return remembered(request, lambda: _decided(request, approval, said.validated_data))


def _decided(request: Request, approval: engine.Approval, said: dict[str, Any]) -> Answer:
    who = request.user.get_username()
    decided = engine.decide(approval_id=approval.pk, actor=who, channel=engine.door() or "api", **said)
    return Answer(200, approvals.shown(decided))
