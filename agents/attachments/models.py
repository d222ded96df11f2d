"""What is stored of files. Their bytes are in Django's storage, under `path`."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Attachment(models.Model):
    """A file that somebody sent, as it was taken. Its project is a plain number here, as in calls."""

    class Kind(models.TextChoices):
        """What its bytes are."""

        IMAGE = "image", _("picture")
        DOCUMENT = "document", _("document")
        AUDIO = "audio", _("sound")

    public_id = models.CharField(max_length=40, unique=True)
    project = models.CharField(max_length=128)
    sha256 = models.CharField(max_length=64, help_text=_("Of the bytes that are kept."))
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=8, choices=Kind)
    media_type = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(help_text=_("Bytes that are kept."))
    width = models.PositiveIntegerField(default=0, help_text=_("Pixels, of a picture as it was sent."))
    height = models.PositiveIntegerField(default=0)
    seconds = models.PositiveIntegerField(default=0, help_text=_("How long a sound lasts at most."))
    transcript = models.TextField(null=True, help_text=_("What is said in it, once a model has listened."))
    sender = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("project", "sha256", "name"), name="a_project_keeps_a_file_once"),
            models.CheckConstraint(
                condition=Q(transcript__isnull=True) | Q(kind="audio"), name="only_sounds_are_heard"
            ),
        )

    def __str__(self) -> str:
        """Name the file."""
        return f"{self.public_id} {self.name}"

    @property
    def path(self) -> str:
        """Where its bytes are in the storage."""
        return f"attachments/{self.project}/{self.sha256[:2]}/{self.sha256}"


class Shelf(models.Model):
    """How much of a project's quota its files take."""

    project = models.CharField(max_length=128, primary_key=True)
    used = models.PositiveBigIntegerField(default=0, help_text=_("Bytes."))

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(used__gte=0), name="a_shelf_is_never_less_than_empty"),)

    def __str__(self) -> str:
        """Name the project."""
        return f"{self.project}: {self.used} bytes"
