"""Bad methods, paths, parameters and places in the feed: a 4xx problem that says which."""

from __future__ import annotations

import json

import pytest

from tests.support.people import ORDERS, Cast, a_cast
from tests.support.refusals import assert_refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return a_cast()


def said() -> bytes:
    return json.dumps({"message": "Hello"}).encode()


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_a_method_that_is_not_there_is_a_405(cast, method):
    answer = cast.alice.client.generic(method, ORDERS, headers={"X-HTTP-Method-Override": "POST"})

    assert_refused(answer, 405, "method_not_allowed")


def test_head_is_get_without_a_body(cast):
    answer = cast.alice.client.head(ORDERS)

    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/api/v2/work-orders/..%2f..%2fetc",
        "/api/v2/work-orders/%00",
        "/api/v2//work-orders",
        "/api/v2/work-orders.",
        "/api/v2/work-orders/",
        "/api/v2/work-orders/wo-20260217-0001",
        "/api/v2/work-orders/WO-20260217-001",
        "/api/v2/work-orders/{WO-20260217-0001}",
        "/api/v2/work-orders/WO-20260217-0001%0a",
        "/api/v2/work-orders/WO-２０260217-0001",
        "/api/v2/work-orders/WO-20260217-" + "9" * 13,
        "/api/v2/work-orders/00000000-0000-0000-0000-000000000000",
        "/api/v2/work-orders/WO-99999999-9999",
        "/api/nothing",
        "/nothing",
    ],
)
def test_a_path_that_leads_nowhere_is_a_404(cast, path):
    assert_refused(cast.alice.get(path), 404, "not_found")


PARAMETERS = [
    ("?page_size=-1", "bad_parameter", "?page_size"),
    ("?page_size=0", "bad_parameter", "?page_size"),
    ("?page_size=201", "bad_parameter", "?page_size"),
    ("?page_size=1000000000", "bad_parameter", "?page_size"),
    ("?page_size=abc", "bad_parameter", "?page_size"),
    ("?page_size=٣", "bad_parameter", "?page_size"),
    ("?page_size=1&page_size=2", "repeated_parameter", "?page_size"),
    ("?cursor=abc", "bad_cursor", "?cursor"),
    ("?cursor=", "bad_cursor", "?cursor"),
    ("?cursor=" + "x" * 5_000, "bad_cursor", "?cursor"),
    ("?ordering=-password", "unknown_parameter", "?ordering"),
    ("?status=done", "bad_parameter", "?status"),
    ("?status__regex=(a%2B)%2B$", "unknown_parameter", "?status__regex"),
    ("?_connector=OR", "unknown_parameter", "?_connector"),
    ("?limit=-1", "unknown_parameter", "?limit"),
    ("?%00=1", "unknown_parameter", None),
]


@pytest.mark.parametrize(("query", "code", "pointer"), PARAMETERS)
def test_a_parameter_that_is_unknown_or_out_of_bounds_is_named(cast, query, code, pointer):
    assert_refused(cast.alice.get(ORDERS + query), 400, code, pointer)


def test_a_parameter_of_a_post_is_refused_too(cast):
    assert_refused(cast.alice.post(f"{ORDERS}?dry_run=1", said()), 400, "unknown_parameter", "?dry_run")


def test_ten_thousand_parameters_are_refused(cast):
    query = "&".join(f"a{n}=1" for n in range(10_000))

    assert_refused(cast.alice.get(f"{ORDERS}?{query}"), 400, "bad_request")


def test_a_host_that_is_not_ours_is_refused(cast):
    answer = cast.alice.client.get(ORDERS, headers={"Host": "localhost:4000/#@evil"})

    assert_refused(answer, 400, "bad_request")


def test_what_is_not_there_beneath_v1_is_said_as_clients_of_openai_know_it(cast):
    answer = cast.alice.get("/v1/nothing/here")

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/json")
    assert answer.json()["error"]["message"] == "There is nothing here."


def test_a_cursor_of_another_list_or_another_person_is_refused(cast):
    for number in range(3):
        cast.alice.files(f"Order {number}")
    following = cast.alice.get(f"{ORDERS}?page_size=1").json()["next"]

    assert cast.alice.get(following).status_code == 200
    assert cast.bob.get(following).json()["code"] == "bad_cursor"
    assert cast.alice.get(following + "&status=queued").json()["code"] == "bad_cursor"


@pytest.mark.parametrize(
    "query",
    ["after=-1", "after=abc", "after=1.5", "after=" + "9" * 30, "limit=0", "limit=1001", "limit=abc", "since=1"],
)
def test_a_place_in_the_feed_that_is_none_is_refused(cast, query):
    answer = cast.alice.get(f"{ORDERS}/{cast.alice.files()}/events?{query}")

    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["errors"][0]["pointer"] == "?" + query.partition("=")[0]
