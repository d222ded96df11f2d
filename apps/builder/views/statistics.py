"""Counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.api import envelope, parameters
from apps.api.answers import Shape
from apps.api.schema import problems, query
from apps.builder import answers, examples, finding, statistics
from apps.builder import answers_statistics as shapes

DAYS = query("days", "So many days up to today, 1 to 90.", default=7)
LIMIT = query("limit", "At most so many, 1 to 100.", default=20)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One address of figures."""

    name: str
    operation: str
    summary: str
    shape: type[Shape]
    example: object
    read: Callable[..., Any]
    many: bool = True
    takes: str = ""
    """The parameter that it takes, if any."""

    def as_view(self) -> Callable[..., Any]:
        """Read what is asked, count, answer."""
        figures = self
        known: list[OpenApiParameter] = [{"days": DAYS, "limit": LIMIT}[self.takes]] if self.takes else []

        class Counted(APIView):
            """Figures of the caller's projects."""

            @extend_schema(
                operation_id=figures.operation,
                summary=figures.summary,
                parameters=known,
                responses={
                    200: answers.enveloped(figures.shape, many=figures.many),
                    **problems(400, 401, 403, 503),
                },
                examples=[examples.answered("Figures", [figures.example] if figures.many else figures.example)],
            )
            def get(self, request: Request) -> Response:
                """Count what the caller may see."""
                return envelope.around(request, Response(figures.counted(request)))

        return Counted.as_view()

    def counted(self, request: Request) -> Any:
        """The figures that the request asks for."""
        asked = request.query_params
        parameters.only(asked, (self.takes,) if self.takes else ())
        given: dict[str, int] = {}
        if self.takes == "days":
            given["days"] = parameters.whole(asked, "days", default=7, least=1, most=90)
        if self.takes == "limit":
            given["limit"] = parameters.whole(asked, "limit", default=20, least=1, most=100)
        return self.read(finding.seen(request), **given)


FIGURES = (
    Figures(
        name="overview", operation="getStatisticsOverview", summary="Count projects, agents and invocations",
        shape=shapes.Overview, example=examples.OVERVIEW, read=statistics.overview, many=False,
    ),
    Figures(
        name="builds", operation="getBuildStatistics", summary="Count builds by day", shape=shapes.BuildsOfDay,
        example=examples.BUILDS, read=statistics.builds, takes="days",
    ),
    Figures(
        name="invocations", operation="getInvocationStatistics", summary="Count invocations by day",
        shape=shapes.InvocationsOfDay, example=examples.INVOCATIONS, read=statistics.invocations, takes="days",
    ),
    Figures(
        name="agent-categories", operation="getAgentCategories", summary="Count agents by category",
        shape=shapes.CategoryCount, example=examples.CATEGORY, read=statistics.categories,
    ),
    Figures(
        name="top-agents", operation="getTopAgents", summary="List the agents that were asked most",
        shape=shapes.TopAgent, example=examples.TOP, read=statistics.top_agents, takes="days",
    ),
    Figures(
        name="recent-activities", operation="getRecentActivities", summary="List what happened last",
        shape=shapes.Activity, example=examples.ACTIVITY, read=statistics.recent, takes="limit",
    ),
    Figures(
        name="system-health", operation="getSystemHealth", summary="Say whether everything works",
        shape=shapes.SystemHealth, example=examples.HEALTH, read=statistics.health, many=False,
    ),
)  # fmt: skip
"""Each is `GET /api/v2/statistics/<name>`."""
