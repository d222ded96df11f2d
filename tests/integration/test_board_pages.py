"""The Board's admin: everything to look at, nothing to change, no question per row."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import transaction
from django.test import Client
from django.urls import reverse

from apps.accounts.models import ApiKey, User
from nexus import engine
from tests.support.everything import questions, some_of_everything
from tests.support.people import ORDERS, Cast, a_cast, order

pytestmark = pytest.mark.django_db

LISTS = sorted(
    f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    for model, page in admin.site._registry.items() if type(page).__module__.startswith("apps.board.")
)  # fmt: skip
"""Applications with pages of their own have tests of their own."""


@pytest.fixture
def cast() -> Cast:
    return a_cast()


@pytest.fixture
def board(db) -> Client:
    """Somebody who may do everything that Django lets anybody do."""
    client = Client()
    client.force_login(User.objects.create_superuser("board", password="correct horse battery"))
    return client


def test_the_lists_are_those_of_the_house():
    assert {name.removeprefix("admin:").removesuffix("_changelist") for name in LISTS} == {
        "workorders_workorder", "nexus_approval",
        "nexus_run", "nexus_task", "nexus_attempt", "nexus_event", "nexus_deadletter",
        "billing_ledgerentry", "billing_budget", "billing_budgetchange", "agents_role", "accounts_apikey",
        "nexus_effect", "agents_registeredtool", "agents_toolrule", "agents_knowledgesource",
        "workorders_auditentry", "agents_roleversion", "agents_providerkey", "agents_session",
    }  # fmt: skip


def test_a_list_asks_the_same_questions_for_two_rows_and_for_twenty(cast, board):
    some_of_everything(cast, 2)
    few = {name: questions(board, reverse(name)) for name in LISTS}
    some_of_everything(cast, 18)

    assert {name: questions(board, reverse(name), before=False) for name in LISTS} == few
    assert max(few.values()) <= 12, few


@pytest.mark.parametrize("name", LISTS)
def test_every_list_and_page_opens_and_nothing_on_it_writes(cast, board, name):
    some_of_everything(cast, 2)
    model = next(
        one for one in admin.site._registry if f"admin:{one._meta.app_label}_{one._meta.model_name}_changelist" == name
    )
    row = model._default_manager.first()
    page = reverse(name.replace("_changelist", "_change"), args=[row.pk])
    before = list(model._default_manager.order_by("pk").values())

    assert board.get(reverse(name)).status_code == 200
    assert board.get(page).status_code == 200
    assert board.get(reverse(name.replace("_changelist", "_add"))).status_code == 403
    assert board.post(page, {"name": "changed"}).status_code == 403
    assert (
        board.post(reverse(name.replace("_changelist", "_delete"), args=[row.pk]), {"post": "yes"}).status_code == 403
    )
    assert board.post(reverse(name), {"action": "delete_selected", "_selected_action": [row.pk]}).status_code in (
        200,
        302,
        403,
    )
    assert list(model._default_manager.order_by("pk").values()) == before


def test_every_list_can_be_searched_and_filtered(cast, board):
    some_of_everything(cast, 1)

    for name in LISTS:
        assert board.get(reverse(name), {"q": "WO-2026 ' OR 1=1--"}).status_code == 200
    for name, asked in FILTERS:
        page = board.get(reverse(f"admin:{name}_changelist"), asked)
        assert (page.status_code, page.context["cl"].result_count) == (200, 1), (name, asked)


FILTERS = [
    ("nexus_task", {"state": "running"}),
    ("nexus_task", {"type": "triage"}),
    ("nexus_run", {"state": "open"}),
    ("nexus_deadletter", {"raised": "no"}),
    ("nexus_approval", {"decided": "no"}),
    ("billing_ledgerentry", {"quality": "reported"}),
    ("billing_budget", {"kind": "order"}),
    ("billing_budgetchange", {"kind": "order"}),
    ("workorders_workorder", {"project": "acme"}),
    ("workorders_workorder", {"channel": "api"}),
    ("workorders_auditentry", {"action": "order.accepted"}),
    ("agents_session", {"status": "active"}),
]


def test_an_order_is_one_page_with_everything_under_it(cast, board):
    (public_id,) = some_of_everything(cast, 1)

    page = board.get(reverse("admin:workorders_workorder_change", args=[order(public_id).pk])).content.decode()

    for word in (public_id, "Understand the request", "alice/1", "$0.0123", "task.started", "out.md", "At a glance"):
        assert word in page, word
    assert "<script>alert(1)</script>" not in page
    assert "<b>bold</b>" not in page


def test_an_order_with_many_tasks_asks_no_more(cast, board):
    (public_id,) = some_of_everything(cast, 1)
    url = reverse("admin:workorders_workorder_change", args=[order(public_id).pk])
    few = questions(board, url)
    with transaction.atomic():
        for number in range(30):
            engine.tell(run_id=order(public_id).run_id, kind="test.said", data={"number": number})

    assert questions(board, url, before=False) == few
    assert few <= 30


@pytest.mark.parametrize(("status", "count"), [("queued", 2), ("cancelled", 1), ("failed", 0), ("nonsense", 3)])
def test_orders_are_filtered_by_their_status(cast, board, status, count):
    ids = [cast.alice.files(f"Order {number}") for number in range(3)]
    cast.alice.post(f"{ORDERS}/{ids[0]}/cancel")

    page = board.get(reverse("admin:workorders_workorder_changelist"), {"status": status}, follow=True)

    assert page.context["cl"].result_count == count


def test_no_page_shows_what_proves_a_key(cast, board):
    key = ApiKey.objects.first()
    pages = [reverse("admin:accounts_apikey_changelist"), reverse("admin:accounts_apikey_change", args=[key.pk])]

    for page in pages:
        assert key.digest not in board.get(page).content.decode()


def test_a_member_of_the_board_sees_what_they_were_given(cast):
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_workorder"))
    client = Client()
    client.force_login(clerk)

    assert client.get(reverse("admin:workorders_workorder_changelist")).status_code == 200
    assert client.get(reverse("admin:billing_ledgerentry_changelist")).status_code == 403
    assert (
        client.get(reverse("admin:workorders_workorder_change", args=[order(cast.alice.files()).pk])).status_code == 200
    )


def test_the_pages_bring_their_own_scripts_and_fonts(cast, board):
    page = board.get(reverse("admin:workorders_workorder_changelist")).content.decode()

    assert 'src="http' not in page
    assert 'href="https://' not in page


@pytest.mark.parametrize(
    ("language", "words"), [("en", ["Work orders", "Status", "Cost"]), ("zh-hans", ["工单", "状态", "费用"])]
)
def test_the_board_reads_in_its_own_language(cast, board, language, words):
    some_of_everything(cast, 1)

    page = board.get(
        reverse("admin:workorders_workorder_changelist"), headers={"Accept-Language": language}
    ).content.decode()

    assert [word for word in words if word not in page] == []


def test_an_order_page_reads_in_chinese(cast, board):
    (public_id,) = some_of_everything(cast, 1)
    url = reverse("admin:workorders_workorder_change", args=[order(public_id).pk])

    page: Any = board.get(url, headers={"Accept-Language": "zh-hans"}).content.decode()

    assert [word for word in ("概览", "任务", "执行", "最新事件", "等待") if word not in page] == []


@pytest.mark.parametrize("name", LISTS)
def test_the_way_to_a_page_reads_in_chinese(board, name):
    page = board.get(reverse(name), headers={"Accept-Language": "zh-hans"}).content.decode()

    way = re.findall(r'min-w-0 truncate tracking-tight">\s*([^<]+?)\s*<', page)

    assert len(way) == 2
    assert [step for step in way if not all("\u4e00" <= sign <= "\u9fff" for sign in step.removeprefix("API "))] == []
