"""What is stored of workflows: definitions, their changes, knowledge, conversations, what an order began with."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from workorders.models import Project, WorkOrder


class Definition(models.Model):
    """Something that a project has defined, under a name of its own. `shapes.py` says what a body holds."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=100)
    version = models.PositiveIntegerField(default=1)
    body: models.JSONField[Any, Any] = models.JSONField()
    updated_by = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        abstract = True
        constraints = (
            models.UniqueConstraint(fields=("project", "key"), name="%(class)s_keys_differ_in_a_project"),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="%(class)s_versions_begin_with_1"),
        )

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.key} v{self.version}"


class ToolDefinition(Definition):
    """A tool that stages may be given, and which tool of the agents it is."""

    class Meta(Definition.Meta):
        verbose_name = _("tool definition")
        verbose_name_plural = _("tool definitions")


class StageDefinition(Definition):
    """One question to a model: its prompt, its tools, the contract of its answer."""

    class Meta(Definition.Meta):
        verbose_name = _("stage definition")
        verbose_name_plural = _("stage definitions")


class WorkflowDefinition(Definition):
    """Stages in order, and where each may lead."""

    class Meta(Definition.Meta):
        verbose_name = _("workflow definition")
        verbose_name_plural = _("workflow definitions")


class PipelineNode(Definition):
    """A node as an editor draws it: its prompt, its actions, the variables it maps."""

    public_id = models.CharField(max_length=48, unique=True)

    class Meta(Definition.Meta):
        verbose_name = _("pipeline node")
        verbose_name_plural = _("pipeline nodes")


class Change(models.Model):
    """One change of one definition. Only ever added."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16)
    key = models.CharField(max_length=100)
    action = models.CharField(max_length=8)
    old_version = models.PositiveIntegerField(null=True)
    new_version = models.PositiveIntegerField(null=True)
    prompt_sha256 = models.CharField(max_length=64, blank=True, default="")
    """Of the prompt as it is from then on; empty where there is none."""
    body: models.JSONField[Any, Any] = models.JSONField(null=True)
    """As it is from then on; as it last was, where it was deleted."""
    actor = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("change of a definition")
        verbose_name_plural = _("changes of definitions")
        indexes = (models.Index(fields=("project", "kind", "key", "-id"), name="changes_of_a_definition"),)

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.action} {self.kind} {self.key}"


class KnowledgeFile(models.Model):
    """A YAML file of a workflow's knowledge, as it was given."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    workflow = models.CharField(max_length=100)
    path = models.CharField(max_length=300)
    text = models.TextField()
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("knowledge file")
        verbose_name_plural = _("knowledge files")
        constraints = (
            models.UniqueConstraint(fields=("project", "workflow", "path"), name="a_knowledge_file_is_kept_once"),
        )

    def __str__(self) -> str:
        """For the admin."""
        return self.path


class KnowledgeSnapshot(models.Model):
    """What a workflow knows: its files read together, once, under one checksum."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    workflow = models.CharField(max_length=100)
    payload: models.JSONField[Any, Any] = models.JSONField()
    checksum = models.CharField(max_length=80)
    missing: models.JSONField[Any, Any] = models.JSONField(default=list)
    """Paths that the index names and that are not there."""
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("knowledge snapshot")
        verbose_name_plural = _("knowledge snapshots")
        constraints = (
            models.UniqueConstraint(fields=("project", "workflow"), name="a_workflow_has_one_knowledge_snapshot"),
        )

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.workflow} {self.checksum[:20]}"


class Chat(models.Model):
    """A conversation with workflows, and what they remember of it between two orders."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    chat_id = models.CharField(max_length=160, unique=True)
    cached_state: models.JSONField[Any, Any] = models.JSONField(default=dict)
    """Changed by orders that reached their end, and by nothing else."""
    begins_after = models.BigIntegerField(default=0)
    """The number of the last entry before the conversation was begun anew."""
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("conversation with workflows")
        verbose_name_plural = _("conversations with workflows")

    def __str__(self) -> str:
        """For the admin."""
        return self.chat_id


class ChatEntry(models.Model):
    """One thing that was said: the long history, of which Redis has the last twenty."""

    chat = models.ForeignKey(Chat, on_delete=models.CASCADE, related_name="entries")
    order = models.CharField(max_length=32, db_column="order_ref")
    speaker = models.CharField(max_length=10)
    text = models.TextField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("entry of a conversation")
        verbose_name_plural = _("entries of conversations")
        constraints = (
            models.UniqueConstraint(fields=("chat", "order", "speaker"), name="an_order_is_said_once_by_each"),
        )

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.speaker} {self.order}"


class Execution(models.Model):
    """What one order began with: the workflow as it was then, who asked and how. Never changed."""

    order = models.OneToOneField(WorkOrder, on_delete=models.CASCADE, related_name="+")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    workflow = models.CharField(max_length=100)
    version = models.PositiveIntegerField()
    definition: models.JSONField[Any, Any] = models.JSONField()
    """{"workflow": its body, "stages": {id: body}}."""
    request_id = models.CharField(max_length=64, blank=True, default="", db_index=True)
    chat_id = models.CharField(max_length=160)
    session_id = models.CharField(max_length=64)
    patient = models.BooleanField(default=True)
    """Whether it waits for a model that is away. Who stands at the door and waits for an answer does not want that."""
    anew = models.BooleanField(default=False)
    """Whether its conversation begins anew."""
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("workflow of an order")
        verbose_name_plural = _("workflows of orders")

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.workflow} v{self.version}"
