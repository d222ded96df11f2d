"""What comes in. Limits stand beside the fields they limit."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from agents.checks.kinds import KINDS, Kind

from .fields import Criterion, FileName, Flag, Integer, Money, StrictSerializer, Text

MOST_FILES = 20
MOST_CRITERIA = 50
LONGEST_MESSAGE = 20_000
LONGEST_FILE = 500_000

MoneyIn = extend_schema_field({"oneOf": [{"type": "string"}, {"type": "number"}], "examples": ["2.50"]})(Money)


def _offered(name: str, kind: Kind) -> dict[str, Any]:
    """A check of this kind, as a request may hold it: it is the request's, whatever it says."""
    shape = kind.schema(name)
    return {**shape, "properties": {field: of for field, of in shape["properties"].items() if field != "by"}}


_CHECKS = [_offered(name, kind) for name, kind in KINDS.items()]


@extend_schema_field({"oneOf": [{"type": "string", "minLength": 1, "maxLength": 2000}, *_CHECKS]})
class CriterionIn(Criterion):
    """A criterion, described for the schema."""


class FileIn(StrictSerializer):
    """A text that comes with the request."""

    name = FileName(max_length=200)
    content = Text(max_length=LONGEST_FILE, allow_blank=True)


class WorkOrderIn(StrictSerializer):
    """A request for work."""

    message = Text(max_length=LONGEST_MESSAGE, help_text="What is wanted, in English or Chinese.")
    project = serializers.SlugField(
        max_length=64, required=False, help_text="Slug; by default the key's project, or the only one, or `default`."
    )
    files = serializers.ListField(child=FileIn(), max_length=MOST_FILES, required=False)
    acceptance = serializers.ListField(child=CriterionIn(), max_length=MOST_CRITERIA, required=False)
    budget_usd = MoneyIn(required=False, allow_null=True, help_text="The order stops and asks before it spends more.")
    cap_at_quote = Flag(
        required=False, help_text="Once its plan is drawn up, its budget is the quote's p90, unless that is lower."
    )
    tools = serializers.ListField(
        child=Text(max_length=64), max_length=50, required=False,
        help_text="Tools that its agents may use beside what their roles do: names, or beginnings with a star.",
    )  # fmt: skip
    priority = Integer(min_value=0, max_value=10, required=False, help_text="Higher first; 5 is normal.")
    workflow = Text(
        max_length=100, allow_blank=True, required=False, help_text="Empty: a plan is drawn for the request."
    )

    def validate_files(self, files: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Two names that some system takes for one are refused at the second."""
        seen: set[str] = set()
        for index, file in enumerate(files):
            name = unicodedata.normalize("NFC", file["name"]).casefold()
            if name in seen:
                twice = serializers.ErrorDetail(_("Another file has this name."), "duplicate_name")
                raise serializers.ValidationError({str(index): {"name": [twice]}})
            seen.add(name)
        return files


class MoveIn(StrictSerializer):
    """Why an order is cancelled, paused, resumed, released or driven again."""

    reason = Text(max_length=500, allow_blank=True, required=False, default="")


class AnswerIn(StrictSerializer):
    """What the requester says to the question of an order."""

    text = Text(max_length=LONGEST_MESSAGE, help_text="It is added to the request, which is then looked at again.")


SchemaObject = extend_schema_field(OpenApiTypes.OBJECT)


class QuoteIn(StrictSerializer):
    """A request that is not filed yet."""

    message = Text(max_length=LONGEST_MESSAGE, help_text="What is wanted, in English or Chinese.")
