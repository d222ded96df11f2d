"""Where its doors are, beneath /api/."""

from __future__ import annotations

from django.urls import path, register_converter

from . import changing
from .views import applying, bundling, definitions, knowing, looking, telling


class DefinitionId:
    """What a definition is called; anything else is a 404 before the database is asked."""

    regex = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"

    def to_python(self, value: str) -> str:
        """As it is."""
        return value

    def to_url(self, value: str) -> str:
        """As it is."""
        return value


register_converter(DefinitionId, "definition")

urlpatterns = [
    path("workflows/import", bundling.Import.as_view(), name="workflow-import"),
    path("workflows/apply", applying.apply, name="workflow-applied"),
    path("workflows/apply", applying.Apply.as_view(), name="workflow-apply"),  # for the schema; the one before answers
    path("workflows/simulate", looking.Simulate.as_view(), name="workflow-simulate"),
    path("workflows/telemetry", telling.Telemetry.as_view(), name="workflow-telemetry"),
    path("workflows/telemetry.jsonl", telling.TelemetryLines.as_view(), name="workflow-telemetry-lines"),
    path("workflows/changes", telling.Changes.as_view(), name="workflow-changes"),
    path("workflows/<definition:ref>/knowledge", knowing.Knowledge.as_view(), name="workflow-knowledge"),
    path("workflows/<definition:ref>/knowledge/refresh", knowing.Refresh.as_view(), name="workflow-knowledge-refresh"),
    path("workflows/runs/<order:public_id>", applying.Applications.as_view(), name="workflow-run"),
    path("workflows/<definition:ref>/export", bundling.Export.as_view(), name="workflow-export"),
    *(
        path(definitions.PATHS[kind.name], definitions.lists(kind).as_view(), name=f"{kind.name}-definitions")
        for kind in changing.KINDS.values()
    ),
    *(
        path(
            f"{definitions.PATHS[kind.name]}/<definition:ref>", definitions.ones(kind).as_view(),
            name=f"{kind.name}-definition",
        )
        for kind in changing.KINDS.values()
    ),
]  # fmt: skip
