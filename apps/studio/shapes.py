"""What comes in and what goes out of the studio's doors."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers as s

from apps.api.answers import Shape
from apps.api.fields import Flag, Integer, StrictSerializer, Text
from apps.api.shapes import MoneyIn
from billing import outlook

from .checkpoints import DEFAULTS
from .models import QUALITIES
from .tasks import BY_NAME

LARGEST = 100_000
TASK_TYPES = list(BY_NAME)
EVENT_STATES = ["applied", "kept", "unmapped"]
NAME = r"\A[A-Za-z0-9][A-Za-z0-9_.-]{0,49}\Z"
EVENT_ID = r"\A[A-Za-z0-9][A-Za-z0-9._:-]{0,63}\Z"
EVENT_TYPE = r"\A[A-Z][A-Z0-9_]{0,63}\Z"


class Bag(s.DictField):
    """An object with what its sender likes, within bounds."""

    default_error_messages = {
        "too_large": _("This object is larger than 100000 bytes."),
        "not_text": _("This holds a character that is not text."),
        "not_finite": _("This holds a number that is none."),
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """As it came; refuse what no database could hold."""
        if not isinstance(data, dict):
            self.fail("not_a_dict", input_type=type(data).__name__)
        try:
            written = json.dumps(data, ensure_ascii=False, allow_nan=False, default=str)
        except (ValueError, RecursionError):
            self.fail("not_finite")
        if "\\u0000" in written or any("\ud800" <= sign <= "\udfff" for sign in written):
            self.fail("not_text")
        if len(written) > LARGEST:
            self.fail("too_large")
        found: dict[str, Any] = json.loads(written)
        return found


class MetadataIn(StrictSerializer):
    """What its maker says of an event's cost."""

    cost = s.FloatField(min_value=0, max_value=1e9, required=False)
    latency_ms = Integer(min_value=0, max_value=10**12, required=False)
    retry_count = Integer(min_value=0, max_value=10**6, required=False)


class EventIn(StrictSerializer):
    """Something that happened."""

    event_id = s.RegexField(
        EVENT_ID, required=False, help_text="The same id is the same event. By default EV-YYYYMMDD-8hex."
    )
    project_id = s.RegexField(NAME, help_text="The film's name. PROJECT_CREATED makes the film.")
    project = s.SlugField(
        max_length=64, required=False, help_text="Whose film: a project's slug. Needed where several have this name."
    )
    type = s.RegexField(EVENT_TYPE, help_text="SCENE_WRITTEN, for one; or a type that is mapped.")
    actor = Text(max_length=200, required=False, help_text="Who tells it; by default the caller.")
    causation_id = s.RegexField(EVENT_ID, required=False, help_text="The event that led to it.")
    timestamp = s.DateTimeField(required=False)
    payload = Bag(required=False, help_text="What it is about: shot_id, artifact_url, …")
    blackboard_pointer = Text(max_length=200, required=False, allow_blank=True)
    metadata = MetadataIn(required=False)


class OptionsIn(StrictSerializer):
    """How people are asked in a film."""

    auto_mode = Flag(required=False)
    approval_checkpoints = s.ListField(child=s.ChoiceField(list(DEFAULTS)), max_length=4, required=False)
    approval_timeout_minutes = s.FloatField(min_value=0.01, max_value=527_000, required=False)
    on_timeout = s.ChoiceField(["stay", "approve", "reject"], required=False)
    on_reject = s.ChoiceField(["end", "redo"], required=False)
    approvers = s.ListField(child=Text(max_length=150), max_length=100, required=False)
    escalate_to = s.ListField(child=Text(max_length=150), max_length=100, required=False)
    shots = s.ListField(child=Bag(), max_length=100, required=False)
    sound = Bag(required=False)


class FilmIn(StrictSerializer):
    """The payload of PROJECT_CREATED."""

    brief = Text(max_length=20_000)
    title = Text(max_length=200, required=False, default="")
    duration_seconds = Integer(min_value=1, max_value=3600, required=False, default=6)
    shots = Integer(min_value=1, max_value=100, required=False, default=2)
    quality = s.ChoiceField(list(QUALITIES), required=False, default="balanced")
    budget_usd = MoneyIn(required=False, allow_null=True, default=None)
    priority = Integer(min_value=0, max_value=10, required=False, default=5)
    user_options = OptionsIn(required=False, default=dict)


class MappingIn(StrictSerializer):
    """A rule: a task for a type of event. It is added to what there is."""

    project = s.SlugField(max_length=64)
    event_type = s.RegexField(EVENT_TYPE)
    task_type = s.ChoiceField(TASK_TYPES)
    agent = Text(max_length=100, required=False)
    priority = Integer(
        min_value=0, max_value=10, required=False, help_text="10 critical, 8 high, 5, 3 low, 1 background."
    )


class EventOut(Shape):
    """An event as it is kept."""

    event_id = s.CharField()
    project_id = s.CharField()
    project = s.CharField()
    type = s.CharField()
    actor = s.CharField()
    causation_id = s.CharField(allow_null=True)
    timestamp = s.DateTimeField()
    received_at = s.DateTimeField()
    payload = s.DictField()
    blackboard_pointer = s.CharField()
    metadata = s.DictField()
    tasks = s.ListField(
        child=s.CharField(), help_text="Keys of the tasks that it brought about; empty: nothing is mapped."
    )
    status = s.ChoiceField(EVENT_STATES, help_text="kept: the film is paused, and its tasks start when it is resumed.")
    work_order = s.CharField()


class EventPage(Shape):
    """A page of events."""

    results = EventOut(many=True)
    next = s.URLField(allow_null=True)
    previous = s.URLField(allow_null=True)


class FilmBudget(Shape):
    """How a film's budget stands and where it is heading, by its shots."""

    project_id = s.CharField()
    total = s.CharField(allow_null=True)
    used = s.CharField()
    reserved = s.CharField()
    remaining = s.CharField(allow_null=True)
    usage_percent = s.FloatField(allow_null=True)
    predicted_total = s.CharField()
    predicted_overrun = s.CharField()
    status = s.ChoiceField(list(outlook.LABELS))
    spent = s.CharField()
    estimated_remaining = s.CharField()
    breakdown = s.DictField(child=s.CharField())
    quality = s.ChoiceField(list(QUALITIES))
    strategy = s.ChoiceField(list(QUALITIES), help_text="What it works with now.")
    allocation = s.CharField(
        help_text="What a film of its length and quality is given where nobody says another amount."
    )


class FilmTask(Shape):
    """A task of a film."""

    task_id = s.CharField()
    project_id = s.CharField()
    task_type = s.CharField()
    assigned_to = s.CharField()
    status = s.CharField()
    priority = s.IntegerField()
    input = s.DictField()
    output = s.DictField(allow_null=True)
    dependencies = s.ListField(child=s.CharField())
    estimated_cost = s.CharField(allow_null=True)
    actual_cost = s.CharField()
    retry_count = s.IntegerField()
    max_retries = s.IntegerField()
    causation_event_id = s.CharField(allow_null=True)
    lock_key = s.CharField(allow_null=True)
    waiting_for = s.CharField(allow_null=True)
    created_at = s.DateTimeField()
    started_at = s.DateTimeField(allow_null=True)
    completed_at = s.DateTimeField(allow_null=True)


class FilmShot(Shape):
    """A shot of a film."""

    shot_id = s.CharField()
    spec = s.DictField()
    keyframe = s.CharField()
    preview = s.CharField()
    final = s.CharField()
    tries = s.IntegerField()


class FilmLine(Shape):
    """A film in a list."""

    project_id = s.CharField()
    project = s.CharField()
    work_order = s.CharField()
    title = s.CharField()
    status = s.CharField()
    quality = s.CharField()
    strategy = s.CharField()
    duration_seconds = s.IntegerField()
    created_at = s.DateTimeField()
    finalized_at = s.DateTimeField(allow_null=True)


class FilmPage(Shape):
    """A page of films."""

    results = FilmLine(many=True)
    next = s.URLField(allow_null=True)
    previous = s.URLField(allow_null=True)


class FilmOut(FilmLine):
    """A film in full."""

    brief = s.CharField()
    script = s.CharField()
    user_options = s.DictField()
    shots = FilmShot(many=True)
    tasks = FilmTask(many=True)
    files = s.ListField(child=s.CharField())


class MappingOut(Shape):
    """A rule of the map."""

    id = s.IntegerField(allow_null=True, help_text="null: shipped with Nexus.")
    project = s.CharField(allow_null=True, help_text="null: for every project.")
    event_type = s.CharField()
    task_type = s.CharField()
    agent = s.CharField()
    priority = s.IntegerField()


class MappingList(Shape):
    """Every rule that holds for the caller's projects."""

    results = MappingOut(many=True)
