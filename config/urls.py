"""Which path goes to which surface."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v2/", include("apps.api.urls")),
    path("api/", include("apps.api.docs_urls")),
    path("api/", include("apps.gateway.urls")),
    path("", include("apps.api.health_urls")),
]
