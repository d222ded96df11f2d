"""Bad input over HTTP: a 4xx problem with a code and a pointer; nothing stored, never a 500."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from tests.support.people import ORDERS, Cast, a_cast
from tests.support.refusals import assert_refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return a_cast()


def said(**given: Any) -> bytes:
    return json.dumps({"message": "Hello", **given}).encode()


BODIES = [
    (b"", "invalid", "#/message"),
    (b"   ", "invalid", "#/message"),
    (b"{}", "invalid", "#/message"),
    (b"null", "not_an_object", "#"),
    (b"[]", "not_an_object", "#"),
    (b'"x"', "not_an_object", "#"),
    (b"3", "not_an_object", "#"),
    (b'{"message": "hel', "invalid_json", "#"),
    (b"[" * 200_000, "too_deep", "#"),
    (b'{"message": "a", "message": "b"}', "duplicate_key", "#/message"),
    (b'{"message": NaN}', "not_a_number", "#/message"),
    (b'{"message": "x", "budget_usd": Infinity}', "not_a_number", "#/budget_usd"),
    (b'{"message": "x", "budget_usd": 1e999}', "number_too_large", "#/budget_usd"),
    (b'{"message": "x", "priority": ' + b"9" * 5_000 + b"}", "number_too_large", "#/priority"),
    (b'{"message": "x", "priority": 9223372036854775808}', "invalid", "#/priority"),
    (b'{"message": "x", "budget_usd": 1e308}', "invalid", "#/budget_usd"),
    (b'{"message": "x", "budget_usd": -0}', "invalid", "#/budget_usd"),
    (b'{"message": "a\\u0000b"}', "nul_character", "#/message"),
    (b'{"message": "\\ud800"}', "lone_surrogate", "#/message"),
    (b"\xef\xbb\xbf" + said(), "byte_order_mark", "#"),
    ('{"message": "x"}'.encode("utf-16"), "byte_order_mark", "#"),
    (b'{"message": "\xff"}', "not_utf8", "#"),
]


@pytest.mark.parametrize(("body", "code", "pointer"), BODIES)
def test_a_body_that_is_not_one_strict_object_is_refused(cast, body, code, pointer):
    assert_refused(cast.alice.post(ORDERS, body), 400, code, pointer)


FIELDS = [
    ({"message": ""}, "#/message"),
    ({"message": " \n "}, "#/message"),
    ({"message": 5}, "#/message"),
    ({"message": ["x"]}, "#/message"),
    ({"message": "x" * 20_001}, "#/message"),
    ({"massage": "x"}, "#/massage"),
    ({"__proto__": {}}, "#/__proto__"),
    ({"priority": -1}, "#/priority"),
    ({"priority": 11}, "#/priority"),
    ({"priority": "5"}, "#/priority"),
    ({"priority": True}, "#/priority"),
    ({"budget_usd": "0"}, "#/budget_usd"),
    ({"budget_usd": -1}, "#/budget_usd"),
    ({"budget_usd": "NaN"}, "#/budget_usd"),
    ({"budget_usd": "ten"}, "#/budget_usd"),
    ({"budget_usd": "5 EUR"}, "#/budget_usd"),
    ({"budget_usd": "1000000.01"}, "#/budget_usd"),
    ({"budget_usd": "0.0000000001"}, "#/budget_usd"),
    ({"files": "a.py"}, "#/files"),
    ({"files": [{"name": f"{n}.py", "content": ""} for n in range(21)]}, "#/files"),
    ({"files": [{"name": "../x", "content": ""}]}, "#/files/0/name"),
    ({"files": [{"name": "a", "content": ""}, {"name": "/etc/passwd", "content": ""}]}, "#/files/1/name"),
    ({"files": [{"name": "A.py", "content": ""}, {"name": "a.py", "content": ""}]}, "#/files/1/name"),
    ({"files": [{"name": "a"}]}, "#/files/0/content"),
    ({"files": [{"name": "a", "content": "", "mode": 7}]}, "#/files/0/mode"),
    ({"files": [{"name": "a", "content": 5}]}, "#/files/0/content"),
    ({"acceptance": "x"}, "#/acceptance"),
    ({"acceptance": [""]}, "#/acceptance/0"),
    ({"acceptance": ["x"] * 51}, "#/acceptance"),
    ({"acceptance": ["x", {"kind": "maybe", "text": "x"}]}, "#/acceptance/1/kind"),
    ({"project": "no such/slug"}, "#/project"),
    ({"workflow": 5}, "#/workflow"),
]


@pytest.mark.parametrize(("given", "pointer"), FIELDS)
def test_a_field_that_is_out_of_bounds_is_named(cast, given, pointer):
    assert_refused(cast.alice.post(ORDERS, {"message": "Hello", **given}), 400, "invalid", pointer)


def test_every_error_is_told_at_once(cast):
    answer = cast.alice.post(ORDERS, {"message": "", "priority": 99, "nonsense": 1})

    assert {error["pointer"] for error in answer.json()["errors"]} == {"#/message", "#/priority", "#/nonsense"}


def test_a_name_of_ten_thousand_signs_does_not_come_back_whole(cast):
    answer = cast.alice.post(ORDERS, {"message": "Hello", "k" * 10_000: 1, "evil\u202e": 2})

    assert_refused(answer, 400, "invalid")
    assert b"k" * 100 not in answer.content
    assert "\u202e" not in answer.content.decode()


def test_ten_thousand_errors_are_not_all_told(cast):
    answer = cast.alice.post(ORDERS, {"message": "Hello", **{f"x{n}": n for n in range(10_000)}})

    assert_refused(answer, 400, "invalid")


def test_a_workflow_that_does_not_exist_cannot_be_followed(cast):
    assert_refused(cast.alice.post(ORDERS, said(workflow="translate")), 422, "unknown_workflow", "#/workflow")


def test_a_project_of_somebody_else_is_as_unknown_as_none(cast):
    foreign = cast.alice.post(ORDERS, said(project="umbra"))
    nobodys = cast.alice.post(ORDERS, said(project="nobody"))

    assert_refused(foreign, 404, "unknown_project", "#/project")
    assert without_id(foreign) == without_id(nobodys)


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "nonsense",
        "",
    ],
)
def test_another_content_type_is_refused(cast, kind):
    answer = cast.alice.client.generic("POST", ORDERS, said(), content_type=kind)

    assert_refused(answer, 415, "unsupported_media_type")


def test_another_charset_and_a_compressed_body_are_refused(cast):
    utf16 = cast.alice.client.generic("POST", ORDERS, said(), content_type="application/json; charset=utf-16")
    zipped = cast.alice.client.generic(
        "POST", ORDERS, gzip.compress(said()), content_type="application/json", headers={"Content-Encoding": "gzip"}
    )

    assert_refused(utf16, 415, "unsupported_charset")
    assert_refused(zipped, 415, "unsupported_encoding")


def test_a_body_above_two_megabytes_is_refused(cast):
    assert_refused(cast.alice.post(ORDERS, said(message="x" * 2_100_000)), 413, "body_too_large")


@pytest.mark.parametrize("key", ["", "x" * 256, "clé", "a\tb"])
def test_an_idempotency_key_that_is_none_is_refused(cast, key):
    answer = cast.alice.post(ORDERS, said(), **{"Idempotency-Key": key})

    assert_refused(answer, 400, "bad_idempotency_key", "header:Idempotency-Key")


@pytest.mark.parametrize(
    "body", [{"message": ""}, {"message": "x", "session_id": ""}, {"message": "x", "session_id": "a b"}]
)
@pytest.mark.parametrize("more", [{}, {"project": "acme"}])
def test_the_chat_refuses_in_the_same_words(cast, body, more):
    assert_refused(cast.alice.post("/api/chat", {**body, **more}), 400, "invalid")


@pytest.mark.parametrize("body", [{"reason": 5}, {"reason": "x" * 501}, {"why": "x"}])
def test_a_move_with_a_bad_reason_moves_nothing(cast, body):
    filed = cast.alice.files()

    assert cast.alice.post(f"{ORDERS}/{filed}/cancel", body).json()["code"] == "invalid"
    assert cast.alice.get(f"{ORDERS}/{filed}").json()["status"] == "queued"


def without_id(answer: Any) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name != "request_id"}
