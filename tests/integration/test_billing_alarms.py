"""People are told once that a budget is nearly used, and once that it will not be enough."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal

import pytest
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from agents.models import ModelRequest
from billing import alarms, budgets
from billing.models import Budget
from nexus import engine
from nexus.tasks import transitions
from nexus.tasks.claims import Claim
from tests.support.model_calls import an_execution, ask
from tests.support.runs import ALICE, claimed, spec, submitted
from tests.support.spending import budget, standing
from tests.support.stories import models_answered

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def sandbox():
    with models_answered() as sandbox:
        yield sandbox


def costs(sandbox, *, output: int = 0) -> None:
    """Have the sandbox report that the next call took so many tokens of output; one is 500 nano-dollars."""
    sandbox.script(usage={"input_tokens": 0, "output_tokens": output})


def told(run_id: int, kind: str = "budget.warning") -> list[dict]:
    return list(engine.events.of(run_id).filter(kind=kind).values_list("data", flat=True))


def worst_case() -> Decimal:
    ask(an_execution(), max_tokens=1000)
    return Decimal(ModelRequest.objects.get().max_cost)


def limit(amount: Decimal | None) -> None:
    with transaction.atomic():
        budgets.change_limit(kind="order", key="WO-TEST", limit=amount, actor="board")


def test_a_call_that_reserves_up_to_nine_tenths_warns_before_it_leaves_and_once(sandbox):
    most = worst_case()
    spent = budget("order", "WO-TEST").spent
    total = ((spent + most) / Decimal("0.9")).quantize(Decimal("0.000000001"), ROUND_FLOOR)
    limit(total)
    run = an_execution()
    ask(run, max_tokens=1000)
    (said,) = told(run.run_id)
    assert said == {
        "budget": "order", "key": "WO-TEST", "total_usd": f"{total:.9f}",
        "used_usd": f"{spent:.9f}", "reserved_usd": f"{most:.9f}",
    }  # fmt: skip
    other = an_execution()
    limit(budget("order", "WO-TEST").spent + most)
    ask(other, max_tokens=1000)
    assert len(told(other.run_id)) == 1, "the limit was changed: it is told again"
    assert told(run.run_id) == [said]


def test_below_the_threshold_nothing_is_told_and_nothing_is_asked():
    most = worst_case()
    limit((budget("order", "WO-TEST").spent + most) / Decimal("0.89"))
    run = an_execution()
    ask(run, max_tokens=1000)
    assert told(run.run_id) == []
    assert budget("order", "WO-TEST").warned_at is None


def test_the_threshold_is_a_setting():
    most = worst_case()
    limit((budget("order", "WO-TEST").spent + most) * 3)
    run = an_execution()
    with override_settings(BUDGETS={"CAUTION": 0.1, "WARNING": 0.3}):
        ask(run, max_tokens=1000)
    assert len(told(run.run_id)) == 1


def one_done(*, of: int) -> tuple[engine.Context, engine.Run]:
    """The context of one task of a run of so many, in which one other is completed and the rest wait."""
    run = submitted(spec("done"), spec("now"), *(spec(f"later{number}") for number in range(of - 2)))
    held: Claim = claimed(run, "done")
    transitions.settle(held, "completed", ALICE, output={})
    return engine.Context(claim=claimed(run, "now")), run


def test_what_will_not_be_enough_is_told_once_after_the_call_that_shows_it(sandbox):
    most = worst_case()
    spent = budget("order", "WO-TEST").spent
    context, run = one_done(of=5)
    limit(spent + 2 * most)
    costs(sandbox, output=1000)
    ask(context, max_tokens=1000)
    used = budget("order", "WO-TEST").spent
    (said,) = told(run.pk, "budget.critical")
    assert (said["predicted_usd"], said["used_usd"]) == (f"{used * 5:.9f}", f"{used:.9f}")
    ask(context, max_tokens=1000, step=2)
    assert told(run.pk, "budget.critical") == [said]
    limit(spent + 3 * most)
    ask(context, max_tokens=1000, step=3)
    assert len(told(run.pk, "budget.critical")) == 2, "the limit was changed, and it is still not enough"


def test_a_run_that_is_over_gets_no_event_and_the_next_call_tells_it():
    worst_case()
    held = [one for one in _standings("1") if one.kind == "order"]
    ended = submitted(spec("one"))
    engine.cancel(run_id=ended.pk)
    assert alarms.warn(held, by=_By(ended)) == 0
    run = submitted(spec("one"))
    assert alarms.warn(held, by=_By(run)) == 1
    assert alarms.warn(held, by=_By(run)) == 0
    assert len(told(run.pk)) == 1


def test_a_limit_that_changed_meanwhile_is_not_warned_of():
    worst_case()
    held = [one for one in _standings("1") if one.kind == "order"]
    limit(Decimal(100))
    run = submitted(spec("one"))
    assert alarms.warn(held, by=_By(run)) == 0
    assert budget("order", "WO-TEST").warned_at is None


def test_who_has_no_limit_pays_no_statement():
    worst_case()
    held = _standings(None)
    with CaptureQueriesContext(connection) as asked:
        assert alarms.warn(held, by=_By(submitted(spec("one")))) == 0
        assert alarms.look_ahead(held, cost=Decimal(1), by=_By(submitted(spec("one")))) == 0
    assert [one["sql"] for one in asked if "billing_" in one["sql"]] == []


def test_a_project_is_named_by_nobody_and_looked_at_once_a_percent(monkeypatch):
    with transaction.atomic():
        budgets.change_limit(kind="project", key="acme", limit=Decimal(10), actor="board")
    Budget.objects.filter(kind="project").update(spent=Decimal("5.005"))
    looks: list[str] = []
    monkeypatch.setattr(alarms.progress, "done_of", lambda kind, *_args, **_more: looks.append(kind))
    row = budget("project", "acme")
    assert [alarms._is_time_to_look(row.limit, row.spent, Decimal(cost)) for cost in ("0.001", "0.01")] == [False, True]
    run = submitted(spec("one"))
    held = [standing("project", "acme")]
    alarms.look_ahead(held, cost=Decimal("0.001"), by=_By(run))
    assert looks == []
    alarms.look_ahead(held, cost=Decimal("0.01"), by=_By(run))
    assert looks == ["project"]
    assert "key" not in alarms._facts("project", "7", Decimal(1), Decimal(1), Decimal(1))


class _By:
    """A caller in some task of a run."""

    def __init__(self, run: engine.Run) -> None:
        self.run_id, self.task_id = run.pk, engine.tasks.of(run.pk)[0].pk


def _standings(amount: str | None):
    if amount is not None:
        limit(Decimal(amount))
        Budget.objects.filter(kind="order", key="WO-TEST").update(spent=Decimal(amount))
    return standing("order", "WO-TEST"), standing("project", "acme")
