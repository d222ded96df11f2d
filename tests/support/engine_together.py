"""Steps of a life in which one worker has several tasks of a run, and settles them by one commit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from math import inf
from typing import Any

from hypothesis import strategies as st

from nexus.tasks import transitions
from nexus.tasks.claims import Settled

from .engine_model import Execution, along_for, next_for
from .runs import ALICE, MALLORY

picks = st.integers(0, 12)
workers = st.sampled_from([replace(worker, rung_at=inf) for worker in (ALICE, MALLORY)])
"""Dispatchers look all the time: nobody calls one when the test is over."""
shorts = st.sets(st.sampled_from(["test.echo", "test.tool"]))
"""The types that a worker says are short."""


class Together:
    """For the state machine: it knows `standing`, `executions`, `runs` and `took`."""

    def complete_together(self: Any, pick: int, go_on: bool, short: Collection[str]) -> None:
        """A worker completes all that it holds of one run and queue, and what it believes to hold."""
        one = self.standing()[pick % len(self.standing())]
        where = (one.run, one.holder, one.task.queue)
        several = [other for other in self.executions if (other.run, other.holder, other.task.queue) == where]
        several = list({other.task.id: other for other in several}.values())[-4:]
        standing = [other for other in several if other.stands]
        ends_well = several[-1].stands
        done = [(other.held, {"of": other.task.key}) for other in several]
        fenced, answer = transitions.settle_together(done, one.holder, go_on=go_on, short=sorted(short))
        assert [held.task_id for held in fenced] == [other.task.id for other in several if other not in standing]
        freed: set[str] = set()
        for other in standing:
            freed = other.run.settle(other.task, "completed")
        self.goes_on(one, answer, go_on=go_on and ends_well, freed=freed, short=short)

    def goes_on(
        self: Any, one: Execution, answer: Settled, *, go_on: bool, freed: Collection[str], short: Collection[str]
    ) -> None:
        """What the worker holds now is what the model says."""
        following = next_for(one.run, one.task.queue, self.runs) if go_on else None
        assert (answer.next and answer.next.task_id) == (following and following[1].id)
        if not following or not answer.next:
            assert not answer.along
            return
        along = along_for(one.run, following, freed) if answer.next.type in short else []
        assert [held.task_id for held in answer.along] == [task.id for task in along]
        for task, held in zip([following[1], *along], [answer.next, *answer.along], strict=True):
            self.took(following[0], task, held, one.holder)


STEPS: dict[str, Any] = {
    "complete_together": (
        lambda machine: machine.standing(), 3, {"pick": picks, "go_on": st.booleans(), "short": shorts},
    ),
}  # fmt: skip
