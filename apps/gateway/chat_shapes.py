"""The body of POST /v1/chat/completions, in both of its shapes."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.api.fields import Flag, Integer, StrictSerializer, Text

from .errors import heeded

NAME = 200
IGNORED = (
    "temperature", "top_p", "presence_penalty", "frequency_penalty", "logit_bias", "seed", "user", "store",
    "parallel_tool_calls", "service_tier", "reasoning_effort", "verbosity", "safety_identifier", "prompt_cache_key",
    "prompt_cache_options", "prompt_cache_retention", "prediction",
)  # fmt: skip
"""Taken and not heeded: the role says how its model works, and some models take none of it."""
ONLY: dict[str, tuple[Any, ...]] = {
    "n": (1,), "logprobs": (False,), "top_logprobs": (0,), "modalities": (["text"],), "stop": ([], ""), "audio": (),
    "web_search_options": (), "moderation": (), "functions": ([],), "function_call": ("none", "auto"),
}  # fmt: skip
"""What of a parameter is taken; anything else would change the answer, and is not done."""


class Anything(serializers.JSONField):
    """A value that is looked at elsewhere, or not at all."""


class TicketIn(StrictSerializer):
    """A prompt in a conversation: answered with a ticket."""

    prompt = Text(max_length=50_000)
    model = Text(max_length=NAME, required=False, allow_null=True)
    conversation_id = Text(max_length=64, required=False, allow_null=True)


class StreamOptionsIn(serializers.Serializer[Any]):
    """How an answer is streamed."""

    include_usage = Flag(required=False)
    include_obfuscation = Flag(required=False)


class CompletionIn(StrictSerializer):
    """OpenAI's own shape."""

    model = Text(max_length=NAME)
    messages = serializers.ListField(child=Anything(), min_length=1)
    stream = Flag(required=False, allow_null=True)
    stream_options = StreamOptionsIn(required=False, allow_null=True)
    tools = serializers.ListField(child=Anything(), required=False, allow_null=True)
    tool_choice = Anything(required=False, allow_null=True)
    response_format = Anything(required=False, allow_null=True)
    max_tokens = Integer(min_value=1, max_value=1_000_000, required=False, allow_null=True)
    max_completion_tokens = Integer(min_value=1, max_value=1_000_000, required=False, allow_null=True)
    metadata = serializers.DictField(child=Text(max_length=512), required=False, allow_null=True)

    def to_internal_value(self, data: Any) -> Any:
        """Take what changes nothing, refuse what would and is not offered, check the rest."""
        return super().to_internal_value(heeded(data, ignored=IGNORED, only=ONLY))
