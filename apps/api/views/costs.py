"""What was spent: today, in a week, in a month, in all; by role, model, project, order or day."""

from __future__ import annotations

from typing import cast

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.access import caller_of, readable
from apps.accounts.permissions import Board
from apps.api import examples_money, parameters
from apps.api.answers import Shape
from apps.api.errors import UnknownProject
from apps.api.schema import problems, query
from billing import costs, money, periods, spans
from billing.costs import Cost, Summary
from workorders import limits

PERIOD = query(
    "period", "Days of the installation's time zone.", OpenApiTypes.STR, enum=list(periods.NAMES), default="today"
)
BY = query("by", "What the rows are of.", OpenApiTypes.STR, enum=list(costs.BY), default="role")
PROJECT = query("project", "Only of the project with this slug.", OpenApiTypes.STR)


class CostRow(Shape):
    """What one of them has cost."""

    key = s.CharField()
    cost_usd = s.CharField()
    estimated_usd = s.CharField(help_text="The part of it that no provider has reported.")
    requests = s.IntegerField()
    input_tokens = s.IntegerField()
    output_tokens = s.IntegerField()


class Costs(Shape):
    """The costs of a time."""

    period = s.ChoiceField(list(periods.NAMES))
    first = s.DateField(allow_null=True)
    last = s.DateField(allow_null=True)
    by = s.ChoiceField(list(costs.BY))
    total = CostRow()
    results = CostRow(many=True)
    cut = s.BooleanField(help_text="There are more rows; the total counts them.")


class Span(Shape):
    """What was booked in a time."""

    prompt_tokens = s.IntegerField(help_text="All of the prompt, cached or not.")
    completion_tokens = s.IntegerField()
    total_tokens = s.IntegerField()
    total_cost = s.CharField(help_text="In USD.")


class CostSpans(Shape):
    """The costs of each time, side by side."""

    today = Span()
    week = Span(help_text="Today and the six days before.")
    month = Span(help_text="Today and the 29 days before.")
    all = Span()


class CostTotals(APIView):
    """Tokens and dollars of today, a week, a month and all, at once."""

    @extend_schema(
        operation_id="showCostTotals",
        summary="Show what was spent today, in a week, in a month and in all",
        description="Of the projects that the caller sees; for the Board, of everything.",
        parameters=[PROJECT],
        responses={200: CostSpans, **problems(400, 401, 403, 404, 503)},
        examples=[examples_money.COST_TOTALS],
    )
    def get(self, request: Request) -> Response:
        """Show them."""
        parameters.only(request.query_params, ("project",))
        now, zone = timezone.now(), timezone.get_default_timezone()
        found = spans.spans(now=now, zone=zone, projects=_projects(request, self))
        return Response({name: span.wire() for name, span in found.items()})


class CostSummary(APIView):
    """Costs as JSON."""

    @extend_schema(
        operation_id="showCosts",
        summary="Show what was spent",
        description=(
            "Of the projects that the caller sees; for the Board, of everything. The dearest first, days in order; at "
            "most 500 rows."
        ),
        parameters=[PERIOD, BY, PROJECT],
        responses={200: Costs, **problems(400, 401, 403, 404, 503)},
        examples=[examples_money.COSTS],
    )
    def get(self, request: Request) -> Response:
        """Show them."""
        return Response(shown(_asked(request, self)))


class CostSheet(APIView):
    """Costs as a file."""

    @extend_schema(
        operation_id="downloadCosts",
        summary="Download what was spent, as CSV",
        description="The same rows. A text that a spreadsheet would take for a formula begins with an apostrophe.",
        parameters=[PERIOD, BY, PROJECT],
        responses={
            (200, "text/csv"): OpenApiResponse(OpenApiTypes.STR, description="RFC 4180, in UTF-8."),
            **problems(400, 401, 403, 404, 503),
        },
        examples=[examples_money.COST_SHEET],
    )
    def get(self, request: Request) -> HttpResponse:
        """Send them."""
        return csv_file(_asked(request, self))


def shown(found: Summary) -> dict[str, object]:
    """A summary as JSON has it."""
    return {
        "period": found.period.name,
        "first": found.period.first.isoformat() if found.period.first else None,
        "last": found.period.last.isoformat() if found.period.last else None,
        "by": found.by,
        "total": _row(found.total),
        "results": [_row(row) for row in found.rows],
        "cut": found.is_cut,
    }


def csv_file(found: Summary) -> HttpResponse:
    """A summary as a browser saves it."""
    name = f"costs-{found.period.name}-by-{found.by}.csv"
    return HttpResponse(
        costs.sheet(found),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _row(row: Cost) -> dict[str, object]:
    amounts = {"cost_usd": money.text(row.cost), "estimated_usd": money.text(row.estimated)}
    counts = {"requests": row.requests, "input_tokens": row.input_tokens, "output_tokens": row.output_tokens}
    return {"key": row.key, **amounts, **counts}


def _asked(request: Request, view: APIView) -> Summary:
    """What the query asks for, of what the caller may see."""
    said = request.query_params
    parameters.only(said, ("period", "by", "project"))
    by = cast(costs.By, parameters.one_of(said, "by", costs.BY) or "role")
    name = cast(periods.Name, parameters.one_of(said, "period", periods.NAMES) or "today")
    period = periods.named(name, now=timezone.now(), zone=timezone.get_default_timezone())
    found = costs.summary(period=period, by=by, projects=_projects(request, view))
    return limits.by_slug(found) if by == "project" else found


def _projects(request: Request, view: APIView) -> list[str] | None:
    """None: all that was ever spent, for the Board."""
    seen = readable(caller_of(request))
    if (slug := request.query_params.get("project")) is not None:
        found = seen.filter(slug=slug[:64]).values_list("pk", flat=True).first()
        if found is None:
            raise UnknownProject(pointer="?project")
        return [str(found)]
    if Board("billing.view_ledgerentry")().has_permission(request, view):
        return None
    return [str(pk) for pk in seen.values_list("pk", flat=True)]
