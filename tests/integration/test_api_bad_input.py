"""Bad input over HTTP: a 4xx problem with a code and a pointer; nothing stored, never a 500."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from tests.support.bad_input import BODIES, FIELDS, said
from tests.support.people import ORDERS, Cast, a_cast
from tests.support.refusals import assert_refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return a_cast()


@pytest.mark.parametrize(("body", "code", "pointer"), BODIES)
def test_a_body_that_is_not_one_strict_object_is_refused(cast, body, code, pointer):
    assert_refused(cast.alice.post(ORDERS, body), 400, code, pointer)


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
