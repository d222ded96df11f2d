"""API keys over HTTP: shown once, never more than their maker, ended with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from apps.accounts import issuing
from apps.accounts.access import Caller
from apps.accounts.issuing import MoreThanItsMaker
from apps.accounts.models import ApiKey, Membership, Role
from tests.support.people import ORDERS, Cast, Person, a_cast, a_person
from tests.support.rivals import Rival, wait_until_blocked
from workorders import audit

pytestmark = pytest.mark.django_db
KEYS = "/api/v2/api-keys"


@pytest.fixture
def cast() -> Cast:
    return a_cast()


def made(person: Person, **given: Any) -> Person:
    """Another key of the same user."""
    answer = person.post(KEYS, {"name": "x", **given})
    assert answer.status_code == 201, answer.content
    return Person(person.user, answer.json()["key"])


def id_of(person: Person) -> str:
    return person.token.split("_")[1]


def test_a_key_is_made_shown_once_used_listed_and_ended(cast):
    first = cast.alice.post(KEYS, {"name": "nightly", "days": 7}, **{"Idempotency-Key": "k"})
    again = cast.alice.post(KEYS, {"name": "nightly", "days": 7}, **{"Idempotency-Key": "k"})
    key = Person(cast.alice.user, first.json()["key"])

    assert again.json() == {**first.json(), "key": None}
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.headers["Cache-Control"] == "no-store"
    assert key.get(ORDERS).status_code == 200
    (listed, _) = cast.alice.get(KEYS).json()["results"]
    assert (listed["id"], listed["name"], listed["scopes"]) == (id_of(key), "nightly", ["orders:read", "orders:write"])
    assert listed["last_used_at"] is not None
    assert listed["made_by"] == id_of(cast.alice)
    with connection.cursor() as cursor:
        cursor.execute("SELECT k::text FROM accounts_apikey k UNION ALL SELECT i::text FROM api_idempotencykey i")
        assert key.token.split("_")[2] not in "".join(text for (text,) in cursor.fetchall())

    ended = cast.alice.client.delete(f"{KEYS}/{id_of(key)}")
    assert ended.json()["revoked_at"] is not None
    assert key.get(ORDERS).json()["code"] == "key_revoked"
    assert cast.alice.client.delete(f"{KEYS}/{id_of(key)}").status_code == 200
    told = [(one.action, one.actor, one.details["key"]) for one in audit.recent(2)]
    assert told == [(f"api_key.{what}", "alice", f"nx_{id_of(key)}_…") for what in ("revoked", "issued")]


def test_a_key_gives_out_keys_only_when_it_was_asked_for_by_name(cast):
    plain = made(cast.alice)

    assert plain.post(KEYS, {"name": "x"}).json()["code"] == "missing_scope"
    assert plain.client.delete(f"{KEYS}/{id_of(cast.alice)}").json()["code"] == "missing_scope"
    assert made(made(cast.alice, scopes=["access:write", "orders:read"])).get(ORDERS).status_code == 200


def test_a_key_never_gives_more_than_its_maker_has(cast):
    Membership.objects.create(user=cast.alice.user, project=cast.umbra, role=Role.OWNER)
    narrow = made(cast.alice, scopes=["orders:read", "access:write"], project="acme", days=3)

    for given, pointer in (
        ({"scopes": ["orders:write"]}, "#/scopes/0"),
        ({"scopes": ["orders:read", "orders:write"]}, "#/scopes/1"),
        ({"days": 4}, "#/days"),
    ):
        refused = narrow.post(KEYS, {"name": "x", **given})
        assert (refused.status_code, refused.json()["code"]) == (403, "more_than_its_maker")
        assert refused.json()["errors"][0]["pointer"] == pointer
    assert narrow.post(KEYS, {"name": "x", "project": "umbra"}).json()["code"] == "unknown_project"

    child = narrow.post(KEYS, {"name": "x"}).json()
    parent = ApiKey.objects.get(public_id=id_of(narrow))
    assert (child["scopes"], child["project"]) == (["orders:read"], "acme")
    assert ApiKey.objects.get(public_id=child["id"]).expires_at == parent.expires_at


def test_what_was_made_with_a_key_ends_with_it(cast):
    child = made(cast.alice, scopes=["access:write", "orders:read"])
    grandchild = made(child)
    other = made(cast.alice)

    issuing.revoke(public_id=id_of(child))

    assert grandchild.get(ORDERS).json()["code"] == "key_revoked"
    assert other.get(ORDERS).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_key_that_is_being_revoked_makes_none_that_outlives_it(cast):
    """It is revoked while it makes another: that one is found, or refused."""
    from django.db import transaction

    key = ApiKey.objects.with_owner().get(public_id=id_of(cast.alice))
    caller = Caller(user=cast.alice.user, key=key)
    with transaction.atomic():
        child = issuing.issue_for(caller, name="x", scopes=None, project=None, expires_at=None).key
        revoking = Rival(lambda: issuing.revoke(public_id=key.public_id))
        revoking.start()
        wait_until_blocked()
    assert revoking.ended() is True
    assert ApiKey.objects.get(pk=child.pk).revoked_at is not None
    with transaction.atomic(), pytest.raises(MoreThanItsMaker):
        issuing.issue_for(caller, name="x", scopes=None, project=None, expires_at=None)


def test_others_keys_do_not_exist(cast):
    bobs = id_of(cast.bob)

    assert cast.alice.get(f"{KEYS}/{bobs}").status_code == 404
    assert cast.alice.client.delete(f"{KEYS}/{bobs}").status_code == 404
    assert bobs not in str(cast.alice.get(KEYS).json())
    assert cast.bob.get(ORDERS).status_code == 200


def test_a_bound_key_sees_the_keys_of_its_project(cast):
    bound = a_person("dana", cast.acme, Role.EDITOR, bound_to=cast.acme)
    issuing.issue(user=bound.user, name="everywhere")

    assert [one["project"] for one in bound.get(KEYS).json()["results"]] == ["acme"]


BAD = [
    {}, {"name": ""}, {"name": "x" * 101}, {"name": 5}, {"name": "x", "scopes": []}, {"name": "x", "scopes": ["root"]},
    {"name": "x", "scopes": "orders:read"}, {"name": "x", "days": 0}, {"name": "x", "days": 10**9},
    {"name": "x", "days": 1.5}, {"name": "x", "project": "no such"}, {"name": "x", "user": "bob"}, {"name": "\u0000"},
]  # fmt: skip


@pytest.mark.parametrize("body", BAD, ids=repr)
def test_what_is_no_request_for_a_key_is_refused(cast, body):
    before = ApiKey.objects.count()

    assert cast.alice.post(KEYS, body).status_code == 400
    assert ApiKey.objects.count() == before


def test_an_expired_key_makes_none(cast):
    ApiKey.objects.filter(public_id=id_of(cast.alice)).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert cast.alice.post(KEYS, {"name": "x"}).json()["code"] == "key_expired"
