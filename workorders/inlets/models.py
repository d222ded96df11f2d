"""What is stored of inlets."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Inlet(models.Model):
    """A URL whose messages become orders of a project."""

    class Proof(models.TextChoices):
        """How a message shows that it comes from who holds the secret."""

        STANDARD = "standard", "Standard Webhooks"
        GITHUB = "github", "GitHub"
        TOKEN = "token", _("the secret itself")

    public_id = models.CharField(max_length=42, unique=True)
    project = models.ForeignKey(
        "workorders.Project", on_delete=models.CASCADE, related_name="+", verbose_name=_("project")
    )
    name = models.CharField(_("name"), max_length=120)
    proof = models.CharField(_("proof"), max_length=8, choices=Proof, default=Proof.STANDARD)
    sealed = models.TextField(editable=False)
    #: The order that is filed: workorders/templates.py. Its message may have {{ places }}.
    template: models.JSONField[Any, Any] = models.JSONField(_("order"))
    is_on = models.BooleanField(_("switched on"), default=True)
    created_by = models.CharField(_("created by"), max_length=200, blank=True, default="")
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta:
        verbose_name = _("inlet")
        verbose_name_plural = _("inlets")

    def __str__(self) -> str:
        """For the admin."""
        return self.name


class Arrival(models.Model):
    """A message that came, and the order that it became."""

    inlet = models.ForeignKey(Inlet, on_delete=models.CASCADE, related_name="arrivals", verbose_name=_("inlet"))
    delivery_id = models.CharField(_("message"), max_length=200)
    order = models.CharField(_("order"), max_length=32, blank=True, default="")
    arrived_at = models.DateTimeField(_("arrived"), db_default=Now())

    class Meta:
        verbose_name = _("arrival")
        verbose_name_plural = _("arrivals")
        constraints = (
            models.UniqueConstraint(fields=("inlet", "delivery_id"), name="a_message_arrives_once_at_its_inlet"),
        )
        indexes = (models.Index(fields=("arrived_at",), name="arrivals_by_age"),)

    def __str__(self) -> str:
        """For the admin."""
        return self.delivery_id
