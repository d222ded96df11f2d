"""Runs for tests, made through the public verbs, so that none starts in a state that cannot happen."""

from __future__ import annotations

from typing import Any

from django.db import transaction

import tests.support.work.handlers  # noqa: F401
from nexus import engine
from nexus.execution import runner
from nexus.tasks import transitions
from nexus.tasks.claims import Claim, Holder
from nexus.upkeep.timers import make_due_ready
from tests.support.rivals import wait_for

ALICE = Holder(worker="alice/1", delivery="a")
MALLORY = Holder(worker="mallory/1", delivery="m")
"""Mallory's worker is always late."""


def spec(key: str, type: str = "test.echo", **given: Any) -> engine.TaskSpec:
    """A task of a test type."""
    return engine.TaskSpec(key=key, type=type, **given)


def submitted(*specs: engine.TaskSpec, **given: Any) -> engine.Run:
    """A committed run."""
    with transaction.atomic():
        return engine.submit(tenant="acme", subject="WO-TEST", tasks=specs, **given)


def task(run: engine.Run, key: str) -> engine.Task:
    """A task as the database has it now."""
    return engine.tasks.get(run_id=run.pk, key=key)


def claimed(run: engine.Run, key: str, holder: Holder = ALICE) -> Claim:
    """Claim a task that must be free."""
    held = transitions.claim(task(run, key).pk, holder)
    assert held is not None, f"{key} is {task(run, key).state}"
    return held


def work(run: engine.Run, *, most: int = 200) -> engine.Run:
    """Do everything that can be done now, as one worker of every queue would; return the run as it is then."""
    for _ in range(most):
        make_due_ready()
        free = engine.tasks.of(run.pk).ready().first()
        held = free and transitions.claim(free.pk, ALICE)
        if not held:
            break
        runner.run_one(held, holder=ALICE)
    return engine.runs.get(pk=run.pk)


def states(run: engine.Run) -> dict[str, str]:
    """Key -> state."""
    return dict(engine.tasks.of(run.pk).values_list("key", "state"))


def kinds(run: engine.Run) -> list[str]:
    """The kinds of the run's events, in order; their numbers must have no gap."""
    events = list(engine.events.of(run.pk))
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    return [event.kind for event in events]


def all_complete() -> int:
    """The newest event, once nothing can come up before it: what others write on the same server is waited for."""
    newest = engine.events.latest("id").pk
    wait_for(lambda: engine.complete_up_to() >= newest, what="the others' transactions")
    return engine.complete_up_to()
