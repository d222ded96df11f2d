"""Counts, described."""

from __future__ import annotations

from rest_framework import serializers as s

from apps.api.answers import Shape

HEALTH = ["healthy", "degraded", "warning", "critical"]


class Overview(Shape):
    """How everything stands."""

    total_projects = s.IntegerField()
    building_projects = s.IntegerField()
    completed_projects = s.IntegerField()
    failed_projects = s.IntegerField()
    total_agents = s.IntegerField()
    running_agents = s.IntegerField()
    total_invocations = s.IntegerField()
    today_invocations = s.IntegerField()
    success_rate = s.FloatField(help_text="Of builds, in per cent: completed of those that completed or failed.")
    avg_build_time_minutes = s.FloatField(allow_null=True)


class BuildsOfDay(Shape):
    """Builds that were begun on a day."""

    date = s.DateField()
    total_builds = s.IntegerField()
    successful_builds = s.IntegerField()
    failed_builds = s.IntegerField()
    in_progress_builds = s.IntegerField()
    avg_duration_minutes = s.FloatField(allow_null=True)


class InvocationsOfDay(Shape):
    """Invocations of a day."""

    date = s.DateField()
    total_invocations = s.IntegerField()
    successful_invocations = s.IntegerField()
    failed_invocations = s.IntegerField()
    avg_duration_ms = s.FloatField(allow_null=True)
    active_agents = s.IntegerField()


class CategoryCount(Shape):
    """Agents of a category."""

    category = s.CharField()
    agents = s.IntegerField()
    running_agents = s.IntegerField()


class TopAgent(Shape):
    """An agent that was asked much."""

    agent_id = s.CharField()
    agent_name = s.CharField()
    category = s.CharField()
    invocations = s.IntegerField()
    success_rate = s.FloatField()
    avg_duration_ms = s.FloatField()


class Activity(Shape):
    """Something that happened."""

    type = s.ChoiceField(["build", "invocation"])
    id = s.CharField()
    name = s.CharField()
    status = s.CharField()
    at = s.DateTimeField()


class SystemHealth(Shape):
    """Whether everything works."""

    status = s.ChoiceField(HEALTH)
    dispatcher = s.ChoiceField(["ok", "down"])
    invocations = s.IntegerField(help_text="Of the last day.")
    success_rate = s.FloatField(allow_null=True)
