"""What is kept of a count that is too dear to make at every scrape."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Figure(models.Model):
    """A number and when it was counted. May be deleted at any time: it is counted again."""

    name = models.CharField(max_length=100, unique=True)
    value = models.DecimalField(max_digits=30, decimal_places=9)
    counted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("figure")
        verbose_name_plural = _("figures")

    def __str__(self) -> str:
        """For people who look."""
        return f"{self.name} {self.value}"
