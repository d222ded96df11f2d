"""The Board's pages about workflows: definitions, their changes, knowledge, conversations. They only show."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from apps.board.readonly import Shown
from apps.board.words import LABELS

from .models import (
    Change,
    Chat,
    ChatEntry,
    KnowledgeSnapshot,
    PipelineNode,
    StageDefinition,
    ToolDefinition,
    WorkflowDefinition,
)

LABELS.update(
    body=_("Definition"), version=_("Version"), updated_by=_("Changed by"), updated_at=_("Changed"),
    action=_("Change"), old_version=_("Version before"), new_version=_("Version after"), prompt_sha256=_("Prompt hash"),
    checksum=_("Checksum"), missing=_("Missing files"), payload=_("Knowledge"), chat_id=_("Conversation"),
    cached_state=_("What is remembered"), speaker=_("Who spoke"), text=_("Words"), chat=_("Conversation"),
)  # fmt: skip


class Defined(Shown):
    """Definitions of one kind."""

    list_display = ("key", "version", "project", "updated_by", "updated_at")
    search_fields = ("key",)
    ordering = ("-id",)
    list_select_related = ("project",)
    fields = ("key", "version", "project", "updated_by", "updated_at", "body")


@admin.register(WorkflowDefinition)
class Workflows(Defined):
    """Workflows."""

    heading = _("Workflows")


@admin.register(StageDefinition)
class Stages(Defined):
    """Stages."""

    heading = _("Stages")


@admin.register(ToolDefinition)
class Tools(Defined):
    """Tools of stages."""

    heading = _("Tools of stages")


@admin.register(PipelineNode)
class Nodes(Defined):
    """Pipeline nodes."""

    heading = _("Pipeline nodes")


@admin.register(Change)
class Changes(Shown):
    """Who changed what."""

    heading = _("Changes of definitions")
    list_display = ("at", "kind", "key", "action", "old_version", "new_version", "actor", "project")
    search_fields = ("key", "actor")
    ordering = ("-id",)
    list_select_related = ("project",)
    fields = (
        "at", "kind", "key", "action", "old_version", "new_version", "actor", "project", "prompt_sha256", "body",
    )  # fmt: skip


@admin.register(KnowledgeSnapshot)
class Snapshots(Shown):
    """What workflows know."""

    heading = _("Knowledge of workflows")
    list_display = ("workflow", "project", "checksum", "missing", "created_at")
    search_fields = ("workflow",)
    ordering = ("-id",)
    list_select_related = ("project",)
    fields = ("workflow", "project", "checksum", "missing", "created_at", "payload")


@admin.register(Chat)
class Chats(Shown):
    """Conversations with workflows."""

    heading = _("Conversations with workflows")
    list_display = ("chat_id", "project", "updated_at")
    search_fields = ("chat_id",)
    ordering = ("-id",)
    list_select_related = ("project",)
    fields = ("chat_id", "project", "updated_at", "cached_state")


@admin.register(ChatEntry)
class Entries(Shown):
    """What was said in them."""

    heading = _("What was said to workflows")
    list_display = ("chat", "speaker", "order", "text", "at")
    search_fields = ("chat__chat_id", "order")
    ordering = ("-id",)
    list_select_related = ("chat",)
    fields = ("chat", "speaker", "order", "at", "text")
