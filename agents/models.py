"""What is stored about agents. Names of constraints are the sentences they enforce.

Runs and tasks of the engine are plain numbers here, with indexes and without foreign keys. Agents never join to them,
their rows outlive a pruned run for the sake of the ledger, and the two packages keep separate migration histories.
"""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from agents.attachments.models import Attachment, Shelf
from agents.loop.models import Talk, TalkTurn
from agents.passages import KnowledgePassage, KnowledgeSource
from agents.sessions.models import Message, Session

__all__ = [
    "Attachment", "KnowledgePassage", "KnowledgeSource", "Message", "ModelCall", "ModelRequest", "ProviderKey",
    "RegisteredTool", "Role", "RoleVersion", "Session", "Shelf", "Talk", "TalkTurn", "ToolRule",
]  # fmt: skip


class Role(models.Model):
    """Who may work: a name, the model behind it, and how it is spoken to."""

    name = models.CharField(max_length=32, unique=True)
    provider = models.CharField(max_length=32)
    model = models.CharField(max_length=128)
    chain = models.JSONField(
        default=list, blank=True, help_text='Who is asked next, in order: [{"provider": …, "model": …}].'
    )
    effort = models.CharField(max_length=8, blank=True, default="", help_text="low to max; empty: the model's own.")
    max_output_tokens = models.PositiveIntegerField()
    system_prompt = models.TextField(blank=True, default="")
    steps_down_to = models.CharField(
        max_length=32, blank=True, default="", help_text="The role whose model it works with near the end of a budget."
    )
    tools = models.JSONField(
        default=list, db_default=[], blank=True, help_text='Names of tools, or beginnings with a star: ["web_fetch"].'
    )
    limits = models.JSONField(
        default=dict, db_default={}, blank=True, help_text="turns, tokens, seconds, cost_usd, repeats: for one task."
    )
    project = models.CharField(
        max_length=128, blank=True, default="", db_default="", help_text="Whose it is alone; empty: everybody's."
    )
    code = models.TextField(
        blank=True,
        default="",
        db_default="",
        help_text="Python: prepare(text) makes of an input what the model is asked.",
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ("name",)
        constraints = (models.CheckConstraint(condition=Q(max_output_tokens__gte=1), name="a_role_may_say_something"),)

    def __str__(self) -> str:
        """Name the role and its model."""
        return f"{self.name} ({self.model})"


class RoleVersion(models.Model):
    """A role as it was from a moment on, who made it so, and why. Append-only; a trigger refuses the rest."""

    role = models.CharField(max_length=32)
    version = models.PositiveIntegerField()
    provider = models.CharField(max_length=32)
    model = models.CharField(max_length=128)
    chain = models.JSONField(default=list)
    effort = models.CharField(max_length=8, blank=True, default="")
    max_output_tokens = models.PositiveIntegerField()
    system_prompt = models.TextField(blank=True, default="")
    steps_down_to = models.CharField(max_length=32, blank=True, default="")
    tools = models.JSONField(default=list, db_default=[])
    limits = models.JSONField(default=dict, db_default={})
    project = models.CharField(max_length=128, blank=True, default="", db_default="")
    code = models.TextField(blank=True, default="", db_default="")
    actor = models.CharField(max_length=200)
    reason = models.CharField(max_length=500, blank=True, default="")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("role version")
        verbose_name_plural = _("role versions")
        ordering = ("role", "version")
        constraints = (models.UniqueConstraint(fields=("role", "version"), name="a_role_has_each_version_once"),)

    def __str__(self) -> str:
        """Name the role and its version."""
        return f"{self.role} {self.version}"


class ProviderKey(models.Model):
    """The key of a provider, locked with NEXUS_KEYS_SECRET. `keys.py` alone opens it."""

    provider = models.CharField(max_length=32, unique=True)
    locked = models.TextField()
    prefix = models.CharField(max_length=8)
    set_by = models.CharField(max_length=200)
    set_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("provider key")
        verbose_name_plural = _("provider keys")
        ordering = ("provider",)

    def __str__(self) -> str:
        """Name the provider, and no more of the key than tells it apart."""
        return f"{self.provider} {self.prefix}…"


class ModelCall(models.Model):
    """One question of one step of a task, and its answer once there is one. Asked again, it is replayed."""

    task_id = models.BigIntegerField()
    step = models.PositiveIntegerField()
    input_hash = models.CharField(max_length=64)
    run_id = models.BigIntegerField()
    task_key = models.CharField(max_length=128)
    project = models.CharField(max_length=128)
    order = models.CharField(max_length=64, db_column="order_ref")
    role = models.CharField(max_length=32)
    response = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("task_id", "step", "input_hash"), name="a_step_asks_a_question_once"),
            models.CheckConstraint(
                condition=Q(response__isnull=True, answered_at__isnull=True)
                | Q(response__isnull=False, answered_at__isnull=False),
                name="an_answer_has_its_time",
            ),
        )
        indexes = (models.Index(fields=("run_id",), name="model_calls_by_run"),)

    def __str__(self) -> str:
        """Name the task and the step."""
        return f"{self.task_key} step {self.step}"


class ModelRequest(models.Model):
    """One physical request to a provider. `requests.py` is the only writer of its state."""

    class State(models.TextChoices):
        """INTENT -> SENT -> SETTLED | UNBILLED | UNKNOWN; INTENT -> UNBILLED; UNKNOWN -> SETTLED."""

        INTENT = "INTENT", "about to be sent"
        """Reserved for; nothing has left."""
        SENT = "SENT", "sent"
        """It may have left; nobody knows more yet."""
        SETTLED = "SETTLED", "answered"
        """Answered and booked."""
        UNBILLED = "UNBILLED", "not billed"
        """It never left, or was refused."""
        UNKNOWN = "UNKNOWN", "end unknown"
        """It left and its end was not seen: booked by estimate. An answer that comes late settles it."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    call = models.ForeignKey(ModelCall, on_delete=models.PROTECT, related_name="requests")
    number = models.PositiveIntegerField(help_text="Which try of the call this is, from 1.")
    fence = models.BigIntegerField(help_text="The fence of the execution that sent it.")
    provider = models.CharField(max_length=32)
    model = models.CharField(max_length=128)
    role = models.CharField(max_length=32)
    stepped_from = models.CharField(
        max_length=128, blank=True, default="", help_text="The role's own model, where a budget was nearly used."
    )
    sandbox = models.BooleanField(default=False)
    price = models.ForeignKey("billing.Price", on_delete=models.PROTECT, related_name="+")
    max_cost = models.DecimalField(max_digits=18, decimal_places=9)
    max_input_tokens = models.BigIntegerField()
    max_output_tokens = models.BigIntegerField()
    max_heard_ms = models.BigIntegerField(default=0, db_default=0)
    state = models.CharField(max_length=8, choices=State, default=State.INTENT)
    # Not unique: a provider may repeat its ids, and a settle that fails on it would lose the charge.
    provider_request_id = models.CharField(max_length=128, null=True)
    usage = models.JSONField(null=True)
    http_status = models.PositiveSmallIntegerField(null=True)
    error = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("created_at", "id")
        constraints = (
            models.UniqueConstraint(fields=("call", "number"), name="a_call_numbers_its_tries"),
            models.CheckConstraint(
                condition=Q(state__in=("INTENT", "SENT"), closed_at__isnull=True)
                | Q(state__in=("SETTLED", "UNBILLED", "UNKNOWN"), closed_at__isnull=False),
                name="a_request_is_closed_when_its_end_is_booked",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("SENT", "SETTLED", "UNKNOWN")) | Q(sent_at__isnull=False),
                name="a_request_that_left_says_when",
            ),
        )
        indexes = (
            models.Index(fields=("created_at",), condition=Q(state__in=("INTENT", "SENT")), name="open_model_requests"),
        )

    def __str__(self) -> str:
        """Name the request and where it stands."""
        return f"{self.id} {self.state}"


class RegisteredTool(models.Model):
    """A tool as the registry had it when it was written down. `enabled` is the operator's.

    One that was generated is not in the registry: `code` is all there is of it, and `project` alone may use it.
    """

    name = models.CharField(max_length=64, unique=True)
    display_name = models.CharField(max_length=200, blank=True, default="", db_default="")
    category = models.CharField(max_length=64, blank=True, default="general", db_default="general")
    version = models.PositiveIntegerField(default=1)
    description = models.TextField()
    schema = models.JSONField()
    effect = models.CharField(max_length=10)
    permission = models.CharField(max_length=5)
    source = models.CharField(max_length=64, default="python")
    project = models.CharField(max_length=128, blank=True, default="", db_default="")
    code = models.TextField(blank=True, default="", db_default="")
    code_path = models.CharField(max_length=500, blank=True, default="", db_default="")
    dependencies = models.JSONField(default=list, db_default=[], blank=True)
    enabled = models.BooleanField(default=True)
    uses = models.BigIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("tool")
        verbose_name_plural = _("tools")
        ordering = ("name",)
        indexes = (
            models.Index(fields=("category", "-uses"), name="tools_of_a_category_by_use"),
            models.Index(fields=("source", "-created_at"), name="tools_of_a_source_by_age"),
            models.Index(fields=("project",), condition=~Q(project=""), name="tools_of_a_project"),
        )

    def __str__(self) -> str:
        """Name the tool."""
        return self.name


class ToolRule(models.Model):
    """What a role, a project or an order may do with a tool. Empty: any."""

    class Verdict(models.TextChoices):
        """From the mildest to the strictest."""

        ALLOW = "allow", "may be used"
        ASK = "ask", "people are asked first"
        DENY = "deny", "may not be used"

    tool = models.CharField(max_length=64)
    """A name, or the beginning of one and a star."""
    role = models.CharField(max_length=32, blank=True, default="")
    project = models.CharField(max_length=128, blank=True, default="")
    order = models.CharField(max_length=64, blank=True, default="", db_column="order_ref")
    verdict = models.CharField(max_length=5, choices=Verdict)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("tool rule")
        verbose_name_plural = _("tool rules")
        ordering = ("tool", "id")
        constraints = (
            models.UniqueConstraint(fields=("tool", "role", "project", "order"), name="a_tool_rule_is_written_once"),
            models.CheckConstraint(
                condition=Q(verdict__in=("allow", "ask", "deny")), name="a_tool_rule_allows_asks_or_denies"
            ),
        )

    def __str__(self) -> str:
        """Name the verdict and the tool."""
        return f"{self.verdict} {self.tool}"
