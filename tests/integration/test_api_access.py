"""What a caller may not see does not exist for them; what is public is on one list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.utils import timezone

from apps.accounts.issuing import revoke
from apps.accounts.models import ApiKey, Membership, Role
from apps.api.public import PUBLIC
from tests.support.people import ORDERS, Cast, a_cast, a_person, bearer
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db

METHOD = dict.fromkeys(("cancel", "pause", "resume", "answer", "release", "redrive"), "post")
"""How a resource of an order is asked for, where it is not GET."""
NOBODYS = "WO-20200101-0001"
NONE = "0" * 26
SOME = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def cast() -> Cast:
    return a_cast()


def routes(patterns: Any = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield path, pattern
        elif not path.startswith("admin/"):
            yield from routes(pattern.url_patterns, path)


OF_AN_ORDER = sorted({path for path, _ in routes() if "<order:public_id>" in path})


def ask(client: Client, path: str, public_id: str, **headers: str) -> Any:
    method = METHOD.get(path.rpartition("/")[2], "get")
    url = "/" + path.replace("<order:public_id>", public_id).replace("<budget:kind>/<scope:key>", "role/ceo")
    url = url.replace("<int:id>", "1").replace("<slug:agent_id>", "intern").replace("<tool:name>", "web_fetch")
    url = url.replace("<build:project_id>", f"proj-{NONE}").replace("<agent:agent_id>", f"agent-{NONE}")
    url = url.replace("<task:task_id>", f"task-{NONE}")
    url = url.replace("<session:session_id>", f"sess-{SOME}").replace("<attachment:public_id>", f"att-{SOME}")
    said = b'{"text": "PostgreSQL"}' if path.endswith("/answer") else b"{}"
    body = {"data": said, "content_type": "application/json"} if method == "post" else {}
    return getattr(client, method)(url, headers=headers, **body)


def test_every_resource_of_an_order_is_known_here():
    assert {path.rpartition(">")[2] for path in OF_AN_ORDER} == {
        "", "/events", "/cancel", "/pause", "/resume", "/deliverable", "/canvases", "/ledger",
        "/answer", "/release", "/redrive", "/budget",
    }  # fmt: skip


@pytest.mark.django_db(transaction=True)  # a stream is read by other threads
@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
@pytest.mark.parametrize("path", OF_AN_ORDER)
def test_somebody_elses_order_is_answered_as_one_that_does_not_exist(cast, path, accept):
    filed = cast.alice.files("A secret of acme")

    foreign = ask(cast.charlie.client, path, filed, Accept=accept)
    nobodys = ask(cast.charlie.client, path, NOBODYS, Accept=accept)

    assert foreign.status_code == nobodys.status_code == 404
    assert comparable(foreign, filed) == comparable(nobodys, NOBODYS)
    assert b"secret" not in foreign.content
    assert cast.alice.get(f"{ORDERS}/{filed}").json()["status"] == "queued"


def test_lists_hold_nothing_of_somebody_else(cast):
    cast.alice.files()

    assert cast.charlie.get(ORDERS).json() == {"results": [], "next": None, "previous": None}
    assert len(cast.bob.get(ORDERS).json()["results"]) == 1


@pytest.mark.parametrize(("path", "route"), [pair for pair in routes() if pair[1].name not in PUBLIC])
def test_every_route_that_is_not_public_asks_who_it_is(path, route):
    assert WorkOrder.objects.count() == 0
    for accept in ("application/json", "text/event-stream"):
        answer = ask(Client(raise_request_exception=False), path, NOBODYS, Accept=accept)
        if answer.status_code == 405:
            answer = Client().post("/" + path, b"{}", content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated"), path


def test_what_is_public_is_there_and_no_more():
    named = {route.name for _, route in routes()}

    assert named >= PUBLIC
    assert {path for path, route in routes() if route.name in PUBLIC} == {
        "healthz", "readyz", "api/schema", "api/docs", "i18n/setlang/",
    }  # fmt: skip


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


def comparable(answer: Any, public_id: str) -> dict[str, Any]:
    problem = answer.json()
    return {**problem, "request_id": "", "instance": problem["instance"].replace(public_id, "")}
