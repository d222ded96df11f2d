"""Where an OpenAI client knocks, beneath /v1/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from . import doors, response_views, ticket_views, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("chat/completions", doors.chat_completions),
    path("chat/completions", views.ChatCompletions.as_view(), name="chat-completions"),
    path("chat/completions/<slug:public_id>", views.OneChatCompletion.as_view(), name="chat-completion"),
    path("responses", doors.responses),
    path("responses", response_views.Responses.as_view(), name="responses"),
    path("responses/<slug:public_id>", doors.one_response),
    path("responses/<slug:public_id>", response_views.OneResponse.as_view(), name="response"),
    path("responses/<slug:public_id>/cancel", response_views.CancelResponse.as_view(), name="response-cancel"),
    path("tasks/<str:public_id>", ticket_views.OneTask.as_view(), name="task"),
    path("conversations/<str:session_id>/history", ticket_views.History.as_view(), name="conversation-history"),
    path("models", views.Models.as_view(), name="models"),
    path("models/<path:name>", views.OneModel.as_view(), name="model"),
]
