"""A bundle in, a bundle out."""

from __future__ import annotations

import hashlib
from typing import Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse, QueryDict
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers as s
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.access import caller_of
from apps.api import parameters, wire
from apps.api.answers import Shape
from apps.api.errors import BadBody
from apps.api.schema import problems
from apps.workflows import archive, bringing, bundles, changing, examples, reach
from apps.workflows.bringing import Brought

from .definitions import PROJECT


class BundleIn(Shape):
    """A form with a ZIP."""

    file = s.FileField(help_text="At most 2 MB packed, 10 MB unpacked, 500 files.")
    project = s.CharField(required=False)


class Snapshot(Shape):
    """What of the knowledge came with it."""

    checksum = s.CharField()
    missing = s.ListField(child=s.CharField())


class Imported(Shape):
    """What came of a bundle."""

    id = s.CharField()
    version = s.IntegerField(help_text="The same as before where nothing of the workflow has changed.")
    project = s.CharField()
    stages = s.DictField(child=s.IntegerField())
    tools = s.DictField(child=s.IntegerField())
    knowledge = Snapshot(allow_null=True)
    url = s.CharField()


class Import(APIView):
    """A bundle becomes a workflow."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="importWorkflow",
        summary="Import a workflow with its stages, tools and knowledge",
        description="All of it is written, or nothing. The same bundle again changes nothing, and answers the same.",
        request={"multipart/form-data": BundleIn},
        responses={201: Imported, **problems(400, 401, 403, 404, 413, 415, 422, 503)},
        examples=[examples.answered("Imported", examples.IMPORTED)],
    )
    def post(self, request: Request) -> Response:
        """Read it, write it, say which versions there are now."""
        parameters.only(request.query_params, ())
        form = cast(QueryDict, request.data)
        sent: Any = form.get("file")
        if not isinstance(sent, UploadedFile) or set(form) - {"file", "project"} or len(form.getlist("file")) > 1:
            raise BadBody("The form has one `file`, and perhaps a `project`.", "bad_form", "#/file")
        project = reach.to_change(request, form.get("project"))
        bundle = bundles.read(archive.texts(sent.read()))
        with transaction.atomic():
            brought = bringing.bring_in(bundle, project=project, actor=caller_of(request).user.get_username())
        body = _told(brought)
        return Response(body, status=201, headers={"Location": body["url"], "ETag": f'"{body["version"]}"'})


class Export(APIView):
    """A workflow as a bundle."""

    @extend_schema(
        operation_id="exportWorkflow",
        summary="Export a workflow as a bundle",
        description="A ZIP that imports to the same; the same workflow is always the same bytes.",
        parameters=[PROJECT],
        responses={
            (200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY, description="The bundle."),
            **problems(400, 401, 403, 404, 503),
        },
        examples=[examples.answered("A ZIP", "UEsDBBQ…", media_type="application/zip")],
    )
    def get(self, request: Request, ref: str) -> HttpResponse:
        """Pack it."""
        parameters.only(request.query_params, ("project",))
        row = reach.one(changing.WORKFLOW, request, ref)
        data = bringing.take_out(row)
        name = f"{row.key}-v{row.version}.zip"
        return wire.file(data, name=name, content_type="application/zip", sha256=hashlib.sha256(data).hexdigest())


def _told(brought: Brought) -> dict[str, Any]:
    row, snapshot = brought.workflow, brought.snapshot
    return {
        "id": row.key, "version": row.version, "project": row.project.slug, "stages": brought.stages,
        "tools": brought.tools, "url": f"/api/workflows/{row.key}",
        "knowledge": {"checksum": snapshot.checksum, "missing": snapshot.missing} if snapshot else None,
    }  # fmt: skip
