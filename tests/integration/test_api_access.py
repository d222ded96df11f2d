"""What a caller may not see does not exist for them. Every URL has a row in tests/support/doors, or this is red."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.issuing import revoke
from apps.accounts.models import ApiKey, Membership, Role
from apps.api.public import PUBLIC
from tests.support.doors import SECRET, Door, ask, methods_of, routes, table
from tests.support.people import ORDERS, Cast, a_cast, a_person, bearer
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db

DOORS = table()
STREAM = "text/event-stream"


@pytest.fixture
def cast() -> Cast:
    return a_cast()


def doors(*kinds: str) -> list[Any]:
    """The rows of these kinds; what other threads or workers have to see is committed."""
    return [
        pytest.param(door, id=path, marks=[pytest.mark.django_db(transaction=True)] if door.committed else [])
        for path, door in sorted(DOORS.items())
        if door.to in kinds
    ]


def test_every_url_has_a_row_and_every_row_a_url():
    there = {path for path, _ in routes()}

    assert sorted(there - DOORS.keys()) == [], "without a row in tests/support/doors"
    assert sorted(DOORS.keys() - there) == [], "rows of URLs that do not exist"


def test_what_asks_nobody_is_what_is_listed_as_public():
    assert {route.name for path, route in routes() if DOORS[path].to == "anybody"} == PUBLIC


@pytest.mark.parametrize("door", doors("members", "owners_project", "everybody_known", "board"))
def test_a_stranger_is_asked_who_they_are(door: Door):
    for method in methods_of(door.path, door):
        for accept in {door.accept, STREAM}:
            answer = ask(Client(raise_request_exception=False), door, method, {}, Accept=accept)

            assert answer.status_code == 401, f"{method} {door.path}: {answer.content[:300]!r}"
            if answer["Content-Type"] == "application/problem+json":
                assert answer.json()["code"] == "not_authenticated"


def test_whoever_cannot_prove_it_is_refused(cast: Cast):
    for door in DOORS.values():
        for method in methods_of(door.path, door) if door.to == "guarded" else ():
            for client in (Client(raise_request_exception=False), cast.charlie.client):
                answer = ask(client, door, method, {})
                assert answer.status_code in (401, 403, 404), f"{method} {door.path}: {answer.content[:300]!r}"


@pytest.mark.parametrize("door", doors("owners_project"))
def test_somebody_elses_is_answered_as_what_does_not_exist(cast: Cast, door: Door):
    assert door.of is not None
    parts = door.of(cast)
    for method in methods_of(door.path, door):
        foreign = ask(cast.charlie.client, door, method, parts)
        nobodys = ask(cast.charlie.client, door, method, {})

        what = f"{method} {door.path}: {foreign.content[:300]!r}, {nobodys.content[:300]!r}"
        assert foreign.status_code == nobodys.status_code == 404, what
        assert comparable(foreign) == comparable(nobodys)
        assert SECRET.encode() not in foreign.content


@pytest.mark.parametrize("door", doors("owners_project"))
def test_its_owner_finds_it(cast: Cast, door: Door):
    """Otherwise the test above would be green for a URL that nobody can open."""
    assert door.of is not None
    parts, found = door.of(cast), set()
    for method in methods_of(door.path, door):
        if method == "get" and door.committed:
            continue  # a stream that does not end by itself
        found.add(ask(cast.alice.client, door, method, parts).status_code)

    assert not found & {401, 403, 404, 500}, f"{door.path}: {found}"


@pytest.mark.django_db(transaction=True)  # some are answered by other threads
def test_lists_hold_nothing_of_somebody_else(cast: Cast):
    cast.alice.files(f"Compare {SECRET} with two other brokers")
    for maker in {row.of for row in DOORS.values() if row.of is not None}:
        maker(cast)
    before = WorkOrder.objects.filter(project=cast.acme).count()
    lists = [row for _, row in sorted(DOORS.items()) if row.to in ("members", "everybody_known")]
    for door, method in [(row, method) for row in lists for method in methods_of(row.path, row)]:
        answer = ask(cast.charlie.client, door, method, {})

        assert SECRET.encode() not in answer.content, f"{method} {door.path}"
        assert answer.status_code < 500, f"{method} {door.path}: {answer.content[:300]!r}"
        if method in ("post", "put", "patch") and door.to == "members" and not door.own:
            assert answer.status_code == 404, f"{method} {door.path}: {answer.content[:300]!r}"
    assert WorkOrder.objects.filter(project=cast.acme).count() == before


@pytest.mark.parametrize("door", doors("board"))
def test_what_is_the_boards_is_not_an_owners(cast: Cast, door: Door):
    for method in methods_of(door.path, door):
        answer = ask(cast.charlie.client, door, method, {})
        assert answer.status_code == 403, f"{method} {door.path}: {answer.content[:300]!r}"


def test_the_team_sees_what_is_in_the_list(cast: Cast):
    cast.alice.files()

    assert cast.charlie.get(ORDERS).json() == {"results": [], "next": None, "previous": None}
    assert len(cast.bob.get(ORDERS).json()["results"]) == 1


WRONG = [
    ("", "malformed_key"),
    ("nx_", "malformed_key"),
    ("sk-abc", "malformed_key"),
    ("nx_abcdefghijkl_short", "malformed_key"),
    ("nx_abcdefghijkl_" + "x" * 10_000, "malformed_key"),
    ("nx_abcdefghijkl_' OR 1=1--" + "x" * 43, "malformed_key"),
    ("nx_abcdefghijkl_" + "x" * 43, "invalid_key"),
]


@pytest.mark.parametrize(("token", "code"), WRONG)
def test_a_key_that_is_none_is_refused(token, code, django_assert_max_num_queries):
    with django_assert_max_num_queries(0 if code == "malformed_key" else 1):
        answer = bearer(token).get(ORDERS)

    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert len(token) < 10 or token not in answer.content.decode()


def test_a_key_with_another_secret_is_refused_as_an_unknown_one(cast):
    public_id = cast.alice.token.split("_")[1]
    wrong = bearer(f"nx_{public_id}_" + "x" * 43).get(ORDERS).json()
    unknown = bearer("nx_abcdefghijkl_" + "x" * 43).get(ORDERS).json()

    assert {**wrong, "request_id": ""} == {**unknown, "request_id": ""}


@pytest.mark.parametrize("around", [" {}", "{} ", " {} ", "{}\t"])
def test_a_key_with_spaces_around_is_not_the_key(cast, around):
    assert bearer(around.format(cast.alice.token)).get(ORDERS).status_code in (200, 401)
    assert (
        Client(headers={"Authorization": f"Bearer  {cast.alice.token}"}).get(ORDERS).json()["code"] == "malformed_key"
    )


def test_a_revoked_key_opens_nothing_from_then_on(cast):
    assert cast.alice.get(ORDERS).status_code == 200

    assert revoke(public_id=cast.alice.token.split("_")[1])

    assert cast.alice.get(ORDERS).json()["code"] == "key_revoked"


def test_an_expired_key_opens_nothing(cast):
    ApiKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert cast.alice.get(ORDERS).json()["code"] == "key_expired"


def test_the_key_of_a_user_who_left_opens_nothing(cast):
    cast.alice.user.is_active = False
    cast.alice.user.save()
    assert cast.alice.get(ORDERS).json()["code"] == "invalid_key"

    cast.bob.user.delete()
    assert cast.bob.get(ORDERS).json()["code"] == "invalid_key"


def test_who_left_the_team_sees_nothing_from_then_on(cast):
    filed = cast.alice.files()
    Membership.objects.filter(user=cast.bob.user).delete()

    assert cast.bob.get(f"{ORDERS}/{filed}").status_code == 404


@pytest.mark.parametrize("name", ["api_key", "key", "q"])
def test_a_key_in_the_url_is_refused_even_beside_the_right_header(cast, name):
    answer = cast.alice.get(f"{ORDERS}?{name}={cast.alice.token}")

    assert (answer.status_code, answer.json()["code"]) == (400, "key_in_query")
    assert cast.alice.token not in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_key_does_what_its_scopes_say(cast):
    reader = a_person("reader", cast.acme, Role.OWNER, scopes=["orders:read"])
    writer = a_person("writer", cast.acme, Role.OWNER, scopes=["orders:write"])
    filed = cast.alice.files()

    assert reader.get(f"{ORDERS}/{filed}").status_code == 200
    assert reader.post(f"{ORDERS}/{filed}/cancel").json()["code"] == "missing_scope"
    assert reader.post(ORDERS, {"message": "x"}).json()["code"] == "missing_scope"
    assert writer.post(ORDERS, {"message": "x"}).status_code == 201
    assert writer.get(f"{ORDERS}/{filed}").json()["code"] == "missing_scope"
    assert writer.get(f"{ORDERS}/{filed}/events", Accept="text/event-stream").json()["code"] == "missing_scope"


def test_a_bound_key_opens_its_project_alone(cast):
    bound = a_person("dana", cast.umbra, Role.OWNER, bound_to=cast.umbra)
    Membership.objects.create(user=bound.user, project=cast.acme, role=Role.OWNER)
    filed = cast.alice.files()

    assert bound.get(f"{ORDERS}/{filed}").status_code == 404


def test_the_use_of_a_key_is_noted_once_a_minute(cast, django_assert_num_queries):
    public_id = cast.alice.token.split("_")[1]
    cast.alice.get(ORDERS)
    noted = ApiKey.objects.get(public_id=public_id).last_used_at

    cast.alice.get(ORDERS)

    assert noted is not None
    assert ApiKey.objects.get(public_id=public_id).last_used_at == noted
    ApiKey.objects.update(last_used_at=timezone.now() - timedelta(seconds=61))
    cast.alice.get(ORDERS)
    assert ApiKey.objects.get(public_id=public_id).last_used_at > noted


def comparable(answer: Any) -> dict[str, Any]:
    """An answer without what differs in any two."""
    if "json" not in answer["Content-Type"]:
        return {"text": answer.content}
    problem = answer.json()
    return {**problem, "request_id": "", "instance": ""} if "instance" in problem else problem
