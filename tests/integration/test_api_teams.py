"""Teams over HTTP: owners say who belongs, editors work, viewers read, and a project keeps an owner."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import transaction

from apps.accounts import teams
from apps.accounts.models import Membership, Role, User
from apps.accounts.teams import LastOwner
from tests.support.people import ORDERS, Cast, a_cast, a_person
from tests.support.rivals import Rival, wait_until_blocked
from workorders import audit

pytestmark = pytest.mark.django_db
TEAMS = "/api/v2/teams"
ACME = f"{TEAMS}/acme/members"


@pytest.fixture
def cast() -> Cast:
    return a_cast()


def change(person: Any, username: str, role: str) -> Any:
    return person.client.patch(f"{ACME}/{username}", json.dumps({"role": role}), content_type="application/json")


def test_an_owner_lets_somebody_in_gives_them_a_role_and_lets_them_go(cast):
    assert cast.charlie.get(ACME).status_code == 404
    assert cast.alice.post(ACME, {"username": "charlie", "role": "viewer"}).status_code == 201
    assert cast.charlie.get(ACME).status_code == 200
    assert cast.charlie.post(ORDERS, {"message": "x", "project": "acme"}).json()["code"] == "read_only_member"
    assert cast.alice.post(ACME, {"username": "charlie", "role": "owner"}).json()["code"] == "already_member"

    assert change(cast.alice, "charlie", "editor").json() == {"username": "charlie", "role": "editor"}
    assert cast.charlie.post(ORDERS, {"message": "x", "project": "acme"}).status_code == 201
    members = {one["username"]: one["role"] for one in cast.bob.get(ACME).json()["results"]}
    assert members == {"alice": "owner", "bob": "editor", "charlie": "editor"}
    assert {one["project"]: one["role"] for one in cast.charlie.get(TEAMS).json()["results"]} == {
        "acme": "editor", "umbra": "owner",
    }  # fmt: skip

    assert cast.alice.client.delete(f"{ACME}/charlie").status_code == 204
    assert cast.charlie.get(ACME).status_code == 404
    entries = [one for one in audit.recent(20, project="acme") if one.action.startswith("member.")]
    told = [(one.action, one.actor, one.details["user"]) for one in entries]
    assert told == [(f"member.{what}", "alice", "charlie") for what in ("left", "promoted", "joined")]


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
def test_who_does_not_own_it_changes_nobody_but_may_leave(cast, role):
    dana = a_person("dana", cast.acme, role)

    for answer in (
        dana.post(ACME, {"username": "charlie", "role": "viewer"}),
        change(dana, "dana", "owner"),
        dana.client.delete(f"{ACME}/bob"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "not_an_owner")
    assert dana.client.delete(f"{ACME}/dana").status_code == 204
    assert dana.get(ACME).status_code == 404


def test_the_last_owner_stays(cast):
    assert cast.alice.client.delete(f"{ACME}/alice").json()["code"] == "last_owner"
    assert change(cast.alice, "alice", "viewer").json()["code"] == "last_owner"

    assert change(cast.alice, "bob", "owner").status_code == 200
    assert cast.alice.client.delete(f"{ACME}/alice").status_code == 204
    assert cast.bob.client.delete(f"{ACME}/bob").json()["code"] == "last_owner"


def test_an_owner_who_cannot_come_in_is_none(cast):
    change(cast.alice, "bob", "owner")
    User.objects.filter(username="bob").update(is_active=False)

    assert cast.alice.client.delete(f"{ACME}/alice").json()["code"] == "last_owner"


@pytest.mark.django_db(transaction=True)
def test_of_two_owners_who_leave_at_once_one_stays(cast):
    Membership.objects.filter(user=cast.bob.user).update(role=Role.OWNER)

    def leave() -> None:
        with transaction.atomic():
            teams.leave(cast.acme, username="bob", actor="bob")

    with transaction.atomic():
        teams.leave(cast.acme, username="alice", actor="alice")
        second = Rival(leave)
        second.start()
        wait_until_blocked()
    assert isinstance(second.ended(), LastOwner)
    assert [str(one.role) for one in Membership.objects.filter(project=cast.acme)] == ["owner"]


def test_who_is_not_there_is_said_so(cast):
    assert cast.alice.post(ACME, {"username": "nobody", "role": "viewer"}).json()["code"] == "unknown_user"
    assert change(cast.alice, "charlie", "viewer").status_code == 404
    assert cast.alice.client.delete(f"{ACME}/charlie").status_code == 404


def test_the_board_makes_projects_and_owns_them(cast):
    assert cast.alice.post(TEAMS, {"project": "shop", "name": "Shop"}).json()["code"] == "board_only"
    cast.alice.user.user_permissions.add(Permission.objects.get(codename="add_project"))

    assert cast.alice.post(TEAMS, {"project": "shop", "name": "Shop"}).json()["role"] == "owner"
    assert cast.alice.post(TEAMS, {"project": "shop", "name": "Shop"}).json()["code"] == "slug_taken"
    assert cast.alice.post(ORDERS, {"message": "x", "project": "shop"}).status_code == 201


BAD = [{}, {"username": "bob"}, {"username": "bob", "role": "god"}, {"username": ["bob"], "role": "owner"}, {"role": 1}]


@pytest.mark.parametrize("body", BAD, ids=repr)
def test_what_names_nobody_or_no_role_is_refused(cast, body):
    assert cast.alice.post(ACME, body).status_code == 400
