"""Tools, stages, workflows and pipeline nodes: the same five things can be done with each."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import transaction
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from pydantic import create_model
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.access import caller_of
from apps.api import pages, parameters
from apps.api.idempotency import Answer, once
from apps.api.schema import CURSOR, IDEMPOTENCY_KEY, PAGE_SIZE, problems, query
from apps.workflows import changing, examples, reach
from apps.workflows.changing import Kind
from apps.workflows.models import Definition, PipelineNode

PROJECT = query("project", "The slug of a project; the only one, or `default`, where it is missing.", OpenApiTypes.STR)
IF_MATCH = examples.IF_MATCH
PATHS = {"tool": "tools", "stage": "stages", "workflow": "workflows", "node": "pipeline-nodes"}
FILTERS: dict[str, list[OpenApiParameter]] = {
    "node": [query("pipelineId", "Only nodes of this pipeline.", OpenApiTypes.STR)]
}
SAID = {"tool": "tool", "stage": "stage", "workflow": "workflow", "node": "pipeline node"}


def wire(row: Definition) -> dict[str, Any]:
    """A definition as clients see it."""
    known = {"id": row.public_id} if isinstance(row, PipelineNode) else {}
    return {
        **known, **row.body, "version": row.version, "project": row.project.slug, "updated_by": row.updated_by,
        "created_at": row.created_at.isoformat(), "updated_at": row.updated_at.isoformat(),
    }  # fmt: skip


def answer(row: Definition, *, status: int = 200) -> Response:
    """It, with its version as ETag."""
    return Response(wire(row), status=status, headers={"ETag": f'"{row.version}"'})


class List(APIView):
    """What a project has defined."""

    kind: ClassVar[Kind]

    def get(self, request: Request) -> Response:
        """List them."""
        filters = FILTERS.get(self.kind.name, ())
        parameters.only(request.query_params, ("cursor", "page_size", "project", *(one.name for one in filters)))
        model: Any = self.kind.model
        rows = model.objects.filter(project__in=reach.seen(request)).select_related("project")
        for one in filters:
            if (value := request.query_params.get(one.name)) is not None:
                rows = rows.filter(**{f"body__{one.name}": value[:100].replace("\0", "")})
        page = pages.cut(rows, request, of=PATHS[self.kind.name])
        return Response({"results": [wire(row) for row in page.rows], "next": page.next, "previous": page.previous})

    def post(self, request: Request) -> Response:
        """Write version 1."""
        parameters.only(request.query_params, ("project",))
        kind, project = self.kind, reach.to_change(request)
        actor = caller_of(request).user.get_username()

        def create() -> Answer:
            body = wire(changing.create(kind, project=project, given=dict(request.data), actor=actor))
            return Answer(201, body, f"/api/{PATHS[kind.name]}/{body['id']}")

        response = once(request, create)
        response["ETag"] = f'"{response.data["version"]}"'
        return response


class One(APIView):
    """One definition."""

    kind: ClassVar[Kind]

    def get(self, request: Request, ref: str) -> Response:
        """Read it."""
        parameters.only(request.query_params, ("project",))
        return answer(reach.one(self.kind, request, ref))

    def put(self, request: Request, ref: str) -> Response:
        """Write its next version."""
        return _changed(self.kind, request, ref, whole=True)

    def patch(self, request: Request, ref: str) -> Response:
        """Write its next version, with what is not said as it was."""
        return _changed(self.kind, request, ref, whole=False)

    def delete(self, request: Request, ref: str) -> Response:
        """Take it away; the change is kept."""
        parameters.only(request.query_params, ("project",))
        with transaction.atomic():
            row = reach.one(self.kind, request, ref, change=True)
            actor = caller_of(request).user.get_username()
            changing.delete(self.kind, row, actor=actor, seen=reach.version_seen(request))
        return Response(status=204)


def lists(kind: Kind) -> type[APIView]:
    """The list of a kind, and its making, described."""
    name, said = kind.name.capitalize(), SAID[kind.name]
    made = type(f"{name}Definitions", (List,), {"kind": kind, "__doc__": List.__doc__})
    described: type[APIView] = extend_schema_view(
        get=extend_schema(
            operation_id=f"list{name}Definitions",
            summary=f"List the {said}s that are defined, newest first",
            parameters=[PROJECT, *FILTERS.get(kind.name, ()), PAGE_SIZE, CURSOR],
            responses={200: _page(kind), **problems(400, 401, 403, 404, 503)},
            examples=[examples.page(kind.name)],
        ),
        post=extend_schema(
            operation_id=f"create{name}Definition",
            summary=f"Define a {said}",
            parameters=[PROJECT, IDEMPOTENCY_KEY],
            request=kind.shape,
            responses={201: _shown(kind), **problems(400, 401, 403, 404, 409, 413, 415, 422, 503)},
            examples=[examples.asked(kind.name), examples.shown(kind.name)],
        ),
    )(made)
    return described


def ones(kind: Kind) -> type[APIView]:
    """One of a kind, described."""
    name, said = kind.name.capitalize(), SAID[kind.name]
    made = type(f"{name}Definition", (One,), {"kind": kind, "__doc__": One.__doc__})
    shown = {200: _shown(kind), **problems(400, 401, 403, 404, 409, 412, 413, 415, 422, 503)}
    asked, example, tag = examples.asked(kind.name), examples.shown(kind.name), [PROJECT, IF_MATCH]
    again = f"A {said} that is made anew under its name begins with version 1."
    described: type[APIView] = extend_schema_view(
        get=extend_schema(
            operation_id=f"get{name}Definition", summary=f"Read a {said}", parameters=[PROJECT],
            responses={200: _shown(kind), **problems(400, 401, 403, 404, 503)}, examples=[example],
        ),
        put=extend_schema(
            operation_id=f"replace{name}Definition", summary=f"Say anew what a {said} is", request=kind.shape,
            parameters=tag, responses=shown, examples=[asked, example],
        ),
        patch=extend_schema(
            operation_id=f"change{name}Definition", summary=f"Change fields of a {said}", request=OpenApiTypes.OBJECT,
            parameters=tag, responses=shown, examples=[example],
        ),
        delete=extend_schema(
            operation_id=f"delete{name}Definition", summary=f"Delete a {said}", parameters=tag, description=again,
            responses={204: None, **problems(400, 401, 403, 404, 412, 503)}, examples=[example],
        ),
    )(made)  # fmt: skip
    return described


def _changed(kind: Kind, request: Request, ref: str, *, whole: bool) -> Response:
    parameters.only(request.query_params, ("project",))
    with transaction.atomic():
        row = reach.one(kind, request, ref, change=True)
        return answer(
            changing.change(
                kind, row, given=dict(request.data), actor=caller_of(request).user.get_username(),
                seen=reach.version_seen(request), whole=whole,
            )
        )  # fmt: skip


def _shown(kind: Kind) -> Any:
    more: dict[str, Any] = {"version": (int, ...), "project": (str, ...), "updated_by": (str, ...)}
    more |= {"created_at": (str, ...), "updated_at": (str, ...)} | ({"id": (str, ...)} if kind.key == "name" else {})
    return create_model(f"{kind.name.capitalize()}Definition", __base__=kind.shape, **more)


def _page(kind: Kind) -> Any:
    made = {"results": (list[_shown(kind)], ...), "next": (str | None, None), "previous": (str | None, None)}  # type: ignore[misc]
    return create_model(f"{kind.name.capitalize()}DefinitionPage", **made)  # type: ignore[call-overload]
