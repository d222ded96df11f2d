"""What the API takes."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.api.fields import Flag, StrictSerializer, Text

KINDS = "Kinds of events, or beginnings with a star: `run.completed`, `order.*`, `*`."


class Url(Text):
    """A URL is plain ASCII; whether it is asked is decided where it is kept."""

    def __init__(self, **options: Any) -> None:
        """As long as anybody's."""
        super().__init__(max_length=2_000, **options)


def kinds(**options: Any) -> serializers.ListField:
    """A list of kinds."""
    return serializers.ListField(child=Text(max_length=100), min_length=1, max_length=50, help_text=KINDS, **options)


class WebhookIn(StrictSerializer):
    """A new webhook."""

    url = Url(help_text="https, on the public internet.")
    kinds = kinds()
    project = serializers.SlugField(max_length=64, required=False, help_text="As for work orders.")
    description = Text(max_length=200, allow_blank=True, required=False, default="")


class WebhookChange(StrictSerializer):
    """What shall be different."""

    url = Url(required=False)
    kinds = kinds(required=False)
    description = Text(max_length=200, allow_blank=True, required=False)
    enabled = Flag(required=False)
    skip_missed = Flag(required=False, help_text="With `enabled: true`: what happened meanwhile is not sent.")
