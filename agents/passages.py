"""Sources of knowledge and their passages: what agents look things up in."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class KnowledgeSource(models.Model):
    """A text that agents of a project may look things up in; of every project where it names none."""

    project = models.CharField(max_length=128, blank=True, default="")
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=300, blank=True, default="")
    text_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("knowledge source")
        verbose_name_plural = _("knowledge sources")
        ordering = ("project", "name")
        constraints = (models.UniqueConstraint(fields=("project", "name"), name="a_source_has_its_name_alone"),)

    def __str__(self) -> str:
        """Name the source."""
        return self.title or self.name


class KnowledgePassage(models.Model):
    """A piece of a source, as it is found: `words` are what it is found by."""

    source = models.ForeignKey(KnowledgeSource, on_delete=models.CASCADE, related_name="passages")
    place = models.PositiveIntegerField()
    text = models.TextField()
    words = models.TextField()
    index = models.GeneratedField(
        expression=SearchVector("words", config="simple"), output_field=SearchVectorField(), db_persist=True
    )

    class Meta:
        ordering = ("source", "place")
        constraints = (models.UniqueConstraint(fields=("source", "place"), name="a_passage_has_its_place"),)
        indexes = (GinIndex(fields=("index",), name="knowledge_by_words"),)

    def __str__(self) -> str:
        """Name the source and the place."""
        return f"{self.source_id}:{self.place}"
