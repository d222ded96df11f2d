"""What is stored about money: USD with nine places. Names of constraints are the sentences they enforce."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Price(models.Model):
    """What a model costs from then on: USD per million tokens, and per minute it hears. Rows are added, not changed."""

    book = models.CharField(max_length=32)
    provider = models.CharField(max_length=32)
    model = models.CharField(max_length=128, help_text="A model's name, or a glob: the most specific one wins.")
    effective_from = models.DateTimeField()
    min_prompt_tokens = models.PositiveIntegerField(default=0, help_text="The tier's smallest prompt.")
    input = models.DecimalField(max_digits=12, decimal_places=6)
    output = models.DecimalField(max_digits=12, decimal_places=6)
    cache_write_5m = models.DecimalField(max_digits=12, decimal_places=6)
    cache_write_1h = models.DecimalField(max_digits=12, decimal_places=6)
    cache_read = models.DecimalField(max_digits=12, decimal_places=6)
    minute = models.DecimalField(
        max_digits=12, decimal_places=6, default=Decimal(0), db_default=Decimal(0),
        help_text="A minute of a recording that it listens to.",
    )  # fmt: skip

    class Meta:
        ordering = ("book", "provider", "model", "effective_from", "min_prompt_tokens", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("book", "provider", "model", "effective_from", "min_prompt_tokens"),
                name="a_tier_has_one_price_per_moment",
            ),
            models.CheckConstraint(
                condition=Q(
                    input__gte=0,
                    output__gte=0,
                    cache_write_5m__gte=0,
                    cache_write_1h__gte=0,
                    cache_read__gte=0,
                    minute__gte=0,
                ),
                name="a_price_is_never_negative",
            ),
        )

    def __str__(self) -> str:
        """Say which tier this is."""
        return f"{self.book}/{self.provider}/{self.model} from {self.min_prompt_tokens} tokens"


class Budget(models.Model):
    """What one scope has spent, has reserved, and may spend at most."""

    kind = models.CharField(max_length=16, help_text="project, order, role or day")
    key = models.CharField(max_length=128)
    period = models.CharField(max_length=16, default="all", help_text="all: the scope's whole life.")
    limit = models.DecimalField(
        max_digits=18, decimal_places=9, null=True, blank=True, db_column="limit_usd", help_text="Empty: no limit."
    )
    spent = models.DecimalField(max_digits=18, decimal_places=9, default=Decimal(0))
    reserved = models.DecimalField(max_digits=18, decimal_places=9, default=Decimal(0))
    going_on_at = models.DateTimeField(
        null=True, help_text="While it lets go on what waited for it: when it was raised, or last let something go on."
    )
    warned_at = models.DateTimeField(null=True, help_text="When people were told that it is nearly used.")
    critical_at = models.DateTimeField(null=True, help_text="When people were told that it will not be enough.")

    class Meta:
        verbose_name = _("budget")
        verbose_name_plural = _("budgets")
        ordering = ("kind", "key", "period", "id")
        constraints = (
            models.UniqueConstraint(fields=("kind", "key", "period"), name="a_scope_has_one_budget_per_period"),
            models.CheckConstraint(condition=Q(reserved__gte=0), name="reserved_is_never_negative"),
            models.CheckConstraint(condition=Q(spent__gte=0), name="spent_is_never_negative"),
            models.CheckConstraint(condition=Q(limit__isnull=True) | Q(limit__gte=0), name="a_limit_is_never_negative"),
        )
        indexes = (models.Index(fields=("id",), condition=Q(going_on_at__isnull=False), name="budgets_that_go_on"),)

    def __str__(self) -> str:
        """Name the scope."""
        return f"{self.kind} {self.key}"


class BudgetChange(models.Model):
    """Who set a limit, from what to what, and why. Append-only; a trigger refuses the rest."""

    kind = models.CharField(max_length=16)
    key = models.CharField(max_length=128)
    period = models.CharField(max_length=16, default="all")
    before = models.DecimalField(max_digits=18, decimal_places=9, null=True, help_text="Empty: no limit.")
    after = models.DecimalField(max_digits=18, decimal_places=9, null=True, help_text="Empty: no limit.")
    actor = models.CharField(max_length=200)
    reason = models.CharField(max_length=500, blank=True, default="")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("budget change")
        verbose_name_plural = _("budget changes")
        ordering = ("id",)
        indexes = (models.Index(fields=("kind", "key", "id"), name="budget_changes_by_scope"),)

    def __str__(self) -> str:
        """Name the scope."""
        return f"{self.kind} {self.key}"


class Hold(models.Model):
    """The part of a budget that one request may still spend. Open until the request is settled or let go."""

    request_id = models.UUIDField()
    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="holds")
    amount = models.DecimalField(max_digits=18, decimal_places=9)
    open = models.BooleanField(default=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("request_id", "budget"), name="a_request_holds_a_budget_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="a_hold_is_never_negative"),
        )
        indexes = (models.Index(fields=("budget",), condition=Q(open=True), name="open_holds_by_budget"),)

    def __str__(self) -> str:
        """Name the request."""
        return f"{self.request_id} holds {self.amount}"


class LedgerEntry(models.Model):
    """One line of the ledger: what one physical request cost. Append-only; a trigger refuses the rest.

    Rows of the engine and of agents are named by number and not by foreign key: a line outlives what it speaks of.
    """

    class Kind(models.TextChoices):
        """Whether a line books a request or corrects a line."""

        CHARGE = "CHARGE", "charge"
        """The request itself: exactly one per request."""
        ADJUST = "ADJUST", "adjustment"
        """A correction, when the provider said later what we had to estimate."""

    class Quality(models.TextChoices):
        """Who says so."""

        REPORTED = "reported", "reported by the provider"
        ESTIMATED = "estimated", "estimated by Nexus"

    request_id = models.UUIDField()
    kind = models.CharField(max_length=8, choices=Kind)
    n = models.PositiveSmallIntegerField(default=0, help_text="0 for the charge, 1 and on for adjustments.")
    amount = models.DecimalField(max_digits=18, decimal_places=9)
    quality = models.CharField(max_length=12, choices=Quality)
    price = models.ForeignKey(Price, on_delete=models.PROTECT, related_name="+")
    provider = models.CharField(max_length=32)
    model = models.CharField(max_length=128)
    role = models.CharField(max_length=32)
    project = models.CharField(max_length=128)
    order = models.CharField(max_length=64, db_column="order_ref")
    run_id = models.BigIntegerField()
    task_id = models.BigIntegerField()
    task_key = models.CharField(max_length=128)
    input_tokens = models.BigIntegerField()
    output_tokens = models.BigIntegerField()
    cache_write_5m = models.BigIntegerField(default=0)
    cache_write_1h = models.BigIntegerField(default=0)
    cache_read = models.BigIntegerField(default=0)
    heard_ms = models.BigIntegerField(default=0, db_default=0, help_text="Milliseconds of a recording it is paid for.")
    day = models.DateField(help_text="The day it was booked, in the installation's time zone.")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("request_id", "kind", "n"), name="a_request_is_charged_once"),
            models.CheckConstraint(
                condition=~Q(kind="CHARGE") | Q(n=0, amount__gte=0), name="a_charge_is_the_first_line_and_not_negative"
            ),
            models.CheckConstraint(condition=~Q(kind="ADJUST") | Q(n__gte=1), name="an_adjustment_follows_a_charge"),
            models.CheckConstraint(
                condition=Q(quality__in=("reported", "estimated")), name="a_line_is_reported_or_estimated"
            ),
        )
        indexes = (
            models.Index(F("order"), F("id"), name="ledger_by_order"),
            models.Index(F("project"), F("day"), name="ledger_by_project"),
            models.Index(F("day"), F("id"), name="ledger_by_day"),
            models.Index(F("task_id"), name="ledger_by_task"),
        )

    def __str__(self) -> str:
        """Say what was booked for which request."""
        return f"{self.kind} {self.amount} for {self.request_id}"
