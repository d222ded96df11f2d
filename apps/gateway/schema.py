"""What OpenAPI says of /v1: errors, and the shapes of answers."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

WHEN = {
    400: "The request is not valid; `param` says where.",
    401: "No key, or one that is not valid.",
    403: "The key or the member may not do this.",
    404: "It does not exist, or not for this caller.",
    409: "A request with this Idempotency-Key is in progress; or it is not in a state for this.",
    413: "The body is too large.",
    415: "The body is not JSON in UTF-8.",
    422: "Well-formed, but it cannot be done: `code` says why.",
    429: "A budget or a rate limit is reached: `code` is `insufficient_quota`, or says which limit.",
    500: "The work came to an end without an answer: `code` says why.",
    503: "The database does not answer; `Retry-After` says when to ask again.",
    504: "The answer is not there yet, and the work goes on.",
}


class OneError(serializers.Serializer[Any]):
    """What went wrong."""

    message = serializers.CharField()
    type = serializers.CharField()
    param = serializers.CharField(allow_null=True)
    code = serializers.CharField(allow_null=True)


class OpenAIError(serializers.Serializer[Any]):
    """An error, as OpenAI's clients read it."""

    error = OneError()


class NexusAbout(serializers.Serializer[Any]):
    """What Nexus says beside the format's own fields."""

    model = serializers.CharField(allow_null=True, help_text="The model that answered.")
    role = serializers.CharField(allow_null=True)
    cost_usd = serializers.CharField(allow_null=True)
    sandbox = serializers.BooleanField()
    work_order_id = serializers.CharField(allow_null=True)


class Model(serializers.Serializer[Any]):
    """A model that can be asked for."""

    id = serializers.CharField()
    object = serializers.CharField()
    created = serializers.IntegerField()
    owned_by = serializers.CharField()


class Models(serializers.Serializer[Any]):
    """All of them."""

    object = serializers.CharField()
    data = Model(many=True)  # type: ignore[assignment]  # the wire has this name


class ChatUsage(serializers.Serializer[Any]):
    """What it took."""

    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()
    total_tokens = serializers.IntegerField()


class ChatCompletion(serializers.Serializer[Any]):
    """An answer, as OpenAI shows it."""

    id = serializers.CharField()
    object = serializers.CharField()
    created = serializers.IntegerField()
    model = serializers.CharField()
    choices = serializers.ListField(child=serializers.DictField())
    usage = ChatUsage()
    nexus = NexusAbout()


def errors(*statuses: int) -> dict[Any, Any]:
    """The errors of an operation."""
    return {(status, "application/json"): OpenApiResponse(OpenAIError, WHEN[status]) for status in statuses}


ASKING = errors(400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503, 504)
STREAM = {(200, "text/event-stream"): OpenApiTypes.STR}
PROJECT = OpenApiParameter(
    "OpenAI-Project",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The slug of the project, where the key opens several.",
)
ABOUT = {
    "model": "claude-haiku-5-5",
    "role": "intern",
    "cost_usd": "0.000123000",
    "sandbox": False,
    "work_order_id": None,
}
MODEL = {"id": "nexus/auto", "object": "model", "created": 1_790_000_000, "owned_by": "nexus"}
MESSAGE: dict[str, Any] = {"role": "assistant", "content": "Four.", "refusal": None, "annotations": []}
CHAT_ID = "chatcmpl-0f6a2f0a9c114e2e7a554f1c9a3f1d1e"
COMPLETION = {
    "id": CHAT_ID,
    "object": "chat.completion",
    "created": 1_795_000_000,
    "model": "nexus/intern",
    "choices": [{"index": 0, "message": MESSAGE, "logprobs": None, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 19, "completion_tokens": 3, "total_tokens": 22},
    "nexus": ABOUT,
}
ASK_CHAT = OpenApiExample(
    "Ask", value={"model": "nexus/auto", "messages": [{"role": "user", "content": "Two and two?"}]}, request_only=True
)
CHAT = OpenApiExample("An answer", value=COMPLETION, response_only=True, status_codes=["200"])
ONE_MODEL = OpenApiExample("A model", value=MODEL, response_only=True, status_codes=["200"])
ALL_MODELS = OpenApiExample(
    "Models", value={"object": "list", "data": [MODEL]}, response_only=True, status_codes=["200"]
)
