"""The body of POST /v1/responses."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.api.fields import Flag, Integer, StrictSerializer, Text

from .chat_shapes import NAME, Anything
from .errors import Unsupported, heeded

IGNORED = (
    "temperature", "top_p", "reasoning", "service_tier", "store", "user", "truncation", "include", "safety_identifier",
    "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "parallel_tool_calls", "stream_options",
)  # fmt: skip
ONLY: dict[str, tuple[Any, ...]] = {
    "conversation": (), "prompt": (), "max_tool_calls": (), "top_logprobs": (0,), "moderation": (), "image": (),
    "context_management": ([],), "background_options": ({},), "access_programs": (),
}  # fmt: skip


class TextConfigIn(serializers.Serializer[Any]):
    """The form of the answer."""

    format = Anything(required=False, allow_null=True)
    verbosity = Text(required=False, allow_null=True)


class ResponseIn(StrictSerializer):
    """OpenAI's own shape."""

    model = Text(max_length=NAME)
    input = Anything()
    instructions = Text(max_length=1_000_000, required=False, allow_null=True, allow_blank=True)
    tools = serializers.ListField(child=Anything(), required=False, allow_null=True)
    tool_choice = Anything(required=False, allow_null=True)
    text = TextConfigIn(required=False, allow_null=True)
    max_output_tokens = Integer(min_value=1, max_value=1_000_000, required=False, allow_null=True)
    previous_response_id = Text(max_length=64, required=False, allow_null=True)
    background = Flag(required=False, allow_null=True)
    stream = Flag(required=False, allow_null=True)
    metadata = serializers.DictField(child=Text(max_length=512), required=False, allow_null=True)

    def to_internal_value(self, data: Any) -> Any:
        """Take what changes nothing, refuse what would and is not offered, check the rest."""
        if isinstance(data, dict) and data.get("truncation") not in (None, "disabled"):
            raise Unsupported("What is too long is refused, and not cut.", pointer="#/truncation")
        return super().to_internal_value(heeded(data, ignored=IGNORED, only=ONLY))
