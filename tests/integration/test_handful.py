"""Short siblings are done by one worker and settled by one commit; whatever goes wrong, each is settled once."""

from __future__ import annotations

from math import inf
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from nexus import engine
from nexus.execution import heartbeat, runner
from nexus.execution.pace import SURE_AFTER, Pace
from nexus.leases.models import Lease
from nexus.settlement import settle
from nexus.tasks import transitions
from nexus.tasks.claims import Claim, Holder
from nexus.tasks.models import Attempt
from nexus.upkeep.rescuer import rescue_once
from tests.support.rivals import Rival, wait_for
from tests.support.runs import kinds, spec, states, submitted, task, work

pytestmark = pytest.mark.django_db(transaction=True)
PARTS = ("p0", "p1", "p2")
ALICE = Holder(worker="alice/1", delivery="a", rung_at=inf)
"""A dispatcher looks all the time, and need not be told of what is due in a moment."""


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process knows tasks of the type to be short."""
    known = Pace()
    for _ in range(SURE_AFTER):
        known.note("test.short", 0.0)
    monkeypatch.setattr(runner, "pace", known)


def order(**given: dict[str, Any]) -> engine.Run:
    """Plan, three parts, join; with an input for those that are named."""

    def one(key: str, after: tuple[str, ...]) -> engine.TaskSpec:
        return spec(key, "test.short", after=after, input=given.get(key, {}))

    return submitted(one("plan", ()), *(one(key, ("plan",)) for key in PARTS), one("join", PARTS))


def deliver(run: engine.Run) -> None:
    """Answer the doorbell of the plan."""
    runner.deliver(task_id=task(run, "plan").pk, queue="nexus.agents", holder=ALICE)


def taken(run: engine.Run) -> list[Claim]:
    """Complete the plan; what its worker holds then."""
    held = transitions.claim(task(run, "plan").pk, ALICE)
    assert held
    settled = transitions.settle(held, "completed", ALICE, go_on=True, short=["test.short"])
    assert settled.next is not None
    return [settled.next, *settled.along]


def outcomes(run: engine.Run) -> dict[str, list[str | None]]:
    """Key -> how its attempts ended, in order."""
    found = Attempt.objects.filter(task__run=run).order_by("id").values_list("task__key", "outcome")
    return {key: [outcome for other, outcome in found if other == key] for key in ("plan", *PARTS, "join")}


def ended(run: engine.Run) -> str:
    """The run's state, once all is as it should be around it."""
    assert not Lease.objects.filter(task__run=run).exists()
    now = engine.runs.get(pk=run.pk)
    assert (now.open_tasks, now.last_seq) == (0, len(kinds(run)))
    return now.state


def test_siblings_are_taken_along_and_settled_by_one_commit():
    run = order()
    task_id = task(run, "plan").pk
    with CaptureQueriesContext(connection) as asked:
        runner.deliver(task_id=task_id, queue="nexus.agents", holder=ALICE)
    functions = [query["sql"].split("(")[0].split()[-1] for query in asked.captured_queries]
    assert functions == ["nexus_claim", "nexus_settle", "nexus_settle_together", "nexus_settle"]
    assert ended(run) == "completed"
    assert outcomes(run) == {key: ["completed"] for key in ("plan", *PARTS, "join")}
    assert [task(run, key).output for key in PARTS] == [{"attempt": 1}] * 3
    told = kinds(run)
    assert (told.count("task.ready"), told.count("task.started"), told.count("task.completed")) == (5, 5, 5)


def test_the_feed_hears_how_far_all_of_them_have_come(monkeypatch):
    heard: list[int] = []
    monkeypatch.setattr(transitions, "hint_on_commit", lambda run_id, seq, ended: heard.append(seq))
    run = order()
    transitions.settle_together([(one, {}) for one in taken(run)], ALICE)
    assert heard[-1] == engine.runs.get(pk=run.pk).last_seq > heard[0]


def test_what_is_not_known_to_be_short_is_left_to_others(monkeypatch):
    monkeypatch.setattr(runner, "pace", Pace())
    run = order()
    seen: list[dict[str, str]] = []
    handle = runner.attempt
    monkeypatch.setattr(runner, "attempt", lambda context: seen.append(states(run)) or handle(context))
    deliver(run)
    assert [sum(state == "running" for state in one.values()) for one in seen] == [1] * 5
    assert ended(run) == "completed"


@pytest.mark.parametrize(
    "change", [{"priority": 1}, {"queue": "nexus.control"}, {"attempt": 1}, {"exclusive": "k"}, {"type": "test.echo"}]
)
def test_only_equals_that_nobody_tried_are_taken_along(change):
    run = order()
    engine.tasks.filter(run=run, key="p1").update(**change)
    assert [one.key for one in taken(run)] == ["p0", "p2"]


def test_what_was_tried_before_is_done_alone():
    run = order()
    engine.tasks.filter(run=run, key="p0").update(attempt=1)
    assert [one.key for one in taken(run)] == ["p0"]


def test_no_more_than_eight_are_held():
    run = submitted(spec("plan", "test.short"), *(spec(f"s{n:02}", "test.short", after=("plan",)) for n in range(20)))
    mine = taken(run)
    assert [one.key for one in mine] == [f"s{n:02}" for n in range(8)]
    _, second = transitions.settle_together([(one, {}) for one in mine], ALICE, go_on=True, short=["test.short"])
    assert second.next is not None
    assert [one.key for one in (second.next, *second.along)] == [f"s{n:02}" for n in range(8, 16)]


def test_one_that_fails_is_tried_again_and_the_others_are_done():
    run = order(p1={"fails": "once"})
    deliver(run)
    assert outcomes(run) == {
        "plan": ["completed"], "p0": ["completed"], "p1": ["retry"], "p2": ["completed"], "join": [],
    }  # fmt: skip
    engine.tasks.filter(run=run, key="p1").update(not_before="2000-01-01T00:00Z")
    assert work(run).state == "completed"


def test_one_whose_lease_was_lost_is_dropped_and_the_others_are_settled(caplog):
    run = order()
    mine = taken(run)
    Lease.objects.filter(task_id=mine[1].task_id).update(expires_at="2000-01-01T00:00Z")
    assert rescue_once() == 1
    done = [(one, settle.Ending(move="completed", output={"by": "alice"})) for one in mine]
    settled = settle.settle_together(done, ALICE, go_on=True)
    assert settled.next is None
    assert outcomes(run)["p1"] == ["retry"]
    assert states(run) == {
        "plan": "completed",
        "p0": "completed",
        "p1": "pending",
        "p2": "completed",
        "join": "pending",
    }
    assert f"outcome dropped task={mine[1].task_id}" in caplog.text


def test_a_cancelled_run_cancels_what_comes_home_together():
    run = order()
    mine = [(one, {}) for one in taken(run)]
    engine.cancel(run_id=run.pk)
    fenced, settled = transitions.settle_together(mine, ALICE, go_on=True)
    assert (fenced, settled.next) == ([], None)
    assert ended(run) == "cancelled"
    assert outcomes(run)["p0"] == ["cancelled"]


def test_one_that_takes_long_holds_nobody_up(tmp_path):
    """What was done before it is settled, what waits is given back, and another worker does that meanwhile."""
    until, diary = tmp_path / "until", tmp_path / "diary"
    run = order(p1={"until": str(until)}, p2={"diary": str(diary)})
    rival = Rival(lambda: deliver(run))
    rival.start()
    wait_for(lambda: outcomes(run)["p2"] == ["given_back"], what="what waits to be given back")
    assert outcomes(run)["p0"] == ["completed"]
    assert (states(run)["p1"], task(run, "p2").attempt, diary.exists()) == ("running", 0, False)
    work(run)
    assert states(run) == {
        "plan": "completed",
        "p0": "completed",
        "p1": "running",
        "p2": "completed",
        "join": "pending",
    }
    until.touch()
    rival.ended()
    work(run)
    assert ended(run) == "completed"
    assert diary.read_text() == "p2\n"


def test_a_worker_that_drains_begins_no_more_and_gives_back_unspent(monkeypatch):
    run = order()
    heart = heartbeat.Heart()
    monkeypatch.setattr(runner, "heart", lambda: heart)
    handle = runner.attempt

    def drains_at_p0(context: engine.Context) -> settle.Ending:
        end = handle(context)
        if context.key == "p0":
            heart.drain()
        return end

    monkeypatch.setattr(runner, "attempt", drains_at_p0)
    deliver(run)
    assert outcomes(run) == {
        "plan": ["completed"], "p0": ["completed"], "p1": ["given_back"], "p2": ["given_back"], "join": [],
    }  # fmt: skip
    monkeypatch.undo()
    assert work(run).state == "completed"
    assert task(run, "p1").output == {"attempt": 1}


@pytest.mark.parametrize("committed", [False, True])
def test_a_connection_that_is_cut_at_the_commit_settles_each_once(monkeypatch, caplog, committed):
    run = order()
    real = transitions.settle_together

    def cut(*given: Any, **named: Any) -> Any:
        monkeypatch.setattr(transitions, "settle_together", real)
        if committed:
            real(*given, **named | {"go_on": False})
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(transitions, "settle_together", cut)
    deliver(run)
    assert {key: outcomes(run)[key] for key in ("plan", *PARTS)} == {key: ["completed"] for key in ("plan", *PARTS)}
    assert "outcome dropped" not in caplog.text
    assert work(run).state == "completed"
    assert ended(run) == "completed"


def test_a_worker_that_dies_between_them_loses_nothing(monkeypatch, tmp_path: Path):
    """Killed in the second of three: none is settled; all are taken back and done again."""
    diary = tmp_path / "diary"
    run = order(**{key: {"diary": str(diary)} for key in PARTS})
    handle = runner.attempt

    def dies_after_p1(context: engine.Context) -> settle.Ending:
        end = handle(context)
        if context.key == "p1":
            raise SystemExit
        return end

    monkeypatch.setattr(runner, "attempt", dies_after_p1)
    with pytest.raises(SystemExit):
        deliver(run)
    monkeypatch.undo()
    assert states(run) | dict.fromkeys(PARTS, "running") == states(run)
    Lease.objects.filter(task__run=run).update(expires_at="2000-01-01T00:00Z")
    assert rescue_once() == 3
    engine.tasks.filter(run=run, state="pending", deps_left=0).update(not_before="2000-01-01T00:00Z")
    assert work(run).state == "completed"
    assert outcomes(run)["p2"] == ["retry", "completed"]
    assert diary.read_text().split() == ["p0", "p1", "p0", "p1", "p2"]


def test_they_are_settled_in_the_callers_transaction_or_not_at_all():
    run = order()
    mine = [(one, {}) for one in taken(run)]
    with transaction.atomic():
        transitions.settle_together(mine, ALICE)
        transaction.set_rollback(True)
    assert states(run) | dict.fromkeys(PARTS, "running") == states(run)
    assert transitions.settle_together(mine, ALICE)[0] == []
    assert states(run)["join"] == "ready"
