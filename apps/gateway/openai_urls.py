"""Where an OpenAI client knocks, beneath /v1/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from . import doors, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("chat/completions", doors.chat_completions),
    path("chat/completions", views.ChatCompletions.as_view(), name="chat-completions"),
    path("chat/completions/<slug:public_id>", views.OneChatCompletion.as_view(), name="chat-completion"),
    path("models", views.Models.as_view(), name="models"),
    path("models/<path:name>", views.OneModel.as_view(), name="model"),
]
