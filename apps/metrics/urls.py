"""/metrics, where Prometheus looks."""

from __future__ import annotations

from django.urls import path

from .view import metrics

urlpatterns = [path("metrics", metrics, name="metrics")]
