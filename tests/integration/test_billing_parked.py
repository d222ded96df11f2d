"""What waits for a budget: one line per scope, and a raise that lets it go on, in order and as much as fits."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from django.db import connection, transaction

from billing import budgets, parked, pricebook
from billing.errors import BudgetExceeded
from billing.models import Budget
from billing.statements import WAITING
from nexus import engine
from nexus.execution import handlers, runner
from nexus.tasks import transitions
from tests.support.runs import ALICE, spec, states, submitted, task
from tests.support.spending import budget, charged, released, reserved

pytestmark = pytest.mark.django_db(transaction=True)
SCOPE = ("order", "WO-1")
COST = Decimal(1)


@pytest.fixture(autouse=True)
def priced() -> None:
    pricebook.install()


@pytest.fixture(autouse=True)
def spends(monkeypatch) -> dict[str, UUID]:
    """Tasks of the type test.echo hold a dollar of the order's budget, as a call would, until the test lets go."""
    held: dict[str, UUID] = {}

    def hold(context: engine.Context) -> engine.Outcome:
        held[context.key] = reserved("1", scopes=(tuple(context.input.get("scope", SCOPE)),))
        return engine.Done()

    known = handlers.handler_of("test.echo")
    monkeypatch.setattr(handlers, "handler_of", lambda _type: type(known)(**{**vars(known), "handle": hold}))
    return held


def limit(amount: str | None, kind: str = "order", key: str = "WO-1") -> None:
    with transaction.atomic():
        budgets.change_limit(
            kind=kind, key=key, limit=None if amount is None else Decimal(amount), actor="board", reason="worth it"
        )


def work(run: engine.Run) -> None:
    """Do what is ready, the best first."""
    while held := transitions.claim_next("nexus.agents", ALICE):
        runner.run_one(held, holder=ALICE)
    assert not engine.tasks.of(run.pk).ready().exists()


def some(count: int, **given) -> engine.Run:
    run = submitted(*(spec(f"t{number}", **given) for number in range(count)))
    work(run)
    return run


def waiting_of(run: engine.Run) -> list[str]:
    return [key for key, state in states(run).items() if state == "waiting_approval"]


def test_tasks_of_one_scope_are_one_thing_to_decide(spends):
    limit("2")
    run = some(5)
    charged(spends["t0"], "0.25")
    (one,) = parked.waiting()
    assert waiting_of(run) == ["t2", "t3", "t4"]
    assert (one.kind, one.key, one.limit, one.spent, one.reserved) == ("order", "WO-1", 2, Decimal("0.25"), 1)
    assert (one.tasks, one.runs, one.needed, one.needed_in_all, one.is_going_on) == (3, 1, 1, 3, False)
    assert one.since == engine.Attempt.objects.get(task=task(run, "t2")).finished_at


def test_two_scopes_are_two_and_the_oldest_comes_first(spends):
    limit("0", "role", "ceo")
    limit("0")
    some(1, input={"scope": ["role", "ceo"]})
    some(2)
    assert [(one.kind, one.tasks) for one in parked.waiting()] == [("role", 1), ("order", 2)]


def test_of_what_many_share_nothing_goes_on_before_a_person_raises(spends):
    limit("1", "role", "ceo")
    run = some(3, input={"scope": ["role", "ceo"]})
    released(spends["t0"])
    assert parked.go_on_once() == 0, "room that comes back is not a person's word"
    assert waiting_of(run) == ["t1", "t2"]


def test_an_order_goes_on_by_itself_as_its_own_room_comes_back(spends):
    limit("1")
    run = some(3)
    assert parked.go_on_once() == 0, "the first holds all of it"
    released(spends["t0"])
    assert parked.go_on_once() == 1
    work(run)
    charged(spends["t1"], "0.1")
    assert parked.go_on_once() == 0, "less is left than the next may need"
    assert (waiting_of(run), budget().going_on_at) == (["t2"], None)
    assert parked.go_on_once() == 0
    assert budget().going_on_at is None
    limit("1.1")
    assert parked.go_on_once() == 1
    said = list(engine.events.of(run.pk).filter(kind="task.unparked").values_list("data", flat=True))
    assert said == [
        {"reason": "There is room in the order budget again"},
        {"actor": "board", "reason": "The order budget was raised"},
    ]


def test_a_raise_lets_go_on_what_fits_in_order_and_the_rest_as_room_comes_back(spends):
    limit("1")
    run = submitted(*(spec(f"t{number}", priority=5 + (number == 3)) for number in range(5)))
    work(run)
    assert waiting_of(run) == ["t0", "t1", "t2", "t4"]
    limit("3")
    assert parked.go_on_once() == 2
    assert waiting_of(run) == ["t2", "t4"], "the oldest first"
    work(run)
    assert parked.go_on_once() == 0
    released(spends["t3"])
    assert parked.go_on_once() == 1
    work(run)
    charged(spends["t0"], "0.1")
    charged(spends["t1"], "0.1")
    assert parked.go_on_once() == 1
    work(run)
    assert waiting_of(run) == []
    said = engine.events.of(run.pk).filter(kind="task.unparked").values_list("data", flat=True)
    assert list(said) == [{"actor": "board", "reason": "The order budget was raised"}] * 4


def test_the_more_urgent_goes_on_before_the_older(spends):
    limit("0")
    run = submitted(spec("old"), spec("urgent", priority=9))
    work(run)
    limit("1")
    assert parked.go_on_once() == 1
    assert waiting_of(run) == ["old"]


def test_a_small_one_does_not_overtake_the_first_that_does_not_fit(spends):
    limit("0")
    run = some(2)
    engine.tasks.filter(pk=task(run, "t1").pk).update(
        wait={"code": BudgetExceeded.code, "detail": {"scope": "order", "key": "WO-1", "needed": "0.1"}}
    )
    limit("0.5")
    assert parked.go_on_once() == 0
    assert waiting_of(run) == ["t0", "t1"]


def test_when_all_is_spent_a_person_is_needed_again(spends):
    limit("1")
    run = some(3)
    limit("2")
    parked.go_on_once()
    work(run)
    charged(spends["t0"], "1")
    parked.go_on_once()
    assert budget().going_on_at is not None, "what t1 holds may come back"
    charged(spends["t1"], "0.5")
    assert parked.go_on_once() == 0
    assert budget().going_on_at is None
    assert not parked.waiting()[0].is_going_on
    limit("9")
    assert parked.go_on_once() == 1


def test_lifting_a_limit_lets_everything_go_on_and_lowering_it_nothing(spends):
    limit("1")
    run = some(4)
    limit("0.5")
    assert (parked.go_on_once(), budget().going_on_at) == (0, None)
    limit(None)
    assert parked.go_on_once() == 3
    work(run)
    assert waiting_of(run) == []


def test_a_limit_that_a_program_sets_counts_as_a_raise_too(spends):
    limit("0")
    some(1)
    budgets.set_limit(kind="order", key="WO-1", limit=Decimal(0))
    assert parked.go_on_once() == 0
    budgets.set_limit(kind="order", key="WO-1", limit=Decimal(5))
    assert parked.go_on_once() == 1


def test_one_round_is_bounded(spends):
    limit("0")
    some(7)
    limit("9")
    assert parked.let_go_on(budget(), most=3) == 3
    assert parked.waiting()[0].tasks == 4


def test_what_parks_again_while_the_raise_is_in_force_goes_on_by_itself(spends):
    """Two rounds released more than fits: the second task found no room."""
    limit("0")
    run = some(2)
    limit("1")
    released_too_many = [engine.unpark(task_id=task(run, key).pk) for key in ("t0", "t1")]
    assert len(released_too_many) == 2
    work(run)
    assert waiting_of(run) == ["t1"]
    released(spends["t0"])
    assert parked.go_on_once() == 1


def test_a_raise_is_forgotten_when_nothing_has_waited_for_a_while(spends):
    limit("1")
    limit("5")
    parked.go_on_once()
    assert budget().going_on_at is not None
    Budget.objects.update(going_on_at="2026-01-01T00:00Z")
    parked.go_on_once()
    assert budget().going_on_at is None


def test_what_waited_for_a_day_goes_on_when_the_day_is_over(spends, monkeypatch):
    monkeypatch.setattr(budgets, "today", lambda: "2026-11-21")
    limit("0", "day", "2026-11-21")
    run = some(1, input={"scope": ["day", "2026-11-21"]})
    assert parked.go_on_once() == 0
    monkeypatch.setattr(budgets, "today", lambda: "2026-11-22")
    assert parked.go_on_once() == 1
    assert waiting_of(run) == []


def test_a_task_that_a_person_cancels_at_that_moment_is_left_alone(spends, monkeypatch):
    limit("0")
    run = some(2)
    limit("5")
    found = list(parked._tasks_of("order", "WO-1"))
    engine.cancel(run_id=run.pk)
    monkeypatch.setattr(parked, "_tasks_of", lambda *_: found)
    assert parked.let_go_on(budget()) == 0
    assert set(states(run).values()) == {"cancelled"}


def test_what_is_parked_is_found_without_going_through_all_tasks():
    submitted(*(spec(f"t{n}") for n in range(300)))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ANALYZE nexus_task")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {WAITING}")
        plans = ["\n".join(line for (line,) in cursor.fetchall()), parked._tasks_of("order", "WO-1").explain()]
    assert [plan for plan in plans if "task_parked_by_reason" not in plan] == []
