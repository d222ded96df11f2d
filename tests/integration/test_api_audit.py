"""The audit log and the state of the system over HTTP: each sees their own, the Board sees all."""

from __future__ import annotations

import pytest

from apps.accounts.issuing import issue
from apps.accounts.models import SCOPES, Role, User
from tests.support.people import Cast, Person, a_cast, a_person
from workorders import audit
from workorders.audit.models import AuditEntry

pytestmark = pytest.mark.django_db
AUDIT, STATUS = "/api/v2/audit", "/api/v2/system/status"


@pytest.fixture
def cast() -> Cast:
    return a_cast()


@pytest.fixture
def board(cast) -> Person:
    person = a_person("board", cast.acme, Role.VIEWER)
    person.user.is_superuser = True
    person.user.save()
    return person


def test_each_sees_the_acts_of_their_projects_and_the_board_all(cast, board):
    ours, theirs = cast.alice.files(), cast.charlie.files()
    audit.record(action="api_key.issued", actor="root")
    assert [one["order"] for one in cast.bob.get(AUDIT).json()["results"]] == [ours]
    assert [one["order"] for one in cast.charlie.get(AUDIT).json()["results"]] == [theirs]
    assert [one["order"] for one in board.get(AUDIT).json()["results"]] == [None, theirs, ours]
    assert cast.bob.get(f"{AUDIT}?order={theirs}").json()["results"] == []
    assert cast.bob.get(f"{AUDIT}?project=umbra").status_code == 404
    (entry,) = cast.bob.get(AUDIT).json()["results"]
    assert {name: entry[name] for name in ("actor", "action", "status", "channel", "project")} == {
        "actor": "alice", "action": "order.accepted", "status": "success", "channel": "api", "project": "acme",
    }  # fmt: skip


def test_the_log_is_filtered_and_comes_in_pages(cast):
    ids = [cast.alice.files(f"Order {number}") for number in range(3)]
    cast.bob.post(f"/api/v2/work-orders/{ids[0]}/pause", {"reason": "lunch"})
    first = cast.bob.get(f"{AUDIT}?page_size=2").json()
    assert [one["action"] for one in first["results"]] == ["run.paused", "order.accepted"]
    rest = cast.bob.get(first["next"].replace("http://testserver", "")).json()
    assert [one["order"] for one in rest["results"]] == ids[1::-1]
    for asked, count in (
        ("actor=bob", 1), ("action=run.paused", 1), ("status=warning", 0), ("channel=api", 4), (f"order={ids[0]}", 2),
        ("since=2020-01-01T00:00:00Z", 4), ("until=2020-01-01T00:00:00Z", 0),
    ):  # fmt: skip
        assert len(cast.bob.get(f"{AUDIT}?{asked}").json()["results"]) == count, asked


@pytest.mark.parametrize(
    "asked", ["order=%00", "status=good", "since=yesterday", "since=2026-11-22T08:00:00", "since=2026-99-99T00:00:00Z",
              "cursor=x", "page_size=0", "actor=" + "x" * 300, "colour=red"],
)  # fmt: skip
def test_what_cannot_be_asked_of_the_log_is_a_400(cast, asked):
    assert cast.bob.get(f"{AUDIT}?{asked}").status_code == 400


def test_the_log_is_only_read(cast):
    assert cast.bob.post(AUDIT, {}).status_code == 405


def test_a_page_asks_the_same_questions_for_two_entries_and_for_twenty(cast, board, django_assert_max_num_queries):
    for _ in range(20):
        cast.alice.files()
    with django_assert_max_num_queries(8):
        assert len(board.get(AUDIT).json()["results"]) == 20
    with django_assert_max_num_queries(16):
        assert board.get(STATUS).json()["work_orders"]["queued"] == 20


def test_the_status_counts_the_orders_that_one_may_see_and_shows_the_machinery_to_the_board(cast, board):
    ids = [cast.alice.files() for _ in range(2)]
    cast.alice.post(f"/api/v2/work-orders/{ids[0]}/cancel")
    cast.charlie.files()
    mine, all_of_it = cast.alice.get(STATUS).json(), board.get(STATUS).json()
    assert (mine["work_orders"]["queued"], mine["work_orders"]["cancelled"]) == (1, 1)
    assert mine["last_day"] == mine["work_orders"]
    assert set(mine["work_orders"]) >= {"queued", "in_progress", "completed", "failed", "blocked", "paused"}
    assert mine["machinery"] is None
    assert all_of_it["work_orders"]["queued"] == 2
    queues = {one["name"]: one for one in all_of_it["machinery"]["queues"]}
    assert queues["nexus.control"]["ready"] == 2
    assert all_of_it["timestamp"].endswith("+00:00")


def test_keys_and_members_are_told_with_who_and_never_what_opens_anything(cast):
    token = str(issue(user=cast.alice.user, name="all", scopes=SCOPES).token)
    alice = Person(cast.alice.user, token)
    made = alice.post("/api/v2/api-keys", {"name": "a robot"}, **{"Idempotency-Key": "k"}).json()
    assert alice.client.delete(f"/api/v2/api-keys/{made['id']}").status_code == 200
    User.objects.create_user("dora")
    members = "/api/v2/teams/acme/members"
    assert alice.post(members, {"username": "dora", "role": "viewer"}, **{"Idempotency-Key": "j"}).status_code == 201
    assert alice.client.delete(f"{members}/dora").status_code in (200, 204)
    found = AuditEntry.objects.order_by("id")
    assert [(one.actor, one.action, one.channel) for one in found] == [
        ("alice", action, "api") for action in ("api_key.issued", "api_key.revoked", "member.joined", "member.left")
    ]
    assert made["key"] not in str(list(found.values()))
    assert token not in str(list(found.values()))
