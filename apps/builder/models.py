"""What is stored of builds. Where a build stands is its run's to say: see querysets.py."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .querysets import AgentQuerySet, BuildProjectQuerySet, InvocationQuerySet, JobQuerySet

LARGEST_REQUIREMENT, SMALLEST_REQUIREMENT = 10_000, 10


class BuildProject(models.Model):
    """Somebody wants an agent: what for, and the run that builds it."""

    public_id = models.CharField(max_length=32, unique=True)
    tenant = models.ForeignKey("workorders.Project", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    requirement = models.TextField()
    user_id = models.CharField(max_length=64)
    user_name = models.CharField(max_length=200, blank=True, default="")
    priority = models.PositiveSmallIntegerField(default=3)
    tags: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True)
    deployment_type = models.CharField(max_length=16, default="local")
    order = models.JSONField(default=list, help_text=_("Names of its stages, in their order."))
    #: What the request is, before any stage: intent_type, mentioned_project_name, project_exists, ….
    intent: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    run = models.ForeignKey("nexus.Run", on_delete=models.PROTECT, related_name="+")
    pause_requested_at = models.DateTimeField(null=True)
    restarts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)

    objects = BuildProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("build project")
        verbose_name_plural = _("build projects")
        constraints = (
            models.CheckConstraint(condition=Q(priority__gte=1, priority__lte=5), name="a_builds_priority_is_1_to_5"),
            models.CheckConstraint(
                condition=Q(deployment_type__in=("local", "agentcore")), name="a_build_is_deployed_somewhere"
            ),
            models.UniqueConstraint(fields=("run",), name="a_run_builds_one_project"),
        )
        indexes = (
            models.Index(fields=("tenant", "-created_at", "-id"), name="builds_of_a_project_by_age"),
            models.Index(fields=("user_id", "-created_at"), name="builds_of_a_person_by_age"),
        )

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.name} ({self.public_id})"


class BuildStage(models.Model):
    """One stage of a project: what came of it, and what it took."""

    project = models.ForeignKey(BuildProject, on_delete=models.CASCADE, related_name="stages")
    name = models.CharField(max_length=40)
    number = models.PositiveSmallIntegerField()
    display_name = models.CharField(max_length=100)
    agent_name = models.CharField(max_length=64, blank=True, default="", help_text=_("The role that does it."))
    is_skipped = models.BooleanField(default=False)
    task_id = models.BigIntegerField(null=True, help_text=_("The engine's task that did it, or does."))
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    input_tokens = models.BigIntegerField(default=0)
    output_tokens = models.BigIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=18, decimal_places=9, default=0)
    tool_calls = models.PositiveIntegerField(default=0)
    output_data: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    artifacts: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True)
    logs: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("build stage")
        verbose_name_plural = _("build stages")
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("project", "name"), name="a_project_has_each_stage_once"),
            models.UniqueConstraint(fields=("project", "number"), name="a_projects_stages_are_in_one_order"),
            models.CheckConstraint(
                condition=Q(completed_at__isnull=True) | Q(started_at__isnull=False) | Q(is_skipped=True),
                name="a_stage_that_is_completed_was_started",
            ),
        )

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.number} {self.name}"


class Agent(models.Model):
    """An agent that was built. While it runs there is a role of its name."""

    public_id = models.CharField(max_length=32, unique=True)
    tenant = models.ForeignKey("workorders.Project", on_delete=models.PROTECT, related_name="+")
    project = models.ForeignKey(BuildProject, on_delete=models.SET_NULL, null=True, related_name="agents")
    name = models.CharField(max_length=100)
    display_name = models.CharField(max_length=200, blank=True, default="")
    description = models.TextField(blank=True, default="")
    category = models.CharField(max_length=64, default="general")
    version = models.CharField(max_length=32, default="1.0.0")
    status = models.CharField(max_length=8, default="offline")
    deployment_type = models.CharField(max_length=16, default="local")
    agentcore_config: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    capabilities: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True)
    #: Names as they were designed; `spec` has what they are called here.
    tools: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True)
    tags: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True)
    prompt_path = models.CharField(max_length=500, blank=True, default="")
    code_path = models.CharField(max_length=500, blank=True, default="")
    #: What it is made of: system_prompt, code, tools, role.
    spec: models.JSONField[Any, Any] = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    deployed_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    objects = AgentQuerySet.as_manager()

    class Meta:
        verbose_name = _("agent")
        verbose_name_plural = _("agents")
        constraints = (
            models.CheckConstraint(
                condition=Q(status__in=("running", "offline", "error")), name="an_agent_runs_or_says_why_not"
            ),
            models.CheckConstraint(
                condition=Q(deployment_type__in=("local", "agentcore")), name="an_agent_is_deployed_somewhere"
            ),
            models.UniqueConstraint(
                fields=("project", "name"), condition=Q(deleted_at__isnull=True),
                name="a_projects_agents_have_different_names",
            ),
        )  # fmt: skip
        indexes = (
            models.Index(fields=("tenant", "-created_at", "-id"), name="agents_of_a_tenant_by_age"),
            models.Index(fields=("project", "-created_at"), name="agents_of_a_build_by_age"),
            models.Index(fields=("status", "-created_at"), name="agents_in_a_status_by_age"),
            models.Index(fields=("category", "-created_at"), name="agents_of_a_category_by_age"),
        )

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.name} ({self.public_id})"


class Invocation(models.Model):
    """An agent was asked something, and what came of it. Written when it is over."""

    public_id = models.CharField(max_length=32, unique=True)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="invocations")
    session_id = models.CharField(max_length=41, blank=True, default="")
    user_id = models.CharField(max_length=200, blank=True, default="")
    input_text = models.TextField()
    output_text = models.TextField(blank=True, default="")
    status = models.CharField(max_length=7)
    duration_ms = models.PositiveIntegerField()
    input_tokens = models.BigIntegerField(default=0)
    output_tokens = models.BigIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=18, decimal_places=9, default=0)
    error_message = models.TextField(blank=True, default="")
    metadata: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    run_id = models.BigIntegerField(unique=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = InvocationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invocation")
        verbose_name_plural = _("invocations")
        constraints = (
            models.CheckConstraint(
                condition=Q(status="success", error_message="") | (Q(status="failed") & ~Q(error_message="")),
                name="an_invocation_that_failed_says_why",
            ),
        )
        indexes = (
            models.Index(fields=("agent", "-created_at"), name="invocations_by_agent_and_age"),
            models.Index(
                fields=("session_id", "-created_at"), condition=~Q(session_id=""), name="invocations_by_session"
            ),
            models.Index(fields=("created_at",), name="invocations_by_age"),
        )

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.public_id} ({self.status})"


class Job(models.Model):
    """What was asked of the workers: a run of the engine, or one task of it, under the name that callers know."""

    class Kind(models.TextChoices):
        """What is done."""

        BUILD = "build_agent", _("build")
        DEPLOY = "deploy_agent", _("deploy")
        INVOKE = "invoke_agent", _("invoke")

    public_id = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=12, choices=Kind)
    tenant = models.ForeignKey("workorders.Project", on_delete=models.PROTECT, related_name="+")
    project = models.ForeignKey(BuildProject, on_delete=models.CASCADE, null=True, related_name="jobs")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, null=True, related_name="jobs")
    run = models.ForeignKey("nexus.Run", on_delete=models.PROTECT, related_name="+")
    task_key = models.CharField(max_length=100, blank=True, default="", help_text=_("Empty: all of the run."))
    priority = models.PositiveSmallIntegerField(default=3)
    payload: models.JSONField[Any, Any] = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("task of a project")
        verbose_name_plural = _("tasks of projects")
        constraints = (
            models.UniqueConstraint(fields=("run", "task_key"), name="what_is_asked_of_workers_has_one_name"),
            models.CheckConstraint(condition=Q(priority__gte=1, priority__lte=5), name="a_jobs_priority_is_1_to_5"),
        )
        indexes = (
            models.Index(fields=("project", "-created_at"), name="jobs_of_a_build_by_age"),
            models.Index(fields=("kind", "-created_at"), name="jobs_of_a_kind_by_age"),
        )

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.kind} {self.public_id}"
