"""Schedules: what comes in, what goes out, and both filled in."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers as s

from workorders.models import Firing, Schedule

from . import templates
from .answers import Shape
from .fields import Flag, StrictSerializer, Text

AT = "2026-02-17T06:30:00+00:00"
ORDER = {"message": "Summarise yesterday's incidents", "files": [], "acceptance": []}
SCHEDULE = {
    "id": "sched-1d1e4c2e-7a55-4f1c-9a3f-0f6a2f0a9c11", "project": "default", "name": "Morning report",
    "cron": "30 7 * * mon-fri", "zone": "Europe/Zurich", "missed": "once", "enabled": True, "next_at": AT,
    "order": ORDER, "created_by": "ada", "created_at": AT,
}  # fmt: skip
TICK = {"due_at": AT, "fired_at": AT, "outcome": "filed", "order": "WO-20260217-0001", "why": ""}
ASKED = OpenApiExample(
    "Every working day at half past seven",
    value={
        "name": "Morning report", "cron": "30 7 * * mon-fri", "zone": "Europe/Zurich",
        "order": {"message": "Summarise yesterday's incidents"},
    },
    request_only=True,
)  # fmt: skip
CHANGED = OpenApiExample("Switch it off", value={"enabled": False}, request_only=True)
ONE = OpenApiExample("The schedule", value=SCHEDULE, response_only=True)
LIST = OpenApiExample("A page", value={"results": [SCHEDULE], "next": None, "previous": None}, response_only=True)
TICKS = OpenApiExample("A page", value={"results": [TICK], "next": None, "previous": None}, response_only=True)
FIRED = OpenApiExample("The order", value={"order": "WO-20260217-0001"}, response_only=True)

MISSED = [one.value for one in Schedule.Missed]
OUTCOMES = [one.value for one in Firing.Outcome]


class ScheduleOut(Shape):
    """A schedule."""

    id = s.CharField()
    project = s.CharField()
    name = s.CharField()
    cron = s.CharField()
    zone = s.CharField()
    missed = s.ChoiceField(MISSED)
    enabled = s.BooleanField()
    next_at = s.DateTimeField(allow_null=True, help_text="null where it is switched off.")
    order = templates.Template()
    created_by = s.CharField(allow_blank=True)
    created_at = s.DateTimeField()


class SchedulePage(Shape):
    """A page of schedules."""

    results = ScheduleOut(many=True)
    next = s.URLField(allow_null=True)
    previous = s.URLField(allow_null=True)


class Tick(Shape):
    """One tick, and what came of it."""

    due_at = s.DateTimeField()
    fired_at = s.DateTimeField()
    outcome = s.ChoiceField(OUTCOMES)
    order = s.CharField(allow_null=True)
    why = s.CharField(allow_blank=True)


class TickPage(Shape):
    """A page of ticks."""

    results = Tick(many=True)
    next = s.URLField(allow_null=True)
    previous = s.URLField(allow_null=True)


class FiledOrder(Shape):
    """The order that was filed."""

    order = s.CharField()


class ScheduleIn(StrictSerializer):
    """A schedule to be."""

    name = Text(max_length=120)
    cron = Text(max_length=200, help_text="minute hour day month weekday; or @daily, @hourly, …")
    zone = Text(max_length=64, required=False, default="UTC", help_text="As Europe/Zurich.")
    order = templates.TemplateIn()
    missed = s.ChoiceField(
        MISSED, required=False, default="once",
        help_text="Of ticks that nobody was there for: `once` files one order for all, `every` one each, `none` none.",
    )  # fmt: skip
    project = s.SlugField(max_length=64, required=False, help_text="As for work orders.")


class ScheduleChange(StrictSerializer):
    """What shall be different."""

    name = Text(max_length=120, required=False)
    cron = Text(max_length=200, required=False)
    zone = Text(max_length=64, required=False)
    order = templates.TemplateIn(required=False)
    missed = s.ChoiceField(MISSED, required=False)
    enabled = Flag(required=False)
