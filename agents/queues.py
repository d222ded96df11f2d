"""Where a task waits that a model works on: in the queue of the model's family, where it has one."""

from __future__ import annotations

from collections.abc import Sequence

from agents import families
from agents.models import Role
from nexus import engine


def of_family(tasks: Sequence[engine.TaskSpec]) -> list[str | None]:
    """For each task the queue of the family of the model it names, or that its role asks first; None without one.

    A route for handlers. It says where a task waits, not who is asked: a role that gets another model while its task
    waits is asked with that, by whoever serves the queue.
    """
    named = {str(task.input.get("role") or "") for task in tasks if not task.input.get("model")}
    models = dict(Role.objects.filter(name__in=named).values_list("name", "model"))
    return [_queue(str(task.input.get("model") or models.get(str(task.input.get("role")), ""))) for task in tasks]


def _queue(model: str) -> str | None:
    family = families.of(model)
    return family.queue if family else None
