"""Edges are drawn between the tasks that were named, whoever writes them and in whatever words."""

from __future__ import annotations

import json

import pytest
from django.db import transaction

from nexus import engine
from nexus.execution.runner import run_one
from nexus.tasks import statements, submit
from tests.support.runs import ALICE, claimed, spec, states, submitted

pytestmark = pytest.mark.django_db(transaction=True)


def edges(run_id: int) -> set[tuple[str, str]]:
    found = engine.tasks.filter(run_id=run_id, dependencies__isnull=False)
    return set(found.values_list("dependencies__parent__key", "key"))


def left(run_id: int) -> dict[str, int]:
    return dict(engine.tasks.filter(run_id=run_id).values_list("key", "deps_left"))


def diamond(head: str) -> list[engine.TaskSpec]:
    return [
        spec("z"),
        spec(head),
        spec("b", after=(head,)),
        spec("a", after=("z", head)),
        spec("end", after=("a", "b")),
    ]


def test_of_several_runs_each_has_its_own():
    asked = [
        engine.Submission(tenant="acme", subject=f"WO-{head}", tasks=diamond(head)) for head in ("one", "two", "three")
    ]
    for run, head in zip(engine.submit_many(asked), ("one", "two", "three"), strict=True):
        assert edges(run.pk) == {(head, "b"), ("z", "a"), (head, "a"), ("a", "end"), ("b", "end")}
        assert left(run.pk) == {"z": 0, head: 0, "b": 1, "a": 2, "end": 2}
        assert (engine.runs.get(pk=run.pk).open_tasks, engine.runs.get(pk=run.pk).last_seq) == (5, 3)


def test_what_is_added_comes_after_what_is_there_and_after_what_is_added():
    run = submitted(spec("done"), spec("open"))
    run_one(claimed(run, "done"), holder=ALICE)
    with transaction.atomic():
        engine.expand(
            run_id=run.pk,
            tasks=[spec("both", after=("done", "open", "new")), spec("new", after=("done",)), spec("alone")],
        )
    assert edges(run.pk) == {("done", "both"), ("open", "both"), ("new", "both"), ("done", "new")}
    assert left(run.pk) == {"done": 0, "open": 0, "both": 2, "new": 0, "alone": 0}
    became = states(run)
    assert (became["both"], became["new"], became["alone"]) == ("pending", "ready", "ready")


def test_a_process_of_the_last_version_names_every_parent_by_its_key():
    told = submit._told(engine.resolved(diamond("one")), run=1, behind=0, priority=5)
    for one, written in zip(told, diamond("one"), strict=True):
        del one["parents"]
        one["after"] = list(written.after)
    runs = [{"tenant": "acme", "subject": "WO", "priority": 5, "on_failure": "block", "data": {}}]
    ((run_id, *_),) = statements.hot(submit.SUBMIT, [json.dumps(runs), json.dumps(told), None, 30.0])
    assert edges(run_id) == {("one", "b"), ("z", "a"), ("one", "a"), ("a", "end"), ("b", "end")}
    assert left(run_id) == {"z": 0, "one": 0, "b": 1, "a": 2, "end": 2}
