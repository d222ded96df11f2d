"""The Board's first page: everything that needs a person, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import User
from billing import budgets
from nexus import engine
from nexus.tasks import transitions
from tests.support.gates import asked
from tests.support.people import Cast, a_cast, order
from tests.support.runs import ALICE, claimed, spec, submitted, work
from workorders.flow import escalate
from workorders.inbox.count import count
from workorders.inbox.gather import READ, gather
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/admin/"


@pytest.fixture
def cast() -> Cast:
    return a_cast()


@pytest.fixture
def board(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("board", password="correct horse battery"))
    return client


def parked(cast: Cast, wait: dict[str, object], **given: object) -> str:
    """An order whose triage waits for a person like this; its id."""
    filed = cast.alice.files(**given)
    transitions.settle(claimed(order(filed).run, "triage"), "parked", ALICE, wait=wait)
    return filed


def out_of_money(cast: Cast) -> str:
    detail = {"scope": "project", "key": str(cast.acme.pk), "needed": "0.5", "limit": "0.01", "spent": "0"}
    return parked(cast, {"code": "budget_exceeded", "message": "no", "detail": detail})


def one_of_each(cast: Cast) -> None:
    with transaction.atomic():
        budgets.set_limit(kind="project", key=str(cast.acme.pk), limit=Decimal("0.01"))
    asked(run=engine.submit(tenant=str(cast.acme.pk), subject="WO-1", tasks=[spec("one", "test.proposes")]))
    parked(cast, {"code": "clarification_needed", "message": "Which brokers?"})
    parked(cast, {"code": "something", "message": "Look at the printer"})
    out_of_money(cast)
    work(engine.submit(tenant=str(cast.acme.pk), subject="WO-2", tasks=[spec("bad", "test.fails", max_attempts=1)]))
    run = submitted(spec("one"))
    transitions.settle(claimed(run, "one"), "completed", ALICE, output={})
    engine.effects.create(
        run=run, task=engine.tasks.get(run=run), key="k", kind="once", name="pay", request={"usd": 9},
        request_hash="0" * 64, fence=1, state="unknown",
    )  # fmt: skip
    filed = cast.alice.files()
    WorkOrder.objects.filter(public_id=filed).update(owner_role="ceo")
    escalate.escalate(run_id=order(filed).run_id, actor="bob", reason="nobody knows")


def test_everything_that_needs_a_person_is_there_with_why_and_what_to_do(cast, board):
    one_of_each(cast)
    items = {item.kind: item for item in gather(list(READ))}
    page = board.get(PAGE).content.decode()

    assert set(items) == set(READ)
    assert count() == dict.fromkeys(READ, 1)
    for words in ("May this go out?", "Which brokers?", "Look at the printer", "The budget is used up", "pay may have",
                  "bob called the Board: nobody knows", "tasks that stand still: 1"):  # fmt: skip
        assert words in page, words
    for noun, key, names in (
        ("approval", items["approval"].key, ("approve", "revise", "reject")),
        ("order", items["question"].order, ("respond", "escalate", "cancel")),
        ("order", items["wait"].order, ("release",)), ("order", items["call"].order, ("resume",)),
        ("budget", items["money"].key, ("raise",)), ("effect", items["effect"].key, ("happened", "undone")),
    ):  # fmt: skip
        for name in names:
            assert reverse("admin:board_act", args=[noun, name, key]) in page, (noun, name)
    for item in items.values():
        assert f'id="{item.anchor}"' in page


def test_an_empty_inbox_says_so_and_no_number_stands_in_the_side_bar(cast, board):
    cast.alice.files()
    page = board.get(PAGE).content.decode()
    assert "Nothing waits for a person." in page
    assert "bg-red-500 text-white" not in page


def test_the_side_bar_counts_what_waits_on_every_page(cast, board):
    parked(cast, {"code": "clarification_needed", "message": "Which brokers?"})
    page = board.get(reverse("admin:workorders_workorder_changelist")).content.decode()
    assert 'bg-red-500 text-white">1</span>' in page


def test_what_time_is_about_to_decide_comes_first_then_the_important_then_the_old(cast):
    old = parked(cast, {"code": "clarification_needed", "message": "old"})
    parked(cast, {"code": "clarification_needed", "message": "young"})
    parked(cast, {"code": "clarification_needed", "message": "important"}, priority=9)
    asked(run=submitted(spec("one", "test.proposes", input={"gate": {"expires_after": 600, "on_timeout": "reject"}})))
    engine.events.filter(run_id=order(old).run_id).update(at=Now() - timedelta(days=2))

    assert [item.why for item in gather(list(READ))] == ["May this go out?", "important", "old", "young"]


def test_one_kind_can_be_chosen(cast, board):
    one_of_each(cast)
    page = board.get(PAGE, {"kind": "money"}).content.decode()
    assert "The budget is used up" in page
    assert "Which brokers?" not in page
    assert board.get(PAGE, {"kind": "\x00"}).status_code == 200


def test_a_member_sees_what_they_may_look_at_and_buttons_for_what_they_may_do(cast):
    one_of_each(cast)
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(*Permission.objects.filter(codename__in=("view_approval", "view_workorder")))
    client = Client()
    client.force_login(clerk)
    page = client.get(PAGE).content.decode()
    assert "May this go out?" in page
    assert "The budget is used up" not in page
    assert "/act/" not in page


def test_the_page_asks_the_same_questions_for_few_and_for_many(cast, board):
    one_of_each(cast)
    few = questions(board)
    for _ in range(5):
        parked(cast, {"code": "clarification_needed", "message": "Which brokers?"})
        asked(run=submitted(spec("one", "test.proposes")))
    assert questions(board) == few
    assert few <= 18


def questions(client: Client) -> int:
    client.get(PAGE)
    with CaptureQueriesContext(connection) as found:
        assert client.get(PAGE).status_code == 200
    return len(found)


def test_the_page_reads_in_chinese(cast, board):
    one_of_each(cast)
    page = board.get(PAGE, headers={"Accept-Language": "zh-hans"}).content.decode()
    words = ("待董事会处理", "预算已用尽", "上调预算", "批准", "答复", "死信", "等待")
    assert [word for word in words if word not in page] == []


def test_members_of_a_project_find_theirs_and_not_what_is_the_boards(cast):
    one_of_each(cast)
    found = gather(list(READ), tenants=[str(cast.acme.pk)])
    assert {item.kind for item in found} == {"approval", "question", "wait", "failure", "call"}
    assert gather(list(READ), tenants=[str(cast.umbra.pk)]) == []
