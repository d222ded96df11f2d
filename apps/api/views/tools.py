"""Tools: what agents may do beside writing, as it was written down."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents.models import RegisteredTool as Row
from apps.api import examples, pages, parameters
from apps.api.answers import Shape
from apps.api.schema import CURSOR, PAGE_SIZE, problems
from nexus.errors import NotThere

EFFECTS = ("read", "idempotent", "once")
PERMISSIONS = ("allow", "ask", "deny")


class Tool(Shape):
    """A tool."""

    name = s.CharField()
    description = s.CharField()
    version = s.IntegerField()
    # A serializer's own `source` is another thing; declared fields are taken out of the class before it is looked at.
    source = s.CharField(  # type: ignore[assignment]
        help_text="`python`, or `mcp:` and the name of a server."
    )
    effect = s.ChoiceField(list(EFFECTS), help_text="What it does to the world outside.")
    permission = s.ChoiceField(list(PERMISSIONS), help_text="What holds where no rule says otherwise.")
    enabled = s.BooleanField()
    uses = s.IntegerField()
    used_at = s.DateTimeField(allow_null=True)
    created_at = s.DateTimeField()
    schema = s.DictField(help_text="JSON Schema of its input.")


class ToolPage(Shape):
    """A page of tools."""

    results = Tool(many=True)
    next = s.URLField(allow_null=True)
    previous = s.URLField(allow_null=True)


class Tools(APIView):
    """Every tool there is."""

    @extend_schema(
        operation_id="listTools",
        summary="List the tools of agents, newest first",
        parameters=[PAGE_SIZE, CURSOR],
        responses={200: ToolPage, **problems(400, 401, 403, 503)},
        examples=[examples.TOOLS],
    )
    def get(self, request: Request) -> Response:
        """List them."""
        parameters.only(request.query_params, ("cursor", "page_size"))
        page = pages.cut(Row.objects.all(), request, of="tools")
        return Response({"results": Tool(page.rows, many=True).data, "next": page.next, "previous": page.previous})


class OneTool(APIView):
    """One of them."""

    @extend_schema(
        operation_id="getTool",
        summary="Read one tool",
        responses={200: Tool, **problems(400, 401, 403, 404, 503)},
        examples=[examples.TOOL],
    )
    def get(self, request: Request, name: str) -> Response:
        """Read it."""
        parameters.only(request.query_params, ())
        row = Row.objects.filter(name=name).first()
        if row is None:
            raise NotThere("There is no such tool")
        return Response(Tool(row).data)
