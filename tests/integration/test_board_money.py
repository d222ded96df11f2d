"""The Board's pages about money: what was spent on what, and what waits for more."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import User
from billing import budgets, pricebook
from billing.models import Budget, BudgetChange
from nexus.tasks import transitions
from tests.support.people import a_cast, order
from tests.support.runs import ALICE, claimed
from tests.support.spending import charged, reserved

pytestmark = pytest.mark.django_db
COSTS, WAITING = "admin:billing_costs", "admin:billing_waiting"


@pytest.fixture
def cast():
    pricebook.install()
    return a_cast()


@pytest.fixture
def board(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("board", password="correct horse battery"))
    return client


def refused(cast, scope: str = "project", key: str | None = None) -> str:
    """An order whose triage waits for a budget."""
    filed = cast.alice.files()
    detail = {"scope": scope, "key": key or str(cast.acme.pk), "needed": "0.5"}
    held = claimed(order(filed).run, "triage")
    transitions.settle(held, "parked", ALICE, wait={"code": "budget_exceeded", "detail": detail})
    return filed


def test_costs_are_a_page_and_a_file(cast, board):
    charged(reserved("1", scopes=()), "0.25", project=str(cast.acme.pk))
    page = board.get(reverse(COSTS), {"period": "week", "by": "project"}).content.decode()
    assert [word for word in ("acme", "$0.2500", "Download as CSV") if word not in page] == []
    sheet = board.get(reverse(COSTS), {"by": "role", "csv": "1"})
    assert sheet["Content-Disposition"] == 'attachment; filename="costs-today-by-role.csv"'
    assert sheet.content.decode().splitlines()[1].startswith("ceo,0.250000000")
    assert board.get(reverse(COSTS), {"period": "<b>", "by": "nonsense"}).status_code == 200


def test_what_waits_is_one_line_per_budget_and_can_be_raised_there(cast, board):
    budgets.set_limit(kind="project", key=str(cast.acme.pk), limit=budgets.money.usd("0.1"))
    for _ in range(3):
        refused(cast)
    page = board.get(reverse(WAITING)).content.decode()
    assert [word for word in ("acme", "$0.1000", "$0.5000", "1.500000000") if word not in page] == []
    posted = {"kind": "project", "key": "acme", "limit_usd": "1.5", "reason": "worth it"}
    answer = board.post(reverse(WAITING), posted, follow=True)
    assert "What waits goes on by itself" in answer.content.decode()
    assert "It was raised" in answer.content.decode()
    assert Budget.objects.get(kind="project").limit == budgets.money.usd("1.5")
    assert BudgetChange.objects.get().reason == "worth it"


@pytest.mark.parametrize(
    "wrong",
    [{"limit_usd": "0"}, {"limit_usd": "NaN"}, {"limit_usd": ""}, {"reason": ""}, {"kind": "planet"}, {"key": "no"}],
)
def test_what_cannot_be_set_is_said_and_changes_nothing(cast, board, wrong):
    posted = {"kind": "project", "key": "acme", "limit_usd": "1.5", "reason": "worth it", **wrong}
    assert board.post(reverse(WAITING), posted, follow=True).status_code == 200
    assert not BudgetChange.objects.exists()


def test_to_look_is_not_to_raise(cast):
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(*Permission.objects.filter(codename__in=("view_budget", "view_ledgerentry")))
    client = Client()
    client.force_login(clerk)
    refused(cast)
    page = client.get(reverse(WAITING))
    assert page.status_code == 200
    assert '<form method="post"' not in page.content.decode().partition('id="waiting"')[2]
    posted = {"kind": "project", "key": "acme", "limit_usd": "1.5", "reason": "x"}
    assert client.post(reverse(WAITING), posted).status_code == 403
    clerk.user_permissions.clear()
    client.force_login(User.objects.get(pk=clerk.pk))
    assert [client.get(reverse(name)).status_code for name in (COSTS, WAITING)] == [403, 403]


@pytest.mark.parametrize(
    ("name", "words"), [(COSTS, ["成本", "分类", "下载 CSV"]), (WAITING, ["等待经费", "设置限额"])]
)
def test_the_pages_read_in_chinese(cast, board, name, words):
    refused(cast)
    page = board.get(reverse(name), headers={"Accept-Language": "zh-hans"}).content.decode()
    assert [word for word in words if word not in page] == []


def test_the_pages_ask_the_same_for_few_and_for_many(cast, board):
    def questions(name: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert board.get(reverse(name)).status_code == 200
        return len(asked)

    refused(cast)
    few = [(questions(name), questions(name))[1] for name in (COSTS, WAITING)]
    for day in range(4):
        refused(cast, "day", f"2026-12-0{day + 1}")
        charged(reserved("1", scopes=()), "0.25", order=f"WO-{day}")
    assert [questions(name) for name in (COSTS, WAITING)] == few
    assert max(few) <= 10, few
