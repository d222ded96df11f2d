"""What a workflow knows: shown, changed, read anew."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.api import parameters
from apps.api.answers import Shape
from apps.api.fields import FileName, StrictSerializer, Text
from apps.api.schema import problems
from apps.workflows import changing, examples, knowledge, reach
from apps.workflows.models import KnowledgeSnapshot, WorkflowDefinition

from .definitions import PROJECT


class KnowledgeFileIn(StrictSerializer):
    """A YAML file."""

    path = FileName(max_length=200)
    text = Text(max_length=knowledge.LARGEST_FILE)


class Known(Shape):
    """The snapshot."""

    workflow = s.CharField()
    checksum = s.CharField(help_text="`sha256::` and 64 digits: the same for the same knowledge.")
    created_at = s.CharField()
    missing_agencies = s.ListField(child=s.CharField(), help_text="Files that the index names and that are not there.")
    files = s.ListField(child=s.CharField())
    org_metadata = s.DictField()
    routing_table = s.ListField()
    agencies = s.DictField()
    index = s.ListField(child=s.DictField())


SHOWN = examples.answered("The snapshot", examples.KNOWN)


class Knowledge(APIView):
    """The knowledge of a workflow."""

    @extend_schema(
        operation_id="getWorkflowKnowledge", summary="Show what a workflow knows", parameters=[PROJECT],
        responses={200: Known, **problems(400, 401, 403, 404, 503)}, examples=[SHOWN],
    )  # fmt: skip
    def get(self, request: Request, ref: str) -> Response:
        """Show the snapshot."""
        parameters.only(request.query_params, ("project",))
        row = reach.one(changing.WORKFLOW, request, ref)
        return _told(row, KnowledgeSnapshot.objects.filter(project=row.project, workflow=row.key).first())

    @extend_schema(
        operation_id="putWorkflowKnowledge", summary="Write one file of what a workflow knows", parameters=[PROJECT],
        request=KnowledgeFileIn, responses={200: Known, **problems(400, 401, 403, 404, 413, 415, 422, 503)},
        examples=[
            examples.given("A file", {"path": "KnowledgeBase_index.yaml", "text": "agencies: []\n"}), SHOWN,
        ],
    )  # fmt: skip
    def put(self, request: Request, ref: str) -> Response:
        """Write the file, and read all of them anew."""
        parameters.only(request.query_params, ("project",))
        row = reach.one(changing.WORKFLOW, request, ref, change=True)
        asked = KnowledgeFileIn(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        with transaction.atomic():
            knowledge.keep_files(
                project=row.project, workflow=row.key, files={given["path"]: given["text"]}, replace=False
            )
            return _told(row, knowledge.refresh(project=row.project, workflow=row.key))


class Refresh(APIView):
    """The snapshot made anew."""

    @extend_schema(
        operation_id="refreshWorkflowKnowledge", summary="Read a workflow's knowledge anew", parameters=[PROJECT],
        request=None, responses={200: Known, **problems(400, 401, 403, 404, 422, 503)}, examples=[SHOWN],
    )  # fmt: skip
    def post(self, request: Request, ref: str) -> Response:
        """Read the files."""
        parameters.only(request.query_params, ("project",))
        row = reach.one(changing.WORKFLOW, request, ref, change=True)
        with transaction.atomic():
            return _told(row, knowledge.refresh(project=row.project, workflow=row.key))


def _told(row: WorkflowDefinition, found: KnowledgeSnapshot | None) -> Response:
    if found is None:
        raise NotFound("This workflow has no knowledge.")
    body: dict[str, Any] = {"workflow": row.key, "files": sorted(knowledge.files_of(row.project, row.key))}
    return Response({**body, **knowledge.wire(found)})
