"""JSON that means one thing: what is taken, and what is refused with which code at which place."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from apps.api.strict_json import DEEPEST, NotStrict, loads, pointer_to


def refused(raw: bytes) -> tuple[str, str]:
    with pytest.raises(NotStrict) as flaw:
        loads(raw)
    return flaw.value.code, flaw.value.pointer


def test_what_json_can_say_is_taken():
    said = {"text": "消息 \U0001f600 \t\n", "list": [1, -2, True, None], "object": {"empty": {}}, "zero": -0}

    assert loads(json.dumps(said).encode()) == said


def test_money_keeps_the_digits_it_was_sent_with():
    value = loads(b'{"budget_usd": 0.10000000000000000001}')["budget_usd"]

    assert value == Decimal("0.10000000000000000001")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b'{"message": "hel', "invalid_json"),
        (b"{'message': 1}", "invalid_json"),
        (b'{"message": 1,}', "invalid_json"),
        (b'{"a": "raw \x01 control"}', "invalid_json"),
        (b"\xef\xbb\xbf{}", "byte_order_mark"),
        ('{"message": "x"}'.encode("utf-16"), "byte_order_mark"),
        ('{"message": "x"}'.encode("utf-16-le"), "invalid_json"),
        (b'{"message": "\xff"}', "not_utf8"),
        (b'{"message": "\xed\xa0\x80"}', "not_utf8"),
    ],
)
def test_what_is_not_json_in_utf8_is_refused(raw, code):
    assert refused(raw)[0] == code


@pytest.mark.parametrize(
    ("raw", "code", "pointer"),
    [
        (b'{"x": 1, "x": 2}', "duplicate_key", "#/x"),
        (b'{"files": [{"name": "a", "name": "b"}]}', "duplicate_key", "#/files/0/name"),
        (b'{"budget_usd": NaN}', "not_a_number", "#/budget_usd"),
        (b'{"a": [1, -Infinity]}', "not_a_number", "#/a/1"),
        (b'{"budget_usd": 1e999}', "number_too_large", "#/budget_usd"),
        (b'{"budget_usd": 1.' + b"0" * 5000 + b"}", "number_too_large", "#/budget_usd"),
        (b'{"priority": ' + b"9" * 5000 + b"}", "number_too_large", "#/priority"),
        (b'{"message": "a\\u0000b"}', "nul_character", "#/message"),
        (b'{"acceptance": ["fine", "\\ud800"]}', "lone_surrogate", "#/acceptance/1"),
        (b'{"a\\u0000": 1}', "nul_character", "#/a\ufffd"),
        (b'{"a/b~c": "\\udfff"}', "lone_surrogate", "#/a~1b~0c"),
    ],
)
def test_what_has_two_meanings_or_none_is_refused_where_it_stands(raw, code, pointer):
    assert refused(raw) == (code, pointer)


def test_a_pair_of_surrogates_is_one_character():
    assert loads(b'["\\ud83d\\ude00"]') == ["\U0001f600"]


def test_nesting_ends_at_the_limit():
    deep = b"[" * DEEPEST + b"]" * DEEPEST

    assert loads(deep)
    assert refused(b"[" + deep + b"]")[0] == "too_deep"


def test_brackets_without_end_are_refused_and_not_a_crash():
    assert refused(b"[" * 200_000)[0] == "too_deep"
    assert refused(b'{"a":' * 100_000)[0] == "too_deep"


def test_a_pointer_shows_no_more_of_a_name_than_a_log_line_bears():
    assert len(pointer_to(["k" * 10_000])) < 100
    assert "\u202e" not in pointer_to(["evil\u202ename"])
