"""Dead letters over HTTP: seen by who may read the project, driven again by who may change it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from agents import roles
from apps.accounts.models import Role
from apps.api import idempotency
from billing import pricebook
from billing.models import Budget
from nexus import engine
from tests.support.people import a_cast, a_person, order
from tests.support.runs import spec, states, work

pytestmark = pytest.mark.django_db(transaction=True)
LETTERS = "/api/v2/dead-letters"


@pytest.fixture
def cast():
    return a_cast()


def dead(project) -> engine.Run:
    with transaction.atomic():
        run = engine.submit(
            tenant=str(project.pk), subject="WO-TEST", tasks=[spec("bad", "test.fails", max_attempts=1)]
        )
    return work(run)


def test_a_group_is_seen_by_the_team_and_by_nobody_else(cast):
    dead(cast.acme), dead(cast.acme), dead(cast.umbra)
    (seen,) = cast.alice.get(LETTERS).json()["results"]
    assert (seen["count"], seen["types"], seen["error"]["code"]) == (2, ["test.fails"], "handler_error")
    assert cast.bob.get(LETTERS).json() == cast.alice.get(LETTERS).json()
    assert [group["count"] for group in cast.charlie.get(LETTERS).json()["results"]] == [1]


def test_one_is_tried_and_then_the_others_and_never_somebody_elses(cast):
    ours, theirs = [dead(cast.acme), dead(cast.acme)], dead(cast.umbra)
    (group,) = cast.bob.get(LETTERS).json()["results"]
    again = f"{LETTERS}/{group['fingerprint']}/redrive"
    assert cast.bob.post(again, {"one": True, "input": {"until": 1}}).json() == {"redriven": 1}
    assert [work(run).state for run in ours] == ["completed", "open"]
    assert cast.bob.post(again, {"input": {"until": 1}, "priority": 9, "reason": "mended"}).json() == {"redriven": 1}
    assert work(ours[1]).state == "completed"
    assert states(theirs) == {"bad": "failed"}
    gone = cast.bob.post(again)
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")


def test_a_viewer_and_a_stranger_drive_nothing(cast):
    run = dead(cast.acme)
    (group,) = cast.alice.get(LETTERS).json()["results"]
    viewer = a_person("vera", cast.acme, Role.VIEWER)
    again = f"{LETTERS}/{group['fingerprint']}/redrive"
    for asked in ({}, {"one": True}):
        seen = viewer.post(again, asked)
        assert (seen.status_code, seen.json()["code"]) == (403, "read_only_member")
        assert cast.charlie.post(again, asked).status_code == 404
    assert cast.charlie.get(again.removesuffix("/redrive")).status_code == 404
    assert cast.alice.post(f"{LETTERS}/%00/redrive").status_code == 404
    assert cast.alice.get(f"{LETTERS}/%00").status_code == 404
    assert len(viewer.get(LETTERS).json()["results"]) == 1
    assert states(run) == {"bad": "failed"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"priority": 11}, {"max_attempts": 0}, {"input": []}, {"rate": 0}, {"rate": 6001}, {"rate": 1.5},
        {"one": "true"}, {"input": {"a": "\0"}}, {"input": {"a": "x" * 100_001}}, {"role": "emperor"},
        {"model": "gpt-0"}, {"budget_usd": "0"}, {"budget_usd": "1e3"}, {"most": 3},
    ],
)  # fmt: skip
def test_bad_input_is_refused_with_its_place_and_drives_nothing(cast, wrong):
    roles.install(), pricebook.install()
    run = dead(cast.acme)
    (group,) = cast.alice.get(LETTERS).json()["results"]
    answer = cast.alice.post(f"{LETTERS}/{group['fingerprint']}/redrive", wrong)
    assert answer.status_code in (400, 422)
    assert [error["pointer"].startswith(f"#/{next(iter(wrong))}") for error in answer.json()["errors"]] == [True]
    assert states(run) == {"bad": "failed"}


def test_one_failure_is_shown_with_the_tasks_that_it_stopped(cast):
    runs = [dead(cast.acme), dead(cast.acme)]
    (group,) = cast.bob.get(LETTERS).json()["results"]
    whole = cast.bob.get(f"{LETTERS}/{group['fingerprint']}").json()
    letters = whole.pop("letters")
    assert whole == group
    assert [letter["task"] for letter in letters] == ["bad"] * len(runs)
    assert (letters[0]["attempts"], letters[0]["input"], letters[0]["order"]) == (1, {}, "WO-TEST")


def test_the_same_key_tries_one_and_not_another(cast):
    runs = [dead(cast.acme), dead(cast.acme)]
    (group,) = cast.bob.get(LETTERS).json()["results"]
    again = f"{LETTERS}/{group['fingerprint']}/redrive"
    first, repeat = (cast.bob.post(again, {"one": True}, **{"Idempotency-Key": "k"}) for _ in range(2))
    assert (first.json(), repeat.json()) == ({"redriven": 1}, {"redriven": 1})
    assert repeat.headers["Idempotency-Replayed"] == "true"
    assert [states(run)["bad"] for run in runs] == ["pending", "failed"]


def test_who_dies_before_remembering_has_tried_nothing(cast, monkeypatch):
    run = dead(cast.acme)
    (group,) = cast.bob.get(LETTERS).json()["results"]
    again = f"{LETTERS}/{group['fingerprint']}/redrive"
    with monkeypatch.context() as patched:
        patched.setattr(idempotency, "keep", dies)
        assert cast.bob.post(again, {"one": True}, **{"Idempotency-Key": "k"}).status_code == 500
    assert states(run)["bad"] == "failed"
    assert cast.bob.post(again, {"one": True}, **{"Idempotency-Key": "k"}).json() == {"redriven": 1}


def dies(*_: object) -> None:
    raise SystemError("the process is gone")


def test_the_rest_is_driven_at_a_rate_by_another_role_with_more_money(cast):
    roles.install(), pricebook.install()
    filed = [order(cast.alice.files(budget_usd="1")) for _ in range(3)]
    for one in filed:
        engine.tasks.filter(run_id=one.run_id).update(type="test.fails", max_attempts=1)
        work(one.run)
    (group,) = cast.bob.get(LETTERS).json()["results"]
    change = {
        "role": "ceo", "model": "claude-opus-5", "budget_usd": "2.50", "input": {"x": 1.5, "y": [1, None]}, "rate": 60,
        "reason": "mended",
    }  # fmt: skip
    before = timezone.now()

    assert cast.bob.post(f"{LETTERS}/{group['fingerprint']}/redrive", change).json() == {"redriven": 3}

    tasks = [engine.tasks.get(run_id=one.run_id) for one in filed]
    assert [round((one.not_before - before).total_seconds()) for one in tasks] == [0, 1, 2]
    assert tasks[2].input == {"role": "ceo", "model": "claude-opus-5", "x": 1.5, "y": [1, None]}
    assert {order(one.public_id).budget_usd for one in filed} == {Decimal("2.5")}
    assert set(Budget.objects.filter(kind="order").values_list("limit", flat=True)) == {Decimal("2.5")}
    said = {event.kind: event.data for event in engine.events.of(filed[0].run_id)}
    assert said["order.budget_set"] == {
        "before_usd": "1.000000000", "limit_usd": "2.500000000", "actor": "bob", "reason": "mended",
        "channel": "api",
    }  # fmt: skip
    assert said["task.redriven"]["changed"] == {"input": ["model", "role", "x", "y"]}
