"""Work orders over HTTP: filed, listed, shown, moved."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import Membership, Role
from billing import ledger, pricebook
from billing.prices import Usage
from tests.support.people import ORDERS, Cast, a_cast, a_person, bearer, order
from workorders.models import Deliverable, Project, WorkOrder

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return a_cast()


def test_an_order_is_filed_with_everything_that_may_be_said(cast):
    answer = cast.alice.post(
        ORDERS,
        {
            "message": "Find the leak 内存泄漏",
            "project": "acme",
            "files": [{"name": "src/worker.py", "content": "cache = {}\n"}],
            "acceptance": ["Names the cause.", {"kind": "required", "text": "rollback"}],
            "budget_usd": "2.50",
            "priority": 8,
            "workflow": "",
        },
    )

    view = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{ORDERS}/{view['id']}"
    assert (view["status"], view["project"], view["message"]) == ("queued", "acme", "Find the leak 内存泄漏")
    assert Decimal(view["budget_usd"]) == Decimal("2.5")
    filed = order(view["id"])
    assert (filed.priority, filed.requester, filed.channel) == (8, "alice", "api")
    assert filed.files == [{"name": "src/worker.py", "content": "cache = {}\n"}]
    assert len(filed.acceptance) == 2


def test_a_message_is_enough(cast):
    assert order(cast.alice.files("Hello there")).project == cast.acme


def test_money_sent_as_a_number_keeps_its_digits(cast):
    answer = cast.alice.post(ORDERS, b'{"message": "Count", "budget_usd": 0.123456789}')

    assert order(answer.json()["id"]).budget_usd == Decimal("0.123456789")


def test_an_order_is_shown_with_its_tasks(cast):
    view = cast.bob.get(f"{ORDERS}/{cast.alice.files()}").json()

    assert view["tasks"][0]["key"] == "triage"
    assert view["tasks"][0]["state"] == "ready"
    assert view["tasks"][0]["attempts"] == []
    assert view["cost_usd"] == "0.000000000"


def test_the_list_is_newest_first_and_pages_meet_without_a_gap(cast):
    ids = [cast.alice.files(f"Order {number}") for number in range(7)]

    seen, url, pages = [], f"{ORDERS}?page_size=3", []
    while url:
        pages.append(cast.bob.get(url).json())
        seen += [line["id"] for line in pages[-1]["results"]]
        url = pages[-1]["next"]

    assert seen == ids[::-1]
    assert len(pages) == 3
    back = cast.bob.get(pages[-1]["previous"]).json()
    assert [line["id"] for line in back["results"]] == [line["id"] for line in pages[1]["results"]]
    assert pages[0]["previous"] is None


def test_what_is_filed_meanwhile_shifts_no_page(cast):
    ids = [cast.alice.files(f"Order {number}") for number in range(4)]
    first = cast.alice.get(f"{ORDERS}?page_size=2").json()

    cast.alice.files("A newcomer")

    assert [line["id"] for line in cast.alice.get(first["next"]).json()["results"]] == ids[1::-1]


def test_the_list_is_filtered_by_status_and_project(cast):
    kept, gone = cast.alice.files("Kept"), cast.alice.files("Gone")
    assert cast.alice.post(f"{ORDERS}/{gone}/cancel").status_code == 200

    assert [line["id"] for line in cast.alice.get(f"{ORDERS}?status=queued").json()["results"]] == [kept]
    assert [line["id"] for line in cast.alice.get(f"{ORDERS}?status=cancelled").json()["results"]] == [gone]
    assert cast.alice.get(f"{ORDERS}?project=umbra").json()["results"] == []
    assert len(cast.alice.get(f"{ORDERS}?project=acme").json()["results"]) == 2


def test_an_order_is_paused_resumed_and_cancelled(cast):
    filed = cast.alice.files()

    assert cast.bob.post(f"{ORDERS}/{filed}/pause", {"reason": "lunch"}).json()["status"] == "paused"
    assert cast.bob.post(f"{ORDERS}/{filed}/resume").json()["status"] == "queued"
    assert cast.bob.post(f"{ORDERS}/{filed}/cancel").json()["status"] == "cancelled"
    told = [
        event for event in cast.bob.get(f"{ORDERS}/{filed}/events").json()["results"] if event["kind"] == "run.paused"
    ]
    assert told[0]["data"] == {"actor": "bob", "reason": "lunch", "channel": "api"}


def test_a_move_that_the_state_does_not_allow_changes_nothing(cast):
    filed = cast.alice.files()
    before = order(filed).run.last_seq

    answer = cast.alice.post(f"{ORDERS}/{filed}/resume")

    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_move")
    assert order(filed).run.last_seq == before


def test_events_are_read_from_any_seq(cast):
    filed = cast.alice.files()
    cast.alice.post(f"{ORDERS}/{filed}/pause")
    cast.alice.post(f"{ORDERS}/{filed}/resume")

    everything = cast.alice.get(f"{ORDERS}/{filed}/events").json()
    later = cast.alice.get(f"{ORDERS}/{filed}/events?after=1&limit=1").json()

    assert [event["seq"] for event in everything["results"]] == list(range(1, everything["last_seq"] + 1))
    assert later["results"] == everything["results"][1:2]
    assert later["last_seq"] == everything["last_seq"]


def test_a_deliverable_is_saved_and_never_rendered(cast):
    filed = cast.alice.files()
    assert cast.alice.get(f"{ORDERS}/{filed}/deliverable").json()["code"] == "no_deliverable"
    Deliverable.objects.create(
        order=order(filed),
        name='发布 "清单".md',
        content_type="text/html",
        body="<script>alert(1)</script>",
        sha256="0" * 64,
    )

    answer = cast.alice.get(f"{ORDERS}/{filed}/deliverable", Accept="text/markdown")

    assert answer.content == b"<script>alert(1)</script>"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "%E5%8F%91%E5%B8%83" in answer.headers["Content-Disposition"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_ledger_and_list_say_what_it_cost(cast):
    filed = cast.alice.files()
    charge(order(filed), "0.000089200")
    charge(order(filed), "1.5")

    book = cast.alice.get(f"{ORDERS}/{filed}/ledger").json()

    assert [line["amount_usd"] for line in book["results"]] == ["0.000089200", "1.500000000"]
    assert book["total_usd"] == "1.500089200"
    assert cast.alice.get(ORDERS).json()["results"][0]["cost_usd"] == "1.500089200"
    assert cast.alice.get(f"{ORDERS}/{filed}").json()["cost_usd"] == "1.500089200"


def test_canvases_of_an_order_that_was_not_rung_are_none(cast):
    assert cast.alice.get(f"{ORDERS}/{cast.alice.files()}/canvases").json() == {"results": []}


def test_a_viewer_reads_and_changes_nothing(cast):
    filed = cast.alice.files()
    Membership.objects.filter(user=cast.bob.user).update(role=Role.VIEWER)

    assert cast.bob.get(f"{ORDERS}/{filed}").status_code == 200
    assert cast.bob.post(f"{ORDERS}/{filed}/cancel").json()["code"] == "read_only_member"
    assert cast.bob.post(ORDERS, {"message": "Mine"}).json()["code"] == "read_only_member"
    assert WorkOrder.objects.count() == 1


def test_a_project_is_taken_from_the_key_or_must_be_named(cast):
    other = Project.objects.create(slug="other", name="Other")
    Membership.objects.create(user=cast.alice.user, project=other, role=Role.OWNER)
    bound = a_person("dana", other, Role.OWNER, bound_to=other)
    Membership.objects.create(user=bound.user, project=cast.acme, role=Role.OWNER)

    assert cast.alice.post(ORDERS, {"message": "Where?"}).json()["errors"][0]["pointer"] == "#/project"
    assert order(bound.files()).project == other
    assert bound.post(ORDERS, {"message": "There", "project": "acme"}).json()["code"] == "unknown_project"


def test_a_session_may_do_what_its_user_may(cast, client):
    client.force_login(cast.alice.user)

    answer = client.post(ORDERS, {"message": "From the browser"}, content_type="application/json")

    assert answer.status_code == 201


def test_a_foreign_page_cannot_post_with_somebodys_session(cast, client):
    client.handler.enforce_csrf_checks = True
    client.force_login(cast.alice.user)

    answer = client.post(ORDERS, {"message": "From elsewhere"}, content_type="application/json")

    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "application/problem+json")
    assert WorkOrder.objects.count() == 0


@pytest.mark.parametrize(("path", "most"), [("", 6), ("/{id}", 14), ("/{id}/events", 4), ("/{id}/ledger", 4)])
def test_reading_asks_the_database_a_fixed_number_of_questions(cast, path, most, django_assert_max_num_queries):
    filed = [cast.alice.files(f"Order {number}") for number in range(5)][-1]
    url = ORDERS + path.format(id=filed)
    cast.alice.get(url)  # notes the key's use, once a minute

    with django_assert_max_num_queries(most):
        assert cast.alice.get(url).status_code == 200


def test_a_list_of_many_asks_no_more_than_a_list_of_one(cast, django_assert_num_queries):
    cast.alice.files()
    cast.alice.get(ORDERS)

    with django_assert_num_queries(3):
        cast.alice.get(ORDERS)
    for number in range(20):
        cast.alice.files(f"Order {number}")
    with django_assert_num_queries(3):
        assert len(cast.alice.get(ORDERS).json()["results"]) == 21


def test_the_gateway_turns_a_message_into_an_order(cast):
    answer = cast.alice.post("/api/chat", {"message": "Build the e-mail feature", "session_id": "s-123"})

    said = answer.json()
    assert answer.status_code == 201
    assert said["session_id"] == "s-123"
    assert said["status"] == "queued"
    assert order(said["work_order_id"]).channel == "chat"
    assert cast.alice.get(said["url"]).status_code == 200


def test_nobody_without_a_key_is_answered_but_by_a_401(cast):
    from django.test import Client

    answer = Client().get(ORDERS)

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert bearer("nx_nobody12345_" + "x" * 43).get(ORDERS).status_code == 401


def charge(filed: WorkOrder, amount: str) -> None:
    pricebook.install()
    usage = Usage(input_tokens=10, output_tokens=5)
    price = pricebook.price_of("anthropic", "claude-haiku-5-5", timezone.now(), 10)
    with transaction.atomic():
        ledger.charge(
            request_id=uuid.uuid4(),
            amount=Decimal(amount),
            quality="reported",
            price_id=price.pk,
            provider="anthropic",
            model="claude-haiku-5-5",
            role="admin",
            project=str(filed.project_id),
            order=filed.public_id,
            run_id=filed.run_id,
            task_id=1,
            task_key="triage",
            usage=usage,
        )
