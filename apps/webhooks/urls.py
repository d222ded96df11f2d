"""Where its doors are, beneath /api/."""

from __future__ import annotations

from django.urls import path, register_converter

from apps.api.urls import PublicId

from . import views


class HookId(PublicId):
    """hook-<uuid4>."""

    regex = r"hook-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


class MessageId(PublicId):
    """msg_<32 hexadecimal digits>."""

    regex = r"msg_[0-9a-f]{32}"


register_converter(HookId, "hook")
register_converter(MessageId, "message")

ONE = "v2/webhooks/<hook:hook_id>"
urlpatterns = [
    path("v2/webhooks", views.Webhooks.as_view(), name="webhooks"),
    path(ONE, views.OneWebhook.as_view(), name="webhook"),
    path(f"{ONE}/rotate", views.Rotate.as_view(), name="webhook-rotate"),
    path(f"{ONE}/ping", views.Ping.as_view(), name="webhook-ping"),
    path(f"{ONE}/deliveries", views.Deliveries.as_view(), name="webhook-deliveries"),
    path(f"{ONE}/deliveries/<message:message_id>", views.OneDelivery.as_view(), name="webhook-delivery"),
    path(f"{ONE}/deliveries/<message:message_id>/redeliver", views.Redeliver.as_view(), name="webhook-redeliver"),
]
