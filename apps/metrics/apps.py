"""Django's registration."""

from __future__ import annotations

from django.apps import AppConfig


class MetricsConfig(AppConfig):
    """/metrics."""

    name = "apps.metrics"
    label = "metrics"
