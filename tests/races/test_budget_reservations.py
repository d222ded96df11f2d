"""Many calls want the last dollars of one budget at once."""

from __future__ import annotations

from decimal import Decimal
from threading import Barrier, Event, Thread
from uuid import UUID

import pytest
from django.db import OperationalError, connection, transaction

from billing import alarms, budgets, pricebook, reservations
from billing.errors import BudgetExceeded
from billing.models import Budget, Hold, LedgerEntry
from billing.statements import RESERVE
from nexus import engine
from nexus.statements import one
from tests.support.rivals import Rival, wait_until_blocked
from tests.support.runs import claimed, spec, submitted
from tests.support.spending import budget, charged, check_books, released, reserved, standing

pytestmark = pytest.mark.django_db(transaction=True)
CROWD, ROOM = 24, 7


@pytest.fixture(autouse=True)
def priced() -> None:
    pricebook.install()


class Sampler(Thread):
    """Looks at a budget again and again, and keeps every sight of it above its limit."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._enough = Event()
        self.overrun: list[Decimal] = []
        self.looks = 0

    def run(self) -> None:
        try:
            while not self._enough.wait(0.005):
                now = budget()
                self.looks += 1
                if now.limit is not None and now.spent + now.reserved > now.limit:
                    self.overrun.append(now.spent + now.reserved)
        finally:
            connection.close()

    def __enter__(self) -> Sampler:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self.join(10)


def crowd(act, size: int = CROWD) -> list[object]:
    """Let `size` threads do `act` at the same moment; return what came of each."""
    barrier = Barrier(size)

    def at_once() -> object:
        connection.ensure_connection()
        barrier.wait(20)
        return act()

    rivals = [Rival(at_once) for _ in range(size)]
    for rival in rivals:
        rival.start()
    return [rival.ended() for rival in rivals]


def test_exactly_as_many_fit_as_there_is_room_for():
    budgets.set_limit(kind="order", key="WO-1", limit=Decimal("0.1") * ROOM)
    with Sampler() as sampler:
        outcomes = crowd(lambda: reserved("0.1"))
    refused = [outcome for outcome in outcomes if not isinstance(outcome, UUID)]
    assert [type(outcome) for outcome in refused] == [BudgetExceeded] * (CROWD - ROOM), outcomes
    assert budget().reserved == budget().limit
    assert budget("project", "acme").reserved == budget().reserved, "who was refused holds nothing anywhere"
    assert (sampler.overrun, Hold.objects.filter(open=True).count()) == ([], 2 * ROOM)
    check_books()


def test_a_limit_is_kept_while_calls_reserve_spend_and_let_go():
    budgets.set_limit(kind="order", key="WO-1", limit=Decimal(1))

    def live() -> int:
        done = 0
        for turn in range(6):
            try:
                request = reserved("0.2")
            except BudgetExceeded:
                continue
            charged(request, "0.05") if turn % 2 else released(request)
            done += 1
        return done

    with Sampler() as sampler:
        outcomes = crowd(live, size=8)
    assert all(isinstance(outcome, int) for outcome in outcomes), outcomes
    assert sum(outcomes) > 0
    assert sampler.overrun == []
    assert sampler.looks > 0
    assert (budget().reserved, budget().spent) == (0, LedgerEntry.objects.count() * Decimal("0.05"))
    check_books()


def test_the_last_dollar_goes_to_who_came_first_and_the_other_sees_it_gone():
    budgets.set_limit(kind="order", key="WO-1", limit=Decimal(1))
    reserved("0")
    with transaction.atomic():
        reservations.reserve(request_id=UUID(int=1), scopes=(("order", "WO-1"),), amount=Decimal(1))
        rival = Rival(lambda: reserved("0.5"))
        rival.start()
        wait_until_blocked()
    assert isinstance(rival.ended(), BudgetExceeded)


def test_one_request_that_many_try_to_book_is_charged_once():
    request = reserved("1")
    outcomes = crowd(lambda: charged(request, "0.25"), size=12)
    assert sorted(outcomes) == [False] * 11 + [True]
    assert (budget().spent, budget().reserved, LedgerEntry.objects.count()) == (Decimal("0.25"), 0, 1)


def test_a_charge_and_a_release_that_meet_give_the_hold_back_once():
    for _ in range(6):
        request = reserved("1")
        rivals = [Rival(lambda one=request: charged(one, "0.25")), Rival(lambda one=request: released(one))]
        for rival in rivals:
            rival.start()
        assert [rival.ended() for rival in rivals] == [True, None]
    assert (budget().spent, budget().reserved) == (Decimal("1.5"), 0)
    check_books()


def test_first_calls_of_new_orders_do_not_wait_for_each_other_in_a_circle():
    scopes = [(("project", "acme"), ("order", f"WO-{number}")) for number in range(4)]
    outcomes = crowd(lambda: [reserved("0.1", scopes=mine) for mine in scopes], size=8)
    assert all(isinstance(outcome, list) for outcome in outcomes), outcomes
    assert budget("project", "acme").reserved == Decimal("0.1") * 4 * 8


def is_free(kind: str) -> bool:
    """Whether nobody holds this budget's row, in the caller's transaction."""
    try:
        with transaction.atomic():
            Budget.objects.select_for_update(nowait=True).get(kind=kind)
    except OperationalError:
        return False
    return True


@pytest.mark.parametrize("act", [lambda held: reserved("0.1"), lambda held: charged(held, "0.1"), released])
def test_budgets_are_locked_by_their_numbers_so_that_two_calls_cannot_wait_for_each_other(act):
    """The project's is the older one and the later one by name: whoever holds the order's while it waits is wrong."""
    for kind, key in (("project", "acme"), ("order", "WO-1")):
        budgets.set_limit(kind=kind, key=key, limit=Decimal(1))
    held = reserved("0.1")
    with transaction.atomic():
        Budget.objects.select_for_update().get(kind="project")
        rival = Rival(lambda: act(held))
        rival.start()
        wait_until_blocked()
        assert is_free("order")
    assert not isinstance(rival.ended(), Exception)
    check_books()


def test_budgets_of_first_calls_are_written_by_their_names_in_whichever_order_they_are_asked_for():
    """Who waits for a project's budget that another is writing has written that of its order before."""
    asked = [UUID(int=1), ["project", "order"], ["acme", "WO-1"], Decimal(1)]
    with transaction.atomic(), connection.cursor() as cursor:
        Budget.objects.create(kind="project", key="acme")
        rival = Rival(lambda: one(RESERVE, asked))
        rival.start()
        wait_until_blocked()
        cursor.execute("SET LOCAL lock_timeout = '1ms'")
        with pytest.raises(OperationalError, match="lock timeout"):
            Budget.objects.create(kind="order", key="WO-1")
        transaction.set_rollback(True)
    assert not isinstance(rival.ended(), Exception)


def test_many_who_see_the_same_threshold_crossed_tell_it_once():
    run = submitted(spec("one"))
    by = engine.Context(claim=claimed(run, "one"))
    budgets.set_limit(kind="order", key="WO-1", limit=Decimal(1))
    reserved("0.95")
    held = [standing()]
    assert sorted(crowd(lambda: alarms.warn(held, by=by), size=8)) == [0] * 7 + [1]
    assert sorted(crowd(lambda: alarms.look_ahead(held, cost=Decimal(0), by=by), size=2)) == [0, 0]
    assert engine.events.of(run.pk).filter(kind="budget.warning").count() == 1
