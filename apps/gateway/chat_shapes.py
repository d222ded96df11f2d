"""The body of POST /v1/chat/completions, in both of its shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from apps.api.fields import Flag, Integer, StrictSerializer, Text

from .errors import Unsupported

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
        return super().to_internal_value(heeded(data))


def heeded(data: Any) -> Any:
    """The body without the parameters that are not heeded; raise Unsupported for those that would have to be."""
    if not isinstance(data, Mapping):
        return data
    for name, values in ONLY.items():
        if data.get(name) is not None and data[name] not in values:
            raise Unsupported("This parameter is not offered.", pointer=f"#/{name}")
    return {name: value for name, value in data.items() if name not in IGNORED and name not in ONLY}
