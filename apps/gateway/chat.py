"""POST /api/chat: a message from a conversation becomes a work order."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.access import Caller, caller_of
from apps.api import orders, parameters
from apps.api.fields import StrictSerializer, Text
from apps.api.idempotency import Answer, once
from apps.api.schema import IDEMPOTENCY_KEY, problems
from workorders import queries
from workorders.models import WorkOrder


class ChatIn(StrictSerializer):
    """What somebody says."""

    message = Text(max_length=20_000)
    session_id = serializers.RegexField(
        r"\A[A-Za-z0-9][A-Za-z0-9._:-]*\Z",
        max_length=128,
        required=False,
        help_text="The client's name for its conversation: the brief is made with what was said in it before.",
    )


class ChatOut(serializers.Serializer[Any]):
    """What was made of it."""

    work_order_id = serializers.CharField()
    session_id = serializers.CharField(allow_null=True)
    status = serializers.CharField()
    url = serializers.CharField()
    events_url = serializers.CharField()


class Chat(APIView):
    """A message in, a work order out."""

    @extend_schema(
        operation_id="chat",
        summary="Say something; it becomes a work order",
        parameters=[IDEMPOTENCY_KEY],
        request=ChatIn,
        responses={201: ChatOut, **problems(400, 401, 403, 404, 409, 413, 415, 422, 503)},
        examples=[
            OpenApiExample(
                "A message", value={"message": "Build the e-mail feature", "session_id": "s-123"}, request_only=True
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """File what was said."""
        parameters.only(request.query_params, ())
        said = ChatIn(data=request.data)
        said.is_valid(raise_exception=True)
        return once(request, lambda: _answer(said.validated_data, caller_of(request)))


def _answer(said: dict[str, Any], caller: Caller) -> Answer:
    order = orders.file({"message": said["message"]}, caller, channel="chat")
    if session := said.get("session_id"):
        # Triage reads it, after this commit: what was said before in the conversation is part of the brief.
        WorkOrder.objects.filter(pk=order.pk).update(conversation=session)
    url = f"/api/v2/work-orders/{order.public_id}"
    body = {
        "work_order_id": order.public_id,
        "session_id": said.get("session_id"),
        "status": queries.view_of_new(order)["status"],
        "url": url,
        "events_url": f"{url}/events",
    }
    return Answer(201, body, url)
