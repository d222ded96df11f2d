"""Fields convert nothing, and say what is wrong with a name."""

from __future__ import annotations

from decimal import Decimal

import pytest
from rest_framework import serializers

from apps.api.fields import Criterion, Integer, Money, StrictSerializer, Text, is_safe_name


def refused(field: serializers.Field, value: object) -> bool:
    try:
        field.run_validation(value)
    except serializers.ValidationError:
        return True
    return False


@pytest.mark.parametrize("value", ["2.50", "0.000000001", "1000000", 1, Decimal("2.50")])
def test_money_takes_amounts(value):
    assert Money().run_validation(value) == Decimal(value)


@pytest.mark.parametrize(
    "value",
    [
        "0",
        "-1",
        "NaN",
        "Infinity",
        "ten",
        "",
        " 1",
        "1 USD",
        "1e3",
        "0.0000000001",
        "1000000.01",
        "１",
        "1_000",
        0,
        -1,
        True,
        None,
        [],
        {},
        Decimal("1e-10"),
        Decimal("1e300"),
        10**18,
    ],
)
def test_money_refuses_what_is_no_amount(value):
    assert refused(Money(), value)


@pytest.mark.parametrize("value", ["5", 5.0, True, None, [5], 11, -1])
def test_a_priority_is_a_whole_number_that_was_sent_as_one(value):
    assert refused(Integer(min_value=0, max_value=10), value)


@pytest.mark.parametrize("value", ["", "   ", "\n\t", 5, True, None, ["a"]])
def test_a_message_is_a_text_that_says_something(value):
    assert refused(Text(max_length=10), value)


def test_a_message_is_kept_as_it_was_sent():
    assert Text(max_length=10).run_validation(" two  ") == " two  "


@pytest.mark.parametrize("name", ["a.py", "src/app/main.py", "说明.md", ".env.example", "a b.txt", "x" * 100])
def test_plain_relative_names_are_safe(name):
    assert is_safe_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/etc/passwd",
        "../x",
        "a/../b",
        "a//b",
        "./a",
        "a/",
        "C:\\x",
        "c:x",
        "a\\b",
        "a\nb",
        "a\x00b",
        "evil\u202efdp.exe",
        "nul",
        "NUL.txt",
        "com1",
        " a",
        "a ",
        "a.",
        "x" * 256,
        "what?",
        "a|b",
        chr(0xD800),
    ],
)
def test_names_that_mean_something_else_somewhere_are_not(name):
    assert not is_safe_name(name)


def test_a_criterion_is_a_sentence_or_a_check():
    rule = {"kind": "required", "text": "rollback"}

    assert Criterion().run_validation("Names the cause.") == "Names the cause."
    assert Criterion().run_validation(rule) == rule
    assert Criterion().run_validation({"kind": "runs"}) == {"kind": "runs"}


@pytest.mark.parametrize(
    "value",
    [
        5,
        "",
        {"kind": "maybe", "text": "x"},
        {"kind": "required"},
        {"kind": "required", "text": "x", "z": 1},
        {"kind": "regex", "pattern": "("},
        {"kind": "runs", "by": "house"},
    ],
)
def test_a_criterion_of_another_shape_is_refused(value):
    assert refused(Criterion(), value)


def test_every_unknown_field_is_named_beside_the_other_errors():
    class Asked(StrictSerializer):
        message = Text(max_length=10)

    asked = Asked(data={"massage": "x", "__proto__": {}})

    assert not asked.is_valid()
    assert set(asked.errors) == {"massage", "__proto__", "message"}
