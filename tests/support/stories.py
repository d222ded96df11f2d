"""Work orders for tests that carry them out in this process, and a sandbox that answers for the models."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.test import override_settings

from agents import roles
from apps.sandbox.remote import Remote
from apps.sandbox.server import running
from billing import pricebook
from nexus import engine
from tests.support import runs
from workorders.flow import intake
from workorders.models import Project, WorkOrder

CHECKLIST = "Draft a release checklist for a Django service with Celery workers"


@contextmanager
def models_answered() -> Iterator[Remote]:
    """Roles, prices, and a sandbox for the length of the block."""
    roles.install()
    with transaction.atomic():
        pricebook.install()
    with running() as sandbox, override_settings(NEXUS_SANDBOX_URL=sandbox.url, ANTHROPIC_API_KEY=""):
        yield sandbox


def a_project(slug: str = "acme") -> Project:
    """A project; the same one for the same slug."""
    return Project.objects.get_or_create(slug=slug, defaults={"name": slug.title()})[0]


def an_order(message: str = CHECKLIST, **given: Any) -> WorkOrder:
    """An accepted, committed order."""
    project = given.pop("project", None) or a_project()
    with transaction.atomic():
        return intake.accept(message=message, project=project, **given)


def carried_out(order: WorkOrder) -> WorkOrder:
    """The order after everything that can be done now was done."""
    runs.work(run_of(order))
    return WorkOrder.objects.get(pk=order.pk)


def status_of(order: WorkOrder) -> str:
    """Its status as the database derives it now."""
    return str(WorkOrder.objects.with_status().values_list("status", flat=True).get(pk=order.pk))


def run_of(order: WorkOrder) -> engine.Run:
    """Its run as it is now."""
    return engine.runs.get(pk=order.run_id)


def task_of(order: WorkOrder, key: str) -> engine.Task:
    """One of its tasks as it is now."""
    return engine.tasks.get(run_id=order.run_id, key=key)
