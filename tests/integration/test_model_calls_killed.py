"""A worker that is killed for real, at each step of a model call; what the next one buys, and what is booked."""

from __future__ import annotations

import signal

import pytest

from nexus import engine
from tests.support.deliveries import delivered, pass_lease
from tests.support.model_calls import check_journals, lines, requests, states
from tests.support.runs import spec, submitted, task, work
from tests.support.stories import models_answered

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def sandbox():
    with models_answered() as sandbox:
        yield sandbox


def killed(point: str) -> engine.Run:
    run = submitted(spec("one", "test.asks"))
    assert delivered(run, "one", crash=point) == -signal.SIGKILL
    pass_lease(run, "one")
    return run


@pytest.mark.parametrize(
    ("point", "ends", "bought", "qualities"),
    [
        ("K8", ["UNBILLED", "SETTLED"], 1, ["reported"]),  # intended
        ("K9", ["UNBILLED", "SETTLED"], 1, ["reported"]),  # marked as sent; the provider knows that it never came
        ("K10", ["UNKNOWN", "SETTLED"], 2, ["estimated", "reported"]),  # answered, and not stored
        ("K11", ["SETTLED"], 1, ["reported"]),  # stored, and the task not settled
    ],
)
def test_an_answer_is_bought_again_only_where_nobody_can_know_that_there_was_one(
    sandbox, point: str, ends: list[str], bought: int, qualities: list[str]
):
    run = killed(point)
    assert work(run).state == "completed"
    assert task(run, "one").output["attempt"] == 2
    assert states() == ends
    assert sandbox.count() == bought
    assert [line.quality for line in lines()] == qualities
    assert all(0 < line.amount <= request.max_cost for line in lines() for request in requests())
    check_journals(sandbox)


def test_a_stored_answer_needs_no_provider(sandbox):
    run = killed("K11")
    sandbox.script(status=401, times=None)
    assert work(run).state == "completed"
    assert sandbox.count() == 1
    check_journals(sandbox)
