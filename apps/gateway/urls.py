"""/api/chat."""

from __future__ import annotations

from django.urls import path

from .chat import Chat

urlpatterns = [path("chat", Chat.as_view(), name="chat")]
