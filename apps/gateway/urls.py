"""/api/chat, and the system log."""

from __future__ import annotations

from django.urls import path

from .chat import Chat
from .log_views import SystemLogs

urlpatterns = [
    path("chat", Chat.as_view(), name="chat"),
    path("v2/system-log", SystemLogs.as_view(), name="system-log"),
]
