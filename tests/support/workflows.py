"""Workflows for tests: the bundle that Nexus is shipped with, filed and carried out in this process."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from apps.workflows import archive, bringing, bundles, starting
from apps.workflows.models import WorkflowDefinition
from nexus import engine
from tests.support import runs, stories
from workorders.models import Project, WorkOrder
from workorders.offers import Wish

ASKED = "How do I renew my identity card?"


def brought(project: Project | None = None, data: bytes | None = None) -> WorkflowDefinition:
    """The sample in a project."""
    bundle = bundles.read(archive.texts(bringing.sample() if data is None else data))
    with transaction.atomic():
        return bringing.bring_in(bundle, project=project or stories.a_project(), actor="tests").workflow


def begun(text: str = ASKED, *, project: Project | None = None, name: str = "rise", **given: Any) -> WorkOrder:
    """An order for a workflow, filed."""
    conversation = given.pop("conversation", "")
    with transaction.atomic():
        return starting.begin(
            project=project or stories.a_project(), name=name, text=text, wish=Wish(conversation=conversation), **given
        )


def carried_out(order: WorkOrder) -> engine.Run:
    """Its run after everything that can be done now was done."""
    return runs.work(stories.run_of(order))


def told(order: WorkOrder, kind: str) -> list[dict[str, Any]]:
    """What its feed says of this kind."""
    return [event.data for event in engine.events.of(order.run_id) if event.kind == kind]
