"""What is stored of deliveries to other systems."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Subscription(models.Model):
    """A URL that is told of a project's events."""

    class Ended(models.TextChoices):
        """Why nothing is sent to it."""

        BY_HAND = "by_hand", _("switched off")
        FAILING = "failing", _("it has failed for too long")
        GONE = "gone", _("it said that it is gone")

    public_id = models.CharField(max_length=41, unique=True)
    project = models.ForeignKey(
        "workorders.Project", on_delete=models.CASCADE, related_name="+", verbose_name=_("project")
    )
    url = models.CharField(_("URL"), max_length=2_000)
    description = models.CharField(_("description"), max_length=200, blank=True, default="")
    #: Kinds of events, or beginnings with a star.
    kinds: models.JSONField[Any, Any] = models.JSONField(_("kinds"), default=list)
    #: The last event that it has been given.
    cursor = models.BigIntegerField(default=0)
    created_by = models.CharField(_("created by"), max_length=200, blank=True, default="")
    created_at = models.DateTimeField(_("created"), db_default=Now())
    #: Since when every attempt has failed.
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    ended_at = models.DateTimeField(_("disabled"), null=True, blank=True)
    ended = models.CharField(_("why"), max_length=8, choices=Ended, blank=True, default="")

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        indexes = (models.Index(fields=("cursor",), condition=Q(ended_at__isnull=True), name="open_subscriptions"),)

    def __str__(self) -> str:
        """For the admin."""
        return self.public_id

    @property
    def is_open(self) -> bool:
        """Is anything sent to it?"""
        return self.ended_at is None


class Secret(models.Model):
    """What deliveries of a subscription are signed with: the newest, and the one before while it takes over."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="secrets")
    sealed = models.TextField()
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Never the secret."""
        return f"secret {self.pk}"


class Delivery(models.Model):
    """One message to one subscription. Its body is written once, so that every attempt says the same."""

    class State(models.TextChoices):
        """How it stands."""

        PENDING = "pending", _("pending")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("failed")
        HELD = "held", _("held: the webhook is disabled")

    public_id = models.CharField(max_length=40, unique=True)
    subscription = models.ForeignKey(
        Subscription, on_delete=models.CASCADE, related_name="deliveries", verbose_name=_("webhook")
    )
    #: The event's row; none where somebody only tried the URL.
    event = models.BigIntegerField(null=True)
    kind = models.TextField(_("kind"))
    body = models.TextField(_("body"))
    standing = models.CharField(_("state"), max_length=9, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    #: Attempts when it was last sent again by hand: the waits are counted from there.
    attempts_before = models.PositiveSmallIntegerField(default=0)
    #: The run that carries it now.
    run = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    ended_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = (
            models.UniqueConstraint(
                fields=("subscription", "event"), name="an_event_is_one_delivery_of_its_subscription"
            ),
        )
        indexes = (models.Index(fields=("ended_at",), name="ended_deliveries_by_age"),)

    def __str__(self) -> str:
        """For the admin."""
        return self.public_id


class Attempt(models.Model):
    """One request of a delivery, and what came of it."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField(db_default=Now())
    ms = models.PositiveIntegerField(default=0)
    #: Of HTTP; none where no answer came.
    status = models.PositiveSmallIntegerField(null=True)
    #: What became of it where it is not the status: refused, no_answer.
    code = models.CharField(max_length=16, blank=True, default="")
    excerpt = models.TextField(blank=True, default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("delivery", "number"), name="attempts_are_numbered"),)

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.number} {self.status or self.code}"
