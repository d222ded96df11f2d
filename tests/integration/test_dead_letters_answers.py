"""Driven again, a task goes on from the answers that it has: none is bought twice, whichever model answers the rest."""

from __future__ import annotations

import pytest

from agents import calls
from nexus import engine
from tests.support.model_calls import check_journals, lines
from tests.support.runs import spec, submitted, task, work
from tests.support.stories import models_answered
from workorders import mending

pytestmark = pytest.mark.django_db(transaction=True)


@engine.handler("test.asks_twice", queue="nexus.agents", max_attempts=1)
def asks_twice(context: engine.Context) -> engine.Outcome:
    """Ask, die unless it was mended, and ask again."""
    calls.call(context, role="intern", step=1, system="Be brief.", prompt="first")
    if not context.input.get("mended"):
        raise RuntimeError("not mended")
    calls.call(context, role="intern", step=2, system="Be brief.", prompt="second")
    return engine.Done()


def test_stored_answers_are_replayed_and_finished_tasks_stay_finished():
    with models_answered() as sandbox:
        runs = [submitted(spec("before"), spec("two", "test.asks_twice", after=("before",))) for _ in range(3)]
        assert {work(run).state for run in runs} == {"open"}
        assert len(lines()) == 3
        (group,) = engine.groups()

        mend = mending.Mend(input={"mended": True}, model="claude-sonnet-5-5")
        assert mending.drive_rest(fingerprint=group.fingerprint, tenants=None, mend=mend, actor="bob") == 3

        assert {work(run).state for run in runs} == {"completed"}
        check_journals(sandbox)
    assert [line.model for line in lines()] == ["claude-haiku-5-5"] * 3 + ["claude-sonnet-5-5"] * 3
    assert [task(run, "before").attempts.count() for run in runs] == [1, 1, 1]
    assert [task(run, "two").attempts.count() for run in runs] == [2, 2, 2]
