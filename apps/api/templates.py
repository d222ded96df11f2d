"""Orders that are filed later, as schedules and inlets keep them: what comes in, what goes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers as s

from workorders import bounds, offers
from workorders.models import Project

from .answers import Shape
from .errors import UnknownWorkflow
from .shapes import WorkOrderIn


class TemplateIn(WorkOrderIn):
    """An order as it is filed, without its project."""

    project = None  # type: ignore[assignment]
    attachments = None  # type: ignore[assignment]


class TemplateFile(Shape):
    """A text that comes with it."""

    name = s.CharField()
    content = s.CharField(allow_blank=True)


class Template(Shape):
    """An order as it is filed; what is not said is as for any order."""

    message = s.CharField()
    files = TemplateFile(many=True)
    acceptance = s.ListField(child=s.JSONField())
    budget_usd = s.CharField(required=False)
    cap_at_quote = s.BooleanField(required=False)
    tools = s.ListField(child=s.CharField(), required=False)
    priority = s.IntegerField(required=False)
    workflow = s.CharField(required=False, allow_blank=True)


def checked(given: Mapping[str, Any], project: Project) -> Mapping[str, Any]:
    """The template, or raise for a workflow that the project does not have."""
    name = given.get("workflow", "")
    if name not in bounds.WORKFLOWS and name not in offers.names(project):
        raise UnknownWorkflow(pointer="#/order/workflow")
    return given


def changed(given: Mapping[str, Any], project: Project) -> dict[str, Any]:
    """What a change asks for, by the names of the row: its order as a checked template, and whether it is on."""
    found = dict(given)
    if "order" in found:
        found["template"] = checked(found.pop("order"), project)
    if "enabled" in found:
        found["is_on"] = found.pop("enabled")
    return found
