"""How many statements a model call takes: counted, so that nobody adds one unseen."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Price
from nexus.execution.runner import deliver
from tests.support.model_calls import an_execution, ask, lines, states
from tests.support.runs import ALICE, spec, submitted, task
from tests.support.stories import models_answered

pytestmark = pytest.mark.django_db(transaction=True)
OF_A_CALL = ["agents_look(", "agents_intend(", "agents_let_go(", "agents_settle("]


@pytest.fixture(autouse=True)
def sandbox():
    with models_answered() as sandbox:
        ask(an_execution())  # reads the prices of the provider, once in a process
        yield sandbox


def said(statements: CaptureQueriesContext) -> list[str]:
    """Every statement, those that frame a transaction too: each is a round trip."""
    return [one["sql"] for one in statements.captured_queries]


def test_a_call_takes_four_statements_and_no_transaction_around_them():
    context = an_execution()
    with CaptureQueriesContext(connection) as statements:
        ask(context)
    for statement, name in zip(said(statements), OF_A_CALL, strict=True):
        assert name in statement


def test_a_task_that_asks_once_takes_six():
    run = submitted(spec("one", "test.asks"))
    bell = {"task_id": task(run, "one").pk, "queue": "nexus.agents", "holder": ALICE}
    with CaptureQueriesContext(connection) as statements:
        deliver(**bell)
    asked = [one for one in said(statements) if "pg_notify" not in one]
    for statement, name in zip(asked[:6], ["nexus_claim(", *OF_A_CALL, "nexus_settle("], strict=True):
        assert name in statement
    assert (len(asked), states()) == (6, ["SETTLED", "SETTLED"])


def test_an_answer_that_is_there_takes_one():
    context = an_execution()
    ask(context)
    with CaptureQueriesContext(connection) as statements:
        assert ask(context).replayed
    (look,) = said(statements)
    assert OF_A_CALL[0] in look


def test_prices_are_read_again_when_one_of_them_has_changed():
    dearer = lines()[0].amount * 2
    Price.objects.filter(pk=lines()[0].price_id).update(
        **{name: 2 * getattr(lines()[0].price, name) for name in ("input", "output")}
    )
    ask(an_execution())
    assert lines()[1].amount == dearer
