"""Keys from the terminal, and the first run."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from agents.models import Role as AgentRole
from apps.accounts.keys import Token
from apps.accounts.models import ApiKey, Membership, User
from billing.models import Price
from tests.support.people import ORDERS, a_cast, bearer
from tests.support.rivals import Rival
from workorders.models import Project

pytestmark = pytest.mark.django_db(transaction=True)


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out, stderr=StringIO())
    return out.getvalue().strip()


@pytest.fixture
def asked_for(settings):
    settings.NEXUS_INIT_ADMIN_USER = "board"
    settings.NEXUS_INIT_ADMIN_PASSWORD = "correct horse battery"
    settings.NEXUS_INIT_API_KEY = str(Token.fresh())
    return settings


def test_a_key_is_issued_listed_and_revoked():
    a_cast()

    token = run(
        "api_key",
        "issue",
        "--user",
        "alice",
        "--name",
        "ci",
        "--project",
        "acme",
        "--scope",
        "orders:read",
        "--days",
        "30",
    )

    assert bearer(token).get(ORDERS).status_code == 200
    public_id = token.split("_")[1]
    listed = {row["id"]: row for row in json.loads(run("api_key", "list", "--json"))}
    assert listed[public_id]["project"] == "acme"
    assert listed[public_id]["scopes"] == ["orders:read"]
    assert token.split("_", 2)[2] not in json.dumps(listed)
    run("api_key", "revoke", f"nx_{public_id}")
    assert bearer(token).get(ORDERS).json()["code"] == "key_revoked"
    with pytest.raises(CommandError, match="No key in use"):
        run("api_key", "revoke", public_id)


def test_what_a_stolen_table_holds_opens_nothing():
    cast = a_cast()
    secret = cast.alice.token.split("_", 2)[2]

    stored = json.dumps(list(ApiKey.objects.values()), default=str)

    assert secret not in stored
    assert bearer(f"nx_{cast.alice.token.split('_')[1]}_{ApiKey.objects.first().digest}").get(ORDERS).status_code == 401


@pytest.mark.parametrize(
    "words",
    [
        ("--user", "nobody", "--name", "x"),
        ("--user", "alice", "--name", "x", "--project", "nowhere"),
        ("--user", "alice", "--name", "x", "--days", "0"),
    ],
)
def test_a_key_for_nobody_or_nowhere_is_refused_in_words(words):
    a_cast()

    with pytest.raises(CommandError):
        run("api_key", "issue", *words)


def test_the_first_run_makes_what_is_missing_and_the_next_one_nothing(asked_for):
    first = json.loads(run("bootstrap", "--json"))
    again = json.loads(run("bootstrap", "--json"))

    assert first["created"] == ["project", "admin", "api_key"]
    assert again == {**first, "created": []}
    assert first["admin"] == "board"
    assert (Project.objects.count(), User.objects.count(), ApiKey.objects.count()) == (1, 1, 1)
    assert AgentRole.objects.filter(name="ceo").exists()
    assert Price.objects.exists()
    assert asked_for.NEXUS_INIT_API_KEY not in json.dumps(first)


def test_the_first_key_files_orders_and_the_first_user_logs_in(asked_for):
    run("bootstrap")

    assert (
        bearer(asked_for.NEXUS_INIT_API_KEY)
        .post(ORDERS, {"message": "Hello"}, content_type="application/json")
        .json()["project"]
        == "default"
    )
    assert Client().login(username="board", password="correct horse battery")
    assert Membership.objects.get().role == "owner"


def test_a_password_that_was_changed_stays_changed(asked_for):
    run("bootstrap")
    board = User.objects.get()
    board.set_password("another one altogether")
    board.save()

    run("bootstrap")

    assert Client().login(username="board", password="another one altogether")


def test_a_first_key_that_was_revoked_stays_revoked(asked_for):
    run("bootstrap")
    run("api_key", "revoke", asked_for.NEXUS_INIT_API_KEY.split("_")[1])

    run("bootstrap")

    assert bearer(asked_for.NEXUS_INIT_API_KEY).get(ORDERS).json()["code"] == "key_revoked"


def test_a_first_key_without_an_admin_belongs_to_an_operator_who_cannot_log_in(asked_for):
    asked_for.NEXUS_INIT_ADMIN_PASSWORD = ""

    said = json.loads(run("bootstrap", "--json"))

    assert said["admin"] is None
    assert not User.objects.get(username="operator").has_usable_password()
    assert bearer(asked_for.NEXUS_INIT_API_KEY).get(ORDERS).status_code == 200


@pytest.mark.parametrize("key", ["secret", "nx_short", "nx_abcdef_" + "x" * 500])
def test_a_first_key_that_is_none_stops_it_before_anything_is_written(asked_for, key):
    asked_for.NEXUS_INIT_API_KEY = key

    with pytest.raises(CommandError, match="NEXUS_INIT_API_KEY"):
        run("bootstrap")

    assert Project.objects.count() == User.objects.count() == 0


def test_a_first_key_with_a_taken_id_is_refused(asked_for):
    run("bootstrap")
    asked_for.NEXUS_INIT_API_KEY = str(Token(asked_for.NEXUS_INIT_API_KEY.split("_")[1], "x" * 43))

    with pytest.raises(CommandError, match="another id"):
        run("bootstrap")


def test_without_being_asked_it_makes_no_user_and_no_key(settings):
    settings.NEXUS_INIT_ADMIN_USER = settings.NEXUS_INIT_ADMIN_PASSWORD = settings.NEXUS_INIT_API_KEY = ""

    said = json.loads(run("bootstrap", "--json"))

    assert (said["admin"], said["api_key"], said["created"]) == (None, None, ["project"])


def test_two_that_start_side_by_side_make_one_of_each(asked_for):
    rivals = [Rival(lambda: run("bootstrap", "--json")) for _ in range(3)]
    for rival in rivals:
        rival.start()

    said = [json.loads(rival.ended()) for rival in rivals]

    assert sorted(len(one["created"]) for one in said) == [0, 0, 3]
    assert (Project.objects.count(), User.objects.count(), ApiKey.objects.count()) == (1, 1, 1)
