"""Pages of the Board that are of no row: the system, prices; and what an order's page says beside its fields."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from nexus import engine
from tests.support.everything import questions, some_of_everything
from tests.support.people import Cast, a_cast, order

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return a_cast()


@pytest.fixture
def board(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("board", password="correct horse battery"))
    return client


def test_the_system_is_one_page_with_counts_costs_and_what_was_done_last(cast, board):
    (public_id,) = some_of_everything(cast, 1)
    url = reverse("admin:board_system")
    page = board.get(url).content.decode()
    for word in (
        "in progress",
        "nexus.control",
        "alice/1",
        "$0.0123",
        "Prompt tokens",
        "order",
        "filed an order",
        public_id,
    ):
        assert word in page, word
    few = questions(board, url)
    some_of_everything(cast, 5)
    assert questions(board, url) == few <= 25


def test_prices_of_roles_say_what_each_model_costs(cast, board):
    some_of_everything(cast, 1)
    page = board.get(reverse("admin:board_prices")).content.decode()
    for word in ("ceo", "claude-opus-5-5", "$4.00", "$20.00"):
        assert word in page, word
    assert questions(board, reverse("admin:board_prices")) <= 8


def test_who_may_not_look_sees_neither_system_nor_prices(cast):
    clerk = User.objects.create_user("clerk", is_staff=True)
    client = Client()
    client.force_login(clerk)
    for name in ("board_system", "board_prices"):
        assert client.get(reverse(f"admin:{name}")).status_code == 403


def test_an_order_shows_who_had_it_and_what_may_be_done(cast, board):
    (public_id,) = some_of_everything(cast, 1)
    run_id = order(public_id).run_id
    with transaction.atomic():
        engine.tell(run_id=run_id, kind="order.triaged", data={"owner_role": "intern", "difficulty": "trivial"})
        engine.tell(run_id=run_id, kind="order.reviewed", data={
            "attempt": 1, "author": "intern", "by": "director", "verdict": "fail", "reasons": ["No sources are named."],
        })  # fmt: skip
        engine.tell(run_id=run_id, kind="order.needs_board", data={"error": "Three drafts did not pass."})
    page = board.get(reverse("admin:workorders_workorder_change", args=[order(public_id).pk])).content.decode()
    for word in ("Who had it", "did not pass", "No sources are named.", "the Board", "Three drafts did not pass."):
        assert word in page, word
    assert f"/act/order/escalate/{public_id}/" in page
    assert f"/act/order/resume/{public_id}/" not in page
