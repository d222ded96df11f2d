"""/api/docs and /api/schema: the API, described by itself. Scripts come from this server."""

from __future__ import annotations

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.permissions import AllowAny

OPEN = {"authentication_classes": [], "permission_classes": [AllowAny]}

urlpatterns = [
    path("schema", SpectacularAPIView.as_view(**OPEN), name="api-schema"),
    path("docs", SpectacularSwaggerView.as_view(url_name="api-schema", **OPEN), name="api-docs"),
]
