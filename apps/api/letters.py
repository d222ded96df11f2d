"""Dead letters on the wire: what comes in, what goes out."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers as s

from nexus import engine

from .answers import Shape
from .fields import Flag, Integer, StrictSerializer, Text
from .shapes import MoneyIn

CHANGES = ("input", "role", "model", "budget_usd", "max_attempts", "priority")
"""The fields that change a task."""
LONGEST_INPUT = 100_000
"""Characters of JSON that are laid over each input: as many times as there are tasks."""


class Letter(Shape):
    """A task that waits for a person."""

    order = s.CharField()
    task = s.CharField(help_text="Its key in the order.")
    title = s.CharField(allow_blank=True)
    type = s.CharField()
    attempts = s.IntegerField(help_text="How many it spent.")
    input = s.DictField(help_text="What it was given, and what a change is laid over.")
    error = s.DictField()
    buried_at = s.DateTimeField()


class DeadLetterGroup(Shape):
    """One failure, however many tasks it stopped."""

    fingerprint = s.CharField()
    count = s.IntegerField()
    first_at = s.DateTimeField()
    last_at = s.DateTimeField()
    types = s.ListField(child=s.CharField())
    error = s.DictField(help_text="Of the newest letter.")


class DeadLetterGroups(Shape):
    """The failures that wait for a person, the largest first."""

    results = DeadLetterGroup(many=True)


class DeadLetterGroupInFull(DeadLetterGroup):
    """One failure, and the tasks that it stopped."""

    letters = Letter(many=True, help_text="The oldest hundred.")


class Redriven(Shape):
    """How many tasks were driven again."""

    redriven = s.IntegerField()


class RedriveIn(StrictSerializer):
    """What is changed in each task first, and how many are driven how fast."""

    input = s.DictField(required=False, default=dict, help_text="Laid over each task's input, key by key.")
    role = Text(max_length=32, required=False, help_text="Who does it.")
    model = Text(max_length=128, required=False, help_text="With which model, in place of the role's.")
    budget_usd = MoneyIn(required=False, help_text="What each task's order may cost in all.")
    max_attempts = Integer(min_value=1, max_value=100, required=False)
    priority = Integer(min_value=0, max_value=10, required=False)
    one = Flag(required=False, default=False, help_text="Only the oldest: to see that it works.")
    rate = Integer(min_value=1, max_value=6_000, required=False, help_text="Tasks per minute; without it, all at once.")
    reason = Text(max_length=500, allow_blank=True, required=False, default="")

    def validate_input(self, given: dict[str, Any]) -> dict[str, Any]:
        """Refuse what would be written too many times over."""
        written = json.dumps(given, ensure_ascii=False, default=float)  # fractions were read as decimals, for money
        if len(written) > LONGEST_INPUT:
            raise s.ValidationError(_("This is too long: it is written into every task."), "max_length")
        return dict(json.loads(written))


def shown(group: engine.Group) -> dict[str, object]:
    """A group."""
    return {
        "fingerprint": group.fingerprint,
        "count": group.count,
        "first_at": group.first_at.isoformat(),
        "last_at": group.last_at.isoformat(),
        "types": group.types,
        "error": group.error,
    }


def letter(one: engine.DeadLetter) -> dict[str, object]:
    """A letter, under the names that its reader knows."""
    return {
        "order": one.task.run.subject,
        "task": one.task.key,
        "title": one.task.title,
        "type": one.task.type,
        "attempts": one.task.attempt,
        "input": one.task.input,
        "error": one.error,
        "buried_at": one.buried_at.isoformat(),
    }
