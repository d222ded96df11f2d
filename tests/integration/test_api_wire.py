"""The API behind a real server: bodies that are too large, and headers that every answer has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
from django.db import connection

from tests.support.loopback import NOBODY
from tests.support.people import ORDERS, Cast, a_cast
from tests.support.web import Web, running
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db(transaction=True)
BEGUN = b'{"message": "'


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with running() as server:
        yield server


@pytest.fixture
def cast() -> Cast:
    return a_cast()


@pytest.fixture
def client(web, cast) -> Iterator[httpx2.Client]:
    headers = {"Authorization": f"Bearer {cast.alice.token}", "Content-Type": "application/json"}
    with httpx2.Client(
        base_url=f"http://{web.address}", headers=headers, timeout=20, trust_env=False, verify=NOBODY
    ) as open_client:
        yield open_client


def without_end() -> Iterator[bytes]:
    yield BEGUN
    for _ in range(10_000):
        yield b"x" * 10_000


@pytest.mark.parametrize("body", [BEGUN + b"x" * 3_000_000 + b'"}', without_end()], ids=["said", "unsaid"])
def test_a_body_that_is_too_large_is_refused_while_it_arrives(client, body):
    try:
        answer = client.post(ORDERS, content=body)
    except (httpx2.WriteError, httpx2.ReadError, httpx2.RemoteProtocolError):
        pass  # the server had answered and hung up before all of it was sent
    else:
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert WorkOrder.objects.count() == 0
    assert client.get(ORDERS).status_code == 200


def test_a_body_at_the_limit_is_read(client):
    files = [{"name": f"{number}.txt", "content": "x" * 480_000} for number in range(4)]

    assert client.post(ORDERS, content=json.dumps({"message": "Read", "files": files})).status_code == 201


def test_every_answer_has_an_id_and_guards_itself(client):
    for path in (ORDERS, "/api/nothing", "/healthz", f"{ORDERS}/WO-20200101-0001/events"):
        answer = client.get(path, headers={"X-Request-Id": "abc-123"})
        assert answer.headers["X-Request-Id"] == "abc-123"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"


def test_a_host_that_is_not_ours_is_refused(client):
    answer = client.get(ORDERS, headers={"Host": "evil.example"})

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_a_static_file_is_served_whole(client):
    path = "/static/unfold/css/styles.css"
    answer = client.get(path)

    assert answer.headers["Content-Type"].startswith("text/css")
    assert len(answer.content) > 10_000
    assert client.get(path, headers={"If-Modified-Since": answer.headers["Last-Modified"]}).status_code == 304
    assert len(client.get(path, headers={"Range": "bytes=0-99", "Accept-Encoding": "identity"}).content) == 100


def test_however_many_ask_the_connections_are_as_many_as_the_desks(client, settings):
    with ThreadPoolExecutor(24) as crowd:
        answers = list(crowd.map(lambda _: client.get(ORDERS).status_code, range(120)))

    assert set(answers) == {200}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        (connections,) = cursor.fetchone()
    assert connections <= settings.WEB_THREADS + 1
