"""What comes in. Limits stand beside the fields they limit."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from agents.checks.kinds import KINDS, Kind

from .fields import Criterion, FileName, Flag, Integer, Money, StrictSerializer, Text

MOST_FILES = 20
MOST_CRITERIA = 50
MOST_ATTACHMENTS = 10
ATTACHMENT = r"\Aatt-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z"
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
    attachments = serializers.ListField(
        child=serializers.RegexField(ATTACHMENT), max_length=MOST_ATTACHMENTS, required=False,
        help_text="Ids of photos, voice notes and documents: `POST /api/v2/attachments` gives them.",
    )  # fmt: skip
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


@lru_cache(maxsize=128)
def order_of(names: frozenset[str]) -> WorkOrderIn:
    """The WorkOrderIn of bodies with these members. It judges them as the whole one does.

    It is asked for every order that is filed: what is absent is no longer asked, field by field, how it wants to be.
    """
    shape = WorkOrderIn()
    for name, field in list(shape.fields.items()):
        if name not in names and not field.required and field.default is serializers.empty:
            del shape.fields[name]
    return shape


ORDER_MEMBERS = frozenset(WorkOrderIn().fields)


class SessionIn(StrictSerializer):
    """A conversation to begin."""

    agent_id = serializers.SlugField(
        max_length=64, required=False, default="intern", help_text="Who shall answer: an agent, or a role as it is."
    )
    display_name = Text(max_length=200, allow_blank=True, required=False, default="")
    project = serializers.SlugField(max_length=64, required=False, help_text="As for work orders.")
    busy_policy = serializers.ChoiceField(
        ["queue", "interrupt", "reject"],
        required=False,
        default="",
        help_text="What becomes of a message while another is being answered; by default as the installation says.",
    )
    metadata = serializers.DictField(required=False, default=dict)


class SentFileIn(StrictSerializer):
    """A file that comes with a message: its bytes, or the id of one that is there."""

    filename = Text(max_length=200, required=False, default="")
    content_type = Text(max_length=100, allow_blank=True, required=False, default="")
    data = Text(  # type: ignore[assignment]  # a field, as every other name here
        required=False, help_text="Base64. Larger ones go to `POST /api/v2/attachments` first."
    )
    file_id = serializers.RegexField(ATTACHMENT, required=False)
    size = Integer(min_value=0, required=False, help_text="Bytes; compared with `data`.")


class MessageIn(StrictSerializer):
    """Something to say in a conversation."""

    content = Text(max_length=50_000, allow_blank=True, required=False, default="")
    role = serializers.ChoiceField(["user", "assistant", "system"], required=False, default="user")
    metadata = serializers.DictField(required=False, default=dict)
    files = serializers.ListField(child=SentFileIn(), max_length=10, required=False, default=list)


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
