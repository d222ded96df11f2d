"""The registry, written down as rows: for the admin and the API, and for what an operator switches off."""

from __future__ import annotations

from agents.models import RegisteredTool

from . import registry


def install() -> int:
    """Write every registered tool; return how many are new. What an operator set, and the counts, are left alone."""
    before = RegisteredTool.objects.count()
    RegisteredTool.objects.bulk_create(
        [
            RegisteredTool(
                name=tool.name, version=tool.version, description=tool.description, schema=dict(tool.schema),
                effect=tool.effect, permission=tool.permission, source=tool.source,
            )
            for tool in registry.tools()
        ],
        update_conflicts=True,
        unique_fields=("name",),
        update_fields=("version", "description", "schema", "effect", "permission", "source"),
    )  # fmt: skip
    return RegisteredTool.objects.count() - before
