"""Inlets: URLs for other systems, whose messages become orders."""

from __future__ import annotations

import time
from typing import Any

from django.db import transaction
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.access import caller_of
from apps.api import inlet_shapes as shapes
from apps.api import orders, owned, pages, parameters, templates
from apps.api.errors import BadBody
from apps.api.idempotency import Answer, shown_once
from apps.api.schema import CURSOR, IDEMPOTENCY_KEY, PAGE_SIZE, PROJECT, problems
from apps.api.strict_json import NotStrict, loads
from workorders.inlets import keeping, proving, taking
from workorders.models import Inlet


class Inlets(APIView):
    """The inlets of the caller's projects."""

    @extend_schema(
        operation_id="listInlets",
        summary="List inlets, newest first",
        parameters=[PAGE_SIZE, CURSOR, PROJECT],
        responses={200: shapes.InletPage, **problems(400, 401, 403, 503)},
        examples=[shapes.LIST],
    )
    def get(self, request: Request) -> Response:
        """List them."""
        parameters.only(request.query_params, ("cursor", "page_size", "project"))
        page = pages.cut(owned.seen_by(request, Inlet.objects.all()), request, of="inlets")
        found = [_shown(row) for row in page.rows]
        return Response({"results": found, "next": page.next, "previous": page.previous})

    @extend_schema(
        operation_id="createInlet",
        summary="Let another system file orders",
        parameters=[IDEMPOTENCY_KEY],
        request=shapes.InletIn,
        responses={201: shapes.InletWithSecret, **problems(400, 401, 403, 404, 409, 413, 415, 422, 503)},
        examples=[shapes.ASKED, shapes.MADE],
    )
    def post(self, request: Request) -> Response:
        """Keep it; the secret is shown this once."""
        parameters.only(request.query_params, ())
        asked = shapes.InletIn(data=request.data)
        asked.is_valid(raise_exception=True)
        return shown_once(request, lambda: _made(request, asked.validated_data))


class OneInlet(APIView):
    """One inlet."""

    @extend_schema(
        operation_id="getInlet",
        summary="Show an inlet",
        responses={200: shapes.InletOut, **problems(400, 401, 403, 404, 503)},
        examples=[shapes.ONE],
    )
    def get(self, request: Request, inlet_id: str) -> Response:
        """Show it."""
        parameters.only(request.query_params, ())
        return Response(_shown(_find(request, inlet_id)))

    @extend_schema(
        operation_id="changeInlet",
        summary="Change an inlet, or switch it off and on",
        request=shapes.InletChange,
        responses={200: shapes.InletOut, **problems(400, 401, 403, 404, 413, 415, 422, 503)},
        examples=[shapes.CHANGED, shapes.ONE],
    )
    def patch(self, request: Request, inlet_id: str) -> Response:
        """Change what is given."""
        parameters.only(request.query_params, ())
        asked = shapes.InletChange(data=request.data)
        asked.is_valid(raise_exception=True)
        found = _find_to_change(request, inlet_id)
        given = templates.changed(asked.validated_data, found.project)
        with transaction.atomic():
            keeping.change(found, given)
        return Response(_shown(_find(request, inlet_id)))

    @extend_schema(
        operation_id="deleteInlet",
        summary="Delete an inlet; its orders stay",
        responses={204: None, **problems(400, 401, 403, 404, 503)},
    )
    def delete(self, request: Request, inlet_id: str) -> Response:
        """Delete it."""
        parameters.only(request.query_params, ())
        _find_to_change(request, inlet_id).delete()
        return Response(status=204)


class RotateInlet(APIView):
    """A new secret."""

    @extend_schema(
        operation_id="rotateInletSecret",
        summary="Give an inlet a new secret; the old one proves nothing any more",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={200: shapes.InletWithSecret, **problems(400, 401, 403, 404, 409, 422, 503)},
        examples=[shapes.MADE],
    )
    def post(self, request: Request, inlet_id: str) -> Response:
        """Rotate; the secret is shown this once."""
        parameters.only(request.query_params, ())
        found = _find_to_change(request, inlet_id)

        def rotated() -> tuple[Answer, dict[str, str]]:
            return Answer(200, {**_shown(found), "secret": None}), {"secret": keeping.renew(found)}

        return shown_once(request, rotated)


class Messages(APIView):
    """Where another system posts. It has no key: it proves that it holds the inlet's secret."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="postToInlet",
        summary="Say something to an inlet; it becomes an order",
        description=(
            "The body is any JSON, and comes with the order as `message.json`. The headers prove that its sender holds "
            "the inlet's secret, and name the message: sent again, it is the same order. 200 where it had come before."
        ),
        request=OpenApiTypes.OBJECT,
        responses={
            (201, "application/json"): shapes.Taken,
            (200, "application/json"): shapes.Taken,
            **problems(400, 401, 404, 413, 422, 503),
        },
        examples=[shapes.SAID, shapes.TAKEN],
        auth=[],
    )
    def post(self, request: Request, inlet_id: str) -> Response:
        """Prove, then read, then file."""
        inlet = Inlet.objects.select_related("project").filter(public_id=inlet_id, is_on=True).first()
        if inlet is None:
            raise NotFound("There is no such inlet.")
        raw = request._request.body  # noqa: SLF001 - before anybody parses it
        headers = {name.lower(): value for name, value in request.headers.items()}
        delivery_id = proving.prove(
            inlet.proof, secret=keeping.secret_of(inlet), headers=headers, body=raw, now=time.time()
        )
        taken = taking.take(inlet, delivery_id=delivery_id, message=_read(raw), text=raw.decode())
        return Response({"order": taken.order, "again": taken.again}, status=200 if taken.again else 201)


def _read(raw: bytes) -> Any:
    try:
        return loads(raw)
    except NotStrict as flaw:
        raise BadBody(flaw.detail, flaw.code, flaw.pointer) from None


def _find(request: Request, inlet_id: str) -> Inlet:
    return owned.find(request, Inlet.objects.all(), inlet_id, what="inlet")


def _find_to_change(request: Request, inlet_id: str) -> Inlet:
    return owned.find_to_change(request, Inlet.objects.all(), inlet_id, what="inlet")


def _made(request: Request, given: dict[str, Any]) -> tuple[Answer, dict[str, str]]:
    caller = caller_of(request)
    project = orders.project_of(orders.reach_of(caller), given.get("project"))
    made, secret = keeping.make(
        project=project, name=given["name"], proof=given["proof"], actor=caller.user.get_username(),
        template=templates.checked(given["order"], project),
    )  # fmt: skip
    made.refresh_from_db()
    return Answer(201, {**_shown(made), "secret": None}, f"/api/v2/inlets/{made.public_id}"), {"secret": secret}


def _shown(row: Inlet) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "project": row.project.slug,
        "name": row.name,
        "proof": row.proof,
        "enabled": row.is_on,
        "path": f"/api/inlets/{row.public_id}",
        "order": row.template,
        "created_by": row.created_by,
        "created_at": row.created_at.isoformat(),
    }
