"""Budgets over HTTP: the Board raises them, exactly, and what it did is kept."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from agents import roles
from apps.accounts.models import Role
from billing import budgets, parked, pricebook
from billing.models import Budget, BudgetChange
from nexus import engine
from nexus.settlement import settle
from nexus.tasks import transitions
from tests.support.people import a_cast, a_person, order
from tests.support.runs import ALICE, claimed
from tests.support.spending import charged, reserved

pytestmark = pytest.mark.django_db(transaction=True)
BUDGETS = "/api/v2/budgets"


@pytest.fixture
def cast():
    roles.install()
    return a_cast()


@pytest.fixture
def board(cast):
    person = a_person("board", cast.acme, Role.VIEWER)
    person.user.user_permissions.add(*Permission.objects.filter(codename__in=("view_budget", "change_budget")))
    return person


def put(person, kind, key, body):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return person.client.put(f"{BUDGETS}/{kind}/{key}", raw, content_type="application/json")


def test_a_limit_is_raised_exactly_and_told_and_kept(cast, board):
    filed = cast.alice.files(budget_usd="1")
    answer = put(board, "order", filed, {"limit_usd": "123456.123456789", "reason": "worth it"})
    assert answer.json() == {
        "kind": "order", "key": filed, "limit_usd": "123456.123456789", "spent_usd": "0.000000000",
        "reserved_usd": "0.000000000",
    }  # fmt: skip
    assert order(filed).budget_usd == Decimal("123456.123456789")
    assert cast.alice.get(f"/api/v2/work-orders/{filed}").json()["budget_usd"] == "123456.123456789"
    told = engine.events.of(order(filed).run_id).get(kind="order.budget_set").data
    assert told == {
        "before_usd": "1.000000000", "limit_usd": "123456.123456789", "actor": "board", "reason": "worth it",
        "channel": "api",
    }  # fmt: skip
    assert put(board, "order", filed, {"limit_usd": None}).json()["limit_usd"] is None
    kept = list(BudgetChange.objects.order_by("id").values_list("before", "after", "actor", "reason"))
    assert kept == [
        (Decimal(1), Decimal("123456.123456789"), "board", "worth it"),
        (Decimal("123456.123456789"), None, "board", ""),
    ]


def test_a_number_in_json_keeps_its_digits(board):
    answer = put(board, "role", "ceo", b'{"limit_usd": 0.100000001}')
    assert answer.json()["limit_usd"] == "0.100000001"


def test_projects_roles_and_days_are_named_as_people_name_them(cast, board):
    pricebook.install()
    acme = str(cast.acme.pk)
    charged(reserved("1", scopes=(("project", acme), ("order", "WO-1"))), "0.25", project=acme)
    for kind, key in (("project", "acme"), ("role", "ceo"), ("day", "2026-12-24")):
        answer = put(board, kind, key, {"limit_usd": "7"})
        assert (answer.status_code, answer.json()["key"]) == (200, key)
    assert Budget.objects.get(kind="project", key=str(cast.acme.pk)).limit == 7
    shown = {(row["kind"], row["key"]): row for row in board.get(BUDGETS).json()["results"]}
    assert shown["role", "ceo"]["spent_usd"] == "0.250000000"
    assert ("project", "acme") in shown
    assert [row["kind"] for row in board.get(f"{BUDGETS}?kind=day").json()["results"]] == ["day"]
    assert [broken.name for broken in engine.count_broken() if broken.rows] == []


def test_budgets_come_in_pages(board):
    for day in range(1, 6):
        budgets.set_limit(kind="day", key=f"2026-12-0{day}", limit=Decimal(day))
    first = board.get(f"{BUDGETS}?page_size=3").json()
    rest = board.get(first["next"].partition("testserver")[2]).json()
    assert [row["key"][-1] for page in (first, rest) for row in page["results"]] == ["5", "4", "3", "2", "1"]


def test_who_is_not_of_the_board_is_refused_whatever_they_ask_for(cast, board):
    filed = cast.alice.files(budget_usd="1")
    bound = a_person("bound", cast.acme, Role.OWNER, bound_to=cast.acme)
    bound.user.user_permissions.set(board.user.user_permissions.all())
    for person in (cast.alice, cast.charlie, bound):
        for key in (filed, "WO-20200101-0001"):
            answer = put(person, "order", key, {"limit_usd": "9"})
            assert (answer.status_code, answer.json()["code"]) == (403, "board_only")
        assert person.get(BUDGETS).json()["code"] == "board_only"
    assert order(filed).budget_usd == 1
    assert not BudgetChange.objects.exists()


@pytest.mark.parametrize(
    ("kind", "key", "code"),
    [
        ("order", "WO-20200101-0001", "not_found"), ("project", "nobody", "not_found"),
        ("day", "tomorrow", "not_found"),
        ("day", "20261224", "not_found"), ("role", "emperor", "unknown_role"), ("planet", "mars", "not_found"),
        ("order", "%00", "not_found"), ("project", "%00", "not_found"), ("role", "%00", "not_found"),
    ],
)  # fmt: skip
def test_a_scope_that_does_not_exist_gets_no_budget(board, kind, key, code):
    answer = put(board, kind, key, {"limit_usd": "9"})
    assert (answer.status_code in (404, 422), answer.json()["code"]) == (True, code)
    assert not Budget.objects.exists()


@pytest.mark.parametrize(
    "body",
    [{}, {"limit_usd": "-1"}, {"limit_usd": "0"}, {"limit_usd": "1e3"}, {"limit_usd": "0.0000000001"},
     {"limit_usd": "1000001"}, {"limit_usd": "NaN"}, {"limit_usd": True}, {"limit_usd": "1", "why": "x"}],
)  # fmt: skip
def test_what_is_no_amount_is_refused_with_its_place(cast, board, body):
    filed = cast.alice.files(budget_usd="1")
    answer = put(board, "order", filed, body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] in ("#/limit_usd", "#/why")
    assert order(filed).budget_usd == 1


def test_an_order_that_has_ended_keeps_its_budget(cast, board):
    filed = cast.alice.files(budget_usd="1")
    cast.alice.post(f"/api/v2/work-orders/{filed}/cancel")
    answer = put(board, "order", filed, {"limit_usd": "9"})
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_move")
    assert order(filed).budget_usd == 1


def test_what_was_changed_stays_as_it_was_written(board):
    put(board, "role", "ceo", {"limit_usd": "9"})
    for damage in (lambda rows: rows.update(actor="nobody"), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            damage(BudgetChange.objects.all())
    assert BudgetChange.objects.get().actor == "board"


def test_what_waits_for_money_is_one_entry_per_scope_and_a_raise_lets_it_go_on(cast, board):
    pricebook.install()
    put(board, "project", "acme", {"limit_usd": "0.01"})
    filed = [cast.alice.files() for _ in range(3)]
    for public_id in filed:
        run = order(public_id).run
        held = claimed(run, "triage")
        refusal = {"scope": "project", "key": str(cast.acme.pk), "needed": "0.5"}
        transitions.settle(held, "parked", ALICE, wait={"code": "budget_exceeded", "message": "no", "detail": refusal})
    (shown,) = board.get(f"{BUDGETS}/waiting").json()["results"]
    assert shown.pop("since").endswith("+00:00")
    assert shown == {
        "kind": "project", "key": "acme", "limit_usd": "0.010000000", "spent_usd": "0.000000000",
        "reserved_usd": "0.000000000", "needed_usd": "0.500000000", "needed_in_all_usd": "1.500000000",
        "tasks": 3, "orders": 3, "going_on": False,
    }  # fmt: skip
    put(board, "project", "acme", {"limit_usd": "1"})
    assert board.get(f"{BUDGETS}/waiting").json()["results"][0]["going_on"] is True
    assert parked.go_on_once() == 2
    said = engine.events.of(order(filed[0]).run_id).get(kind="task.unparked").data
    assert said == {"actor": "board", "reason": "The project budget was raised"}
    assert [one["tasks"] for one in board.get(f"{BUDGETS}/waiting").json()["results"]] == [1]
    assert cast.alice.get(f"{BUDGETS}/waiting").json()["code"] == "board_only"
    assert board.get(f"{BUDGETS}/waiting?kind=day").json()["code"] == "unknown_parameter"


def test_what_waits_is_read_in_the_same_questions_for_one_scope_and_for_many(cast, board):
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert board.get(f"{BUDGETS}/waiting").status_code == 200
        return len(asked)

    def refused(scope: str, key: str) -> None:
        held = claimed(order(cast.alice.files()).run, "triage")
        wait = {"code": "budget_exceeded", "detail": {"scope": scope, "key": key, "needed": "1"}}
        transitions.settle(held, "parked", ALICE, wait=wait)

    refused("project", str(cast.acme.pk))
    questions()
    few = questions()
    for day in range(5):
        refused("day", f"2026-12-0{day + 1}")
    refused("project", str(cast.umbra.pk))
    assert questions() == few <= 8


def test_how_a_budget_stands_is_shown_with_its_prediction(cast, board):
    pricebook.install()
    filed = cast.alice.files(budget_usd="1")
    run = order(filed).run
    held = claimed(run, "triage")
    more = [engine.TaskSpec(key=key, type="test.echo", after=("triage",)) for key in ("a", "b", "c")]
    then = engine.resolved(more)
    settle.settle(held, settle.Ending(move="completed", output={}, then=then), ALICE, go_on=False)
    charged(reserved("0.5", scopes=(("order", filed),)), "0.3", order=filed)
    reserved("0.05", scopes=(("order", filed),))
    assert board.get(f"{BUDGETS}/order/{filed}").json() == {
        "kind": "order", "key": filed, "total": "1.000000000", "used": "0.300000000", "reserved": "0.050000000",
        "remaining": "0.700000000", "usage_percent": 30.0, "predicted_total": "1.200000000",
        "predicted_overrun": "0.200000000", "status": "CRITICAL",
    }  # fmt: skip


def test_a_project_a_role_and_a_day_stand_too_with_and_without_a_limit(cast, board):
    cast.alice.post(f"/api/v2/work-orders/{cast.alice.files()}/cancel")
    cast.alice.files()
    put(board, "project", "acme", {"limit_usd": "10"})
    Budget.objects.filter(kind="project").update(spent=4)
    shown = board.get(f"{BUDGETS}/project/acme").json()
    assert (shown["predicted_total"], shown["status"]) == ("8.000000000", "HEALTHY"), "one of two orders is over"
    put(board, "day", "2026-01-01", {"limit_usd": "2"})
    Budget.objects.filter(kind="day").update(spent=Decimal("1.5"))
    day = board.get(f"{BUDGETS}/day/2026-01-01").json()
    assert (day["predicted_total"], day["status"]) == ("1.500000000", "CAUTION"), "it is over"
    role = board.get(f"{BUDGETS}/role/ceo").json()
    assert (role["total"], role["remaining"], role["usage_percent"], role["status"]) == (None, None, None, "HEALTHY")


@pytest.mark.parametrize(
    ("kind", "key", "code"),
    [
        ("order", "WO-20200101-0001", "not_found"),
        ("project", "nobody", "not_found"),
        ("role", "emperor", "unknown_role"),
    ],
)
def test_what_does_not_exist_has_no_status(board, kind, key, code):
    assert board.get(f"{BUDGETS}/{kind}/{key}").json()["code"] == code


def test_to_look_at_a_budget_takes_less_than_to_change_it(cast, board):
    filed = cast.alice.files(budget_usd="1")
    board.user.user_permissions.set(Permission.objects.filter(codename="view_budget"))
    assert board.get(f"{BUDGETS}/order/{filed}").status_code == 200
    assert put(board, "order", filed, {"limit_usd": "9"}).json()["code"] == "board_only"
    assert cast.alice.get(f"{BUDGETS}/order/{filed}").json()["code"] == "board_only"


def test_a_status_takes_the_same_few_questions_however_much_there_is(cast, board):
    filed = cast.alice.files(budget_usd="1")

    def questions(kind: str, key: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert board.get(f"{BUDGETS}/{kind}/{key}").status_code == 200
        return len(asked)

    questions("order", filed)
    few = [questions("order", filed), questions("project", "acme")]
    for _ in range(5):
        cast.alice.files(budget_usd="1")
    assert [questions("order", filed), questions("project", "acme")] == few
    assert max(few) <= 10, few


def test_who_sees_an_order_sees_how_its_budget_stands(cast):
    filed = cast.alice.files(budget_usd="1")
    path = f"/api/v2/work-orders/{filed}/budget"
    shown = cast.bob.get(path).json()
    assert (shown["key"], shown["total"], shown["status"]) == (filed, "1.000000000", "HEALTHY")
    others = [cast.charlie.get(one) for one in (path, path.replace(filed, "WO-20200101-0001"))]
    assert [(one.status_code, one.json()["detail"]) for one in others] == [(404, others[1].json()["detail"])] * 2
