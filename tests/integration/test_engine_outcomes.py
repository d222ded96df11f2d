"""What a handler answers, and what becomes of the task and its run."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection

from nexus import engine
from nexus.deadletters.models import DeadLetter
from nexus.execution import runner
from tests.support.runs import ALICE, claimed, kinds, spec, states, submitted, task, work

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_run_completes_when_its_last_task_does():
    run = work(submitted(spec("a", input={"say": "hi"}), spec("b", after=("a",))))
    assert (run.state, run.open_tasks, run.failed_tasks) == ("completed", 0, 0)
    assert run.finished_at is not None
    assert task(run, "b").output["heard"] == {"a": {"said": "hi", "heard": {}}}
    assert kinds(run) == [
        "run.submitted", "task.ready", "task.started", "task.completed", "task.ready",
        "task.started", "task.completed", "run.completed",
    ]  # fmt: skip


def test_a_failure_is_retried_and_keeps_its_trace_without_secrets():
    run = submitted(spec("flaky", "test.fails", input={"until": 3}))
    engine.tasks.filter(run=run).update(priority=5)
    for _ in range(3):
        run = work(run)
        engine.tasks.filter(run=run, state="pending").update(not_before="2000-01-01T00:00Z")
    attempts = list(task(run, "flaky").attempts.order_by("fence"))
    assert run.state == "completed"
    assert [(one.number, one.outcome) for one in attempts] == [(1, "retry"), (2, "retry"), (3, "completed")]
    assert "RuntimeError" in attempts[0].traceback
    assert "hunter2secret" not in attempts[0].traceback + str(attempts[0].error)


def test_out_of_attempts_it_is_buried_and_the_run_waits_for_a_person():
    run = submitted(spec("flaky", "test.fails", max_attempts=1), spec("next", after=("flaky",)))
    run = work(run)
    letter = DeadLetter.objects.get(task__run=run)
    assert (run.state, run.failed_tasks, run.open_tasks) == ("open", 1, 2)
    assert states(run) == {"flaky": "failed", "next": "pending"}
    assert letter.error["code"] == "handler_error"
    assert engine.why(task(run, "flaky"), run=run).startswith("Out of attempts")

    engine.tasks.filter(pk=letter.task_id).update(input={"until": 1})
    engine.redrive(task_id=letter.task_id, actor="bob", reason="mended")
    assert work(run).state == "completed"
    letter.refresh_from_db()
    assert letter.raised_at is not None


def test_a_run_that_fails_fast_ends_with_its_first_dead_task():
    run = submitted(
        spec("bad", "test.answers", input={"answer": "refused"}), spec("next", after=("bad",)), on_failure="fail"
    )
    run = work(run)
    assert run.state == "failed"
    assert states(run) == {"bad": "failed", "next": "cancelled"}
    assert kinds(run)[-1] == "run.failed"


def test_a_dead_task_is_not_driven_again_in_a_run_that_its_death_ended():
    over = work(submitted(spec("bad", "test.answers", input={"answer": "refused"}), on_failure="fail"))
    ending = submitted(
        spec("bad", "test.answers", input={"answer": "refused"}), spec("held", "test.tool"), on_failure="fail"
    )
    held = claimed(ending, "held")
    work(ending)
    assert [broken for broken in engine.count_broken() if broken.rows] == []
    for run in (over, ending):
        with pytest.raises(engine.IllegalMove):
            engine.redrive(task_id=task(run, "bad").pk)
        assert (task(run, "bad").state, engine.runs.get(pk=run.pk).failed_tasks) == ("failed", 1)
    runner.run_one(held, holder=ALICE)
    assert engine.runs.get(pk=ending.pk).state == "failed"


def test_given_back_spends_no_attempt():
    run = submitted(spec("away", "test.answers", input={"answer": "give_back", "after": 3600}))
    work(run)
    waiting = task(run, "away")
    assert (waiting.state, waiting.attempt, waiting.wait["code"]) == ("pending", 0, "away")
    assert "provider down; tried again at" in engine.why(waiting, run=run)
    engine.tasks.filter(pk=waiting.pk).update(input={"answer": "done"}, not_before="2000-01-01T00:00Z")
    assert work(run).state == "completed"


def test_parked_it_waits_for_a_person_and_goes_on_when_released():
    run = submitted(spec("ask", "test.answers", input={"answer": "park"}))
    work(run)
    parked = task(run, "ask")
    assert (parked.state, parked.attempt) == ("waiting_approval", 0)
    assert parked.wait["detail"] == {"amount": 3}
    assert engine.why(parked, run=run) == "A person is needed: may I?"
    engine.tasks.filter(pk=parked.pk).update(input={"answer": "done"})
    engine.unpark(task_id=parked.pk, actor="bob")
    assert work(run).state == "completed"
    with pytest.raises(engine.IllegalMove):
        engine.unpark(task_id=parked.pk)


def test_an_expansion_is_written_with_its_own_settle():
    drawn = [{"key": "a", "type": "test.echo", "after": ["draws"]}, {"key": "b", "type": "test.tool", "after": ["a"]}]
    run = work(submitted(spec("draws", "test.draws", input={"then": drawn})))
    assert run.state == "completed"
    assert states(run) == dict.fromkeys(("draws", "a", "b"), "completed")


@pytest.mark.parametrize(
    "drawn",
    [
        [{"key": "a", "type": "no.such.type"}],
        [{"key": "draws", "type": "test.echo"}],
        [{"key": "a", "type": "test.echo", "after": ["nobody"]}],
        [{"key": "a", "type": "test.echo", "after": ["b"]}, {"key": "b", "type": "test.echo", "after": ["a"]}],
    ],
)
def test_a_graph_that_cannot_run_is_refused_and_nothing_of_it_is_written(drawn):
    run = work(submitted(spec("draws", "test.draws", input={"then": drawn})))
    assert states(run) == {"draws": "failed"}
    assert task(run, "draws").error["code"] == "graph_invalid"


def test_a_cancelled_run_is_final():
    run = submitted(spec("a"), spec("b", after=("a",)))
    engine.cancel(run_id=run.pk, actor="alice", reason="not needed")
    run.refresh_from_db()
    assert run.state == "cancelled"
    assert set(states(run).values()) == {"cancelled"}
    for act in (engine.cancel, engine.pause, engine.resume):
        with pytest.raises(engine.IllegalMove):
            act(run_id=run.pk)


def test_a_pause_keeps_everything_and_a_resume_goes_on():
    run = submitted(spec("a"), spec("b", after=("a",)))
    engine.pause(run_id=run.pk)
    assert work(run).open_tasks == 2
    with pytest.raises(engine.IllegalMove):
        engine.pause(run_id=run.pk)
    engine.resume(run_id=run.pk)
    assert work(run).state == "completed"
    assert kinds(run)[2:4] == ["run.paused", "run.resumed"]


def test_an_unknown_type_is_refused_before_anything_is_written():
    with pytest.raises(engine.GraphInvalid):
        submitted(spec("a", "no.such.type"))
    assert not engine.runs.exists()


def test_a_run_needs_no_transaction_of_its_caller():
    run = engine.submit(tenant="t", subject="s", tasks=[spec("a", "test.answers", input={"answer": "done"})])
    assert work(run).state == "completed"


def test_without_a_transaction_a_run_whose_gate_cannot_be_written_is_not_written_either():
    def refuse(execute, sql, params, many, context):
        if 'INSERT INTO "nexus_declaredgate"' in sql:
            raise DatabaseError("no room for a gate")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse), pytest.raises(DatabaseError):
        engine.submit(tenant="t", subject="s", tasks=[spec("a", gate=engine.Gate(message="May it run?"))])
    assert not engine.runs.exists()
