"""What agents do beside writing: tools, who may use them, what they look things up in, what was done outside."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from agents.models import KnowledgeSource, RegisteredTool, ToolRule
from nexus import engine

from .machinery import Stated
from .readonly import Shown, among

EFFECTS = ("read", "idempotent", "once")


@admin.register(engine.Effect)
class Effects(Stated):
    """Acts on the world outside."""

    heading = _("Effects")
    list_display = ("shown_order", "name", "kind", "shown_state", "shown_task", "tries", "taken_at", "finished_at")
    list_display_links = ("name",)
    list_filter = (among("state", engine.EffectState), among("kind", EFFECTS))
    search_fields = ("name", "run__subject")
    ordering = ("-id",)
    list_select_related = ("run", "task")

    @display(description=_("Order"))
    def shown_order(self, effect: engine.Effect) -> str:
        """What its run is about."""
        return effect.run.subject

    @display(description=_("Task"))
    def shown_task(self, effect: engine.Effect) -> str:
        """Its task's key."""
        return effect.task.key


@admin.register(RegisteredTool)
class Tools(Shown):
    """Tools, as every process has them."""

    heading = _("Tools")
    list_display = ("name", "effect", "permission", "source", "enabled", "uses", "used_at")
    list_filter = (among("effect", EFFECTS),)
    search_fields = ("name", "description")


@admin.register(ToolRule)
class ToolRules(Shown):
    """Who may use what."""

    heading = _("Tool rules")
    list_display = ("tool", "role", "project", "order", "verdict")
    search_fields = ("tool", "role", "project", "order")


@admin.register(KnowledgeSource)
class KnowledgeSources(Shown):
    """Texts that agents look things up in."""

    heading = _("Knowledge sources")
    list_display = ("name", "title", "project", "updated_at")
    search_fields = ("name", "title", "project")
