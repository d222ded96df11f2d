"""Random lives of runs: every verb of the engine in any order, two workers, real SQL, against a model in memory.

The usual session tries the same examples every time. For a longer walk on new ground:

    NEXUS_MACHINE_EXAMPLES=5000 .venv/bin/python -m pytest tests/races/test_engine_machine.py --timeout=0
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from nexus import engine
from nexus.deadletters.models import DeadLetter
from nexus.errors import GraphInvalid, IllegalMove, LeaseLost
from nexus.leases import renew as leases
from nexus.leases.models import Lease
from nexus.settlement.settle import Ending, settle
from nexus.tasks import statements, transitions
from nexus.tasks.claims import Claim, Holder
from nexus.tasks.states import TaskState as S
from nexus.upkeep.rescuer import rescue_once
from nexus.upkeep.timers import make_due_ready
from tests.support.engine_facts import check_promises, everything
from tests.support.engine_model import Execution, ModelRun, ModelTask
from tests.support.engine_people import STEPS as PEOPLES_STEPS
from tests.support.engine_people import People
from tests.support.engine_together import STEPS as STEPS_TOGETHER
from tests.support.engine_together import Together, picks, shorts, workers
from tests.support.runs import submitted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]
EXAMPLES = int(os.environ.get("NEXUS_MACHINE_EXAMPLES", "0"))
QUEUES = {"test.echo": "nexus.agents", "test.tool": "nexus.tools"}
FAR = timedelta(hours=1)
PAST = "2000-01-01T00:00Z"
OF_RUNS = "nexus_run, nexus_task, nexus_event, nexus_attempt, nexus_lease, nexus_dependency"
EXPIRE = "UPDATE nexus_lease SET expires_at = clock_timestamp() - interval '1 hour' WHERE task_id = %s AND fence = %s"
UNHAPPY = ["failed", "failed", "parked", "retry", "given_back"]

drafts = st.tuples(
    st.sampled_from(sorted(QUEUES)), st.sampled_from([5, 5, 5, 2, 9]), st.integers(1, 2),
    st.one_of(st.just(()), st.sets(picks, max_size=2)), st.sampled_from([False, False, False, False, True]),
)  # fmt: skip
"""Of one task: type, priority, attempts, parents among those before it, and whether it waits for a time."""
STEPS: dict[str, tuple[Callable[[Any], Any], int, dict[str, Any]]] = {**PEOPLES_STEPS, **STEPS_TOGETHER}


def step(*, when: Callable[[Any], Any] = lambda _: True, often: int = 1, **given: Any) -> Callable[[Any], Any]:
    """A step of a life: possible `when`, with what is drawn for it.

    Not a rule: Hypothesis leaves half of the rules out of each example, and a life without claims shows nothing.
    """

    def register(act: Any) -> Any:
        STEPS[act.__name__] = (when, often, given)
        return act

    return register


class EngineMachine(People, Together, RuleBasedStateMachine):
    """One database, some runs, two workers."""

    lived = 0

    def __init__(self) -> None:
        super().__init__()
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {OF_RUNS} RESTART IDENTITY CASCADE")
        self.runs: list[ModelRun] = []
        self.executions: list[Execution] = []
        self.keys = 0

    @rule(data=st.data())
    def live(self, data):
        possible = [name for name, (when, often, _) in STEPS.items() if when(self) for _ in range(often)]
        type(self).lived += 1
        name = data.draw(st.sampled_from(possible), label="step")
        getattr(self, name)(**{word: data.draw(drawing, label=word) for word, drawing in STEPS[name][2].items()})

    def tasks(self, *states: S) -> list[tuple[ModelRun, ModelTask]]:
        return [(run, task) for run in self.runs for task in run.tasks.values() if not states or task.state in states]

    def standing(self) -> list[Execution]:
        return [one for one in self.executions if one.stands]

    def late(self) -> list[Execution]:
        return [one for one in self.executions if not one.stands]

    def drawn(self, graph: Sequence[Any], among: list[str]) -> tuple[list[engine.TaskSpec], list[ModelTask]]:
        specs, tasks = [], []
        for kind, priority, most, after, later in graph:
            self.keys += 1
            parents = frozenset(among[-1 - place % len(among)] for place in after) if among else frozenset()
            same = {"key": f"t{self.keys}", "queue": QUEUES[kind], "priority": priority, "max_attempts": most}
            tasks.append(ModelTask(parents=parents, later=later, **same))
            when = timezone.now() + FAR if later else None
            specs.append(engine.TaskSpec(type=kind, after=tuple(sorted(parents)), timeout=60, not_before=when, **same))
            among = [*among, same["key"]]
        return specs, tasks

    def refused_unless(self, allowed: bool, act: Callable[[], object], error: type[Exception] = IllegalMove) -> None:
        """`act` works if the model allows it, and is otherwise refused without a trace."""
        if allowed:
            act()
            return
        before = everything()
        with pytest.raises(error):
            act()
        assert everything() == before

    @initialize(graph=st.lists(drafts, min_size=2, max_size=4), fast=st.booleans())
    def begin(self, graph, fast):
        specs, tasks = self.drawn(graph, [])
        run = ModelRun(id=submitted(*specs, on_failure="fail" if fast else "block").pk, fails_fast=fast)
        run.add(tasks)
        self.runs.append(run)
        self.learn_ids(run)

    @step(when=lambda self: len(self.runs) < 2, graph=st.lists(drafts, min_size=2, max_size=4), fast=st.booleans())
    def submit(self, graph, fast):
        self.begin(graph, fast)

    def learn_ids(self, run: ModelRun) -> None:
        for key, number in engine.tasks.of(run.id).values_list("key", "id"):
            run.tasks[key].id = number

    def took(self, run: ModelRun, task: ModelTask, held: Claim, holder: Holder) -> None:
        run.start(task)
        assert (held.task_id, held.fence, held.attempt) == (task.id, task.fence, task.attempt)
        self.executions.append(Execution(run, task, held, holder))

    @step(pick=picks, holder=workers)
    def claim(self, pick, holder):
        every = sorted(self.tasks(), key=lambda one: one[1].state != S.READY)
        run, task = every[pick % len(every)]
        held = transitions.claim(task.id, holder)
        assert bool(held) == (run.moving and task.state == S.READY)
        if held:
            self.took(run, task, held, holder)

    @step(when=lambda self: self.tasks(S.READY), often=5, pick=picks, holder=workers)
    def claim_next(self, pick, holder):
        queue = (ready := self.tasks(S.READY))[pick % len(ready)][1].queue
        free = [(run, task) for run, task in ready if run.moving and task.queue == queue]
        engine.tasks.filter(state=S.READY, ring_at__gt=Now()).update(ring_at=Now())  # head starts are over
        held = transitions.claim_next(queue, holder)
        assert bool(held) == bool(free)
        if held:
            self.took(*min(free, key=lambda one: (-one[1].priority, one[1].id)), held, holder)

    @step(when=lambda self: self.executions, often=2, pick=picks)
    def heartbeat(self, pick):
        every = sorted(self.executions, key=lambda one: (not one.stands, not one.task.expired))
        one = every[pick % min(3, len(every))]
        renewed = leases.renew([(one.held.task_id, one.held.fence)])
        assert bool(renewed) == (one.stands and not one.task.expired)
        for answer in renewed:
            assert (answer.cancelled, answer.paused) == (one.run.stopping, one.run.paused)

    @step(when=standing, often=3, pick=picks, go_on=st.booleans(), short=shorts)
    def complete(self, pick, go_on, short):
        self.settled(self.standing()[pick % len(self.standing())], "completed", go_on=go_on, short=short)

    @step(when=standing, often=3, pick=picks, move=st.sampled_from(UNHAPPY), go_on=st.booleans())
    def end_otherwise(self, pick, move, go_on):
        self.settled(self.standing()[pick % len(self.standing())], move, go_on=go_on)

    @step(when=lambda self: self.standing() and self.keys < 12, pick=picks, graph=st.lists(drafts, max_size=2))
    def complete_and_expand(self, pick, graph):
        one = self.standing()[pick % len(self.standing())]
        self.settled(one, "completed", drawn=self.drawn(graph, [*one.run.tasks]))

    @step(when=late, pick=picks, move=st.sampled_from(["completed", *UNHAPPY]))
    def come_too_late(self, pick, move):
        one = self.late()[pick % len(self.late())]
        ending = Ending(move=move, output={}, error={"code": "no"}, again=0)
        self.refused_unless(False, lambda: settle(one.held, ending, one.holder, go_on=True), LeaseLost)

    @step(when=lambda self: any(not one.run.stopping for one in self.standing()), pick=picks)
    def expand_with_a_key_that_is_taken(self, pick):
        going = [one for one in self.standing() if not one.run.stopping]
        one = going[pick % len(going)]
        twice = engine.TaskSpec(key=one.task.key, type="test.echo", queue="nexus.agents", timeout=1, max_attempts=1)
        ending = Ending(move="completed", then=[twice])
        self.refused_unless(False, lambda: settle(one.held, ending, one.holder, go_on=False), GraphInvalid)

    def settled(
        self, one: Execution, move: str, *, go_on: bool = False, drawn: Any = ((), ()), short: Collection[str] = ()
    ) -> None:
        stopped = one.run.paused
        error = {"code": "no", "message": "no"} if move in ("failed", "retry") else None
        wait = {"code": "stopped" if stopped else "away"}
        ending = Ending(move=move, error=error, wait=wait, again=FAR.total_seconds(), output={}, then=drawn[0])
        answer = settle(one.held, ending, one.holder, go_on=go_on, short=sorted(short))
        freed = one.run.settle(one.task, move, then=drawn[1], stopped=stopped)
        assert answer.state == one.task.state
        self.learn_ids(one.run)
        self.goes_on(one, answer, go_on=go_on, freed=freed, short=short)

    @step(when=standing, often=2, pick=picks)
    def a_lease_runs_out(self, pick):
        one = self.standing()[pick % len(self.standing())]
        assert statements.count(EXPIRE, [one.task.id, one.held.fence]) == 1
        one.task.expired = True

    @step(when=standing, holder=workers)
    def a_worker_dies(self, holder):
        lost = [one for one in self.standing() if one.holder == holder]
        assert leases.end_delivery(holder.delivery, holder=holder.worker) == len(lost)
        for one in lost:
            one.task.expired = True

    @step(when=lambda self: any(one.task.expired for one in self.standing()))
    def rescue(self):
        lost = {one.task.id: one for one in self.standing() if one.task.expired}
        leases_left = Lease.objects.filter(task_id__in=lost).order_by("expires_at", "task_id")
        order = list(leases_left.values_list("task_id", flat=True))
        assert rescue_once() == len(lost) == len(order)
        for number in order:
            one = lost[number]
            one.run.settle(one.task, "failed" if one.task.attempt >= one.task.max_attempts else "retry")
        engine.tasks.filter(pk__in=order, state=S.PENDING).update(not_before=timezone.now() + FAR)

    @step(when=lambda self: any(task.later for _, task in self.tasks(S.PENDING)), pick=picks)
    def its_time_comes(self, pick):
        waiting = [task for _, task in self.tasks(S.PENDING) if task.later]
        task = waiting[pick % len(waiting)]
        assert engine.tasks.filter(pk=task.id, not_before__isnull=False).update(not_before=PAST) == 1
        task.later = False

    @step(when=lambda self: self.tasks(S.PENDING))
    def due_timers(self):
        due = [task for run in self.runs for task in run.due()]
        assert make_due_ready() == len(due)
        for task in due:
            task.state = S.READY

    @step(pick=picks, verb=st.sampled_from(["pause", "resume", "resume", "resume", "cancel"]))
    def tell_a_run(self, pick, verb):
        run = self.runs[pick % len(self.runs)]
        self.refused_unless(getattr(run, verb)(), lambda: getattr(engine, verb)(run_id=run.id, actor="alice"))

    @step(pick=picks, verb=st.sampled_from(["unpark", "redrive"]))
    def tell_a_task(self, pick, verb):
        wanted = S.FAILED if verb == "redrive" else S.WAITING_APPROVAL
        every = sorted(self.tasks(), key=lambda one: one[1].state != wanted)
        run, task = every[pick % len(every)]
        self.refused_unless(getattr(run, verb)(task), lambda: getattr(engine, verb)(task_id=task.id, actor="alice"))

    @invariant()
    def everything_is_as_the_model_says(self):
        rows = engine.runs.in_bulk()
        for run in self.runs:
            row = rows[run.id]
            assert (row.state, row.open_tasks, row.failed_tasks) == (run.state, run.open_tasks, run.failed_tasks)
            assert (row.paused_at is not None, row.cancel_requested_at is not None) == (run.paused, run.stopping)
        # Nobody counts the parents of what was cancelled.
        found = [
            (number, state, None if state == S.CANCELLED else left, *spent)
            for number, state, left, *spent in engine.tasks.values_list("id", "state", "deps_left", "attempt", "fence")
        ]
        assert sorted(found) == sorted(
            (
                task.id,
                task.state,
                None if task.state == S.CANCELLED else run.parents_left(task),
                task.attempt,
                task.fence,
            )
            for run, task in self.tasks()
        )
        assert DeadLetter.objects.count() == sum(run.letters for run in self.runs)

    @invariant()
    def every_promise_is_kept(self):
        check_promises()


def test_any_order_of_events_keeps_every_promise():
    walk = settings(
        max_examples=EXAMPLES or 40, stateful_step_count=50, derandomize=not EXAMPLES, database=None, deadline=None,
        phases=[Phase.generate, Phase.shrink] if EXAMPLES else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(EngineMachine, settings=walk)
    assert EngineMachine.lived > 1000
