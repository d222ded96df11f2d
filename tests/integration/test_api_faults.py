"""When something behind the API is away: who is told what, and what is kept."""

from __future__ import annotations

import logging

import pytest
from django.db import OperationalError, connection
from django.test import AsyncClient, Client

from apps.accounts.models import ApiKey
from apps.api import health
from tests.support.outages import a_database_that_is_away, a_database_that_only_reads
from tests.support.people import ORDERS, Cast, a_cast
from workorders import queries
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return a_cast()


@pytest.mark.django_db(transaction=True)
def test_a_database_that_only_reads_is_a_503_for_who_writes_and_answers_who_reads(cast):
    filed = cast.alice.files()
    ApiKey.objects.update(last_used_at=None)  # its use would be noted, and cannot be

    with a_database_that_only_reads():
        read = cast.alice.get(f"{ORDERS}/{filed}")
        written = cast.alice.post(ORDERS, {"message": "Later"})

    assert read.status_code == 200
    assert (written.status_code, written.json()["code"]) == (503, "database_unavailable")
    assert int(written.headers["Retry-After"]) > 0
    assert written.headers["Content-Type"] == "application/problem+json"
    assert cast.alice.post(ORDERS, {"message": "Later"}).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_a_session_of_the_database_that_ended_is_a_503_and_the_next_request_is_answered(cast):
    def gone(*args, **kwargs):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(queries, "view_of_new", gone)
        answer = cast.alice.post(ORDERS, {"message": "Cut"})
    connection.close()

    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert WorkOrder.objects.count() == 0
    assert cast.alice.post(ORDERS, {"message": "Again"}).status_code == 201


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", [ORDERS, f"{ORDERS}/WO-20200101-0001", f"{ORDERS}/WO-20200101-0001/events", "/admin/"])
@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_a_database_that_is_away_is_a_503_on_every_way_in(cast, client, path, accept):
    client.force_login(cast.alice.user)
    client.raise_request_exception = False

    with a_database_that_is_away():
        answers = [cast.alice.get(path, Accept=accept), client.get(path, headers={"Accept": accept})]

    for answer in answers[path == "/admin/" :]:  # the key's holder is nobody to the admin: no question is asked
        assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
        assert answer.headers["Retry-After"] == "5"


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_keeps_nobody_waiting_for_what_is_wrong_anyway(cast):
    with a_database_that_is_away():
        assert cast.alice.get("/api/nothing").status_code == 404
        assert Client().get(ORDERS).status_code == 401
        assert Client().get("/healthz").status_code == 200
        assert Client().get("/readyz").json()["checks"]["database"]["ok"] is False


def test_a_bug_is_a_500_that_says_nothing_of_itself(cast, monkeypatch, caplog):
    def bug(order):
        raise ZeroDivisionError("the secret plan")

    filed = cast.alice.files()
    monkeypatch.setattr(queries, "view", bug)
    with caplog.at_level(logging.ERROR, "nexus.api"):
        answer = cast.alice.get(f"{ORDERS}/{filed}", **{"X-Request-Id": "trace-me-1"})

    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"] == "trace-me-1"
    assert b"secret" not in answer.content
    assert b"Traceback" not in answer.content
    assert "the secret plan" in caplog.text


@pytest.mark.parametrize("given", ["a b", "x" * 101, "<script>", "-leading", "é"])
def test_a_request_id_that_is_not_well_formed_is_replaced(given):
    answer = Client().get("/healthz", headers={"X-Request-Id": given})

    assert answer.headers["X-Request-Id"] not in ("", given)


@pytest.mark.django_db(transaction=True)
async def test_what_a_plain_view_raises_is_a_problem_too():
    answer = await AsyncClient().get(f"{ORDERS}/WO-20200101-0001/events", headers={"Accept": "text/event-stream"})

    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/problem+json")


def test_health_asks_nobody_and_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = Client().get("/healthz")

    assert answer.json() == {"status": "ok"}


def test_ready_says_what_each_check_found():
    answer = Client().get("/readyz")

    report = answer.json()
    assert answer.status_code == 200
    assert report["status"] == "degraded"
    assert {name: check["ok"] for name, check in report["checks"].items()} == {
        "database": True, "migrations": True, "redis": True, "dispatcher": False,
    }  # fmt: skip
    assert "manage.py dispatcher" in report["checks"]["dispatcher"]["detail"]


def test_a_dispatcher_that_was_seen_lately_is_alive():
    from django.utils import timezone

    from nexus.models import Dispatcher

    Dispatcher.objects.create(name="d1", seen_at=timezone.now())
    assert Client().get("/readyz").json()["status"] == "ok"

    Dispatcher.objects.update(seen_at=timezone.now() - health.STALE * 2)
    assert Client().get("/readyz").json()["status"] == "degraded"


def test_without_redis_it_is_ready_and_says_so(cast, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    report = Client().get("/readyz")

    assert (report.status_code, report.json()["status"]) == (200, "degraded")
    assert not report.json()["checks"]["redis"]["ok"]
    assert cast.alice.post(ORDERS, {"message": "Redis is away"}).status_code == 201


def test_without_its_database_it_is_down(monkeypatch):
    def away():
        raise OperationalError("connection refused")

    monkeypatch.setitem(health.NEEDED, "database", away)
    answer = Client().get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (503, "down")
