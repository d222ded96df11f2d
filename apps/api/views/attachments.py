"""Files: send one, show it, fetch it."""

from __future__ import annotations

from typing import Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, QueryDict
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents.attachments import keeping
from agents.attachments.models import Attachment
from apps.accounts import access
from apps.accounts.access import caller_of
from apps.api import envelope, files, orders, parameters, wire
from apps.api import session_answers as answers
from apps.api import session_examples as examples
from apps.api.errors import BadBody
from apps.api.schema import problems


class Attachments(APIView):
    """Photos, voice notes and documents of the caller's projects."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="sendAttachment",
        summary="Send a file",
        description=(
            "`multipart/form-data` with `file`, and `project` where it is not the usual one. What it is, is read from "
            "its bytes. The same file sent again is the same attachment."
        ),
        request={"multipart/form-data": answers.AttachmentIn},
        responses={201: answers.AttachmentEnvelope, **problems(400, 401, 403, 404, 413, 415, 422, 503)},
        examples=[examples.KEPT],
    )
    def post(self, request: Request) -> Response:
        """Look at it, keep it, say what it is."""
        parameters.only(request.query_params, ())
        form = cast(QueryDict, request.data)
        sent = _sent(form)
        caller = caller_of(request)
        project = orders.project_of(orders.reach_of(caller), form.get("project"))
        row = keeping.keep(
            project=str(project.pk), name=sent.name or "", data=sent.read(), said=sent.content_type or "",
            sender=caller.user.get_username(),
        )  # fmt: skip
        return envelope.around(request, Response(files.view(row), status=201), "File kept")


class OneAttachment(APIView):
    """What is known of a file."""

    @extend_schema(
        operation_id="getAttachment",
        summary="Show a file",
        responses={200: answers.AttachmentEnvelope, **problems(400, 401, 403, 404, 503)},
        examples=[examples.KEPT],
    )
    def get(self, request: Request, public_id: str) -> Response:
        """Show it."""
        parameters.only(request.query_params, ())
        return envelope.around(request, Response(files.view(_find(request, public_id))))


class Content(APIView):
    """The file itself."""

    @extend_schema(
        operation_id="downloadAttachment",
        summary="Download a file",
        description="Its bytes as they were kept: a picture, for example, without what was hidden in it.",
        responses={
            (200, "*/*"): OpenApiResponse(OpenApiTypes.BINARY, description="The file."),
            **problems(400, 401, 403, 404, 503),
        },
    )
    def get(self, request: Request, public_id: str) -> HttpResponse:
        """Send its bytes, to be saved and never shown in our name."""
        parameters.only(request.query_params, ())
        row = _find(request, public_id)
        return wire.file(keeping.bytes_of(row), name=row.name, content_type=row.media_type, sha256=row.sha256)


def _sent(body: QueryDict) -> UploadedFile[Any]:
    sent: Any = body.get("file")
    if not isinstance(sent, UploadedFile) or set(body) - {"file", "project"} or len(body.getlist("file")) > 1:
        raise BadBody("The form has one `file`, and perhaps a `project`.", "bad_form", "#/file")
    return sent


def _find(request: Request, public_id: str) -> Attachment:
    found = access.attachments(caller_of(request)).filter(public_id=public_id).first()
    if found is None:
        raise NotFound("There is no such file.")
    return found
