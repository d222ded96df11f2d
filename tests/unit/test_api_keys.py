"""The shape of a key, and what is stored of it."""

from __future__ import annotations

import pytest

from apps.accounts.keys import Token, digest, matches


def test_a_fresh_key_is_read_back_from_its_text():
    token = Token.fresh()

    assert Token.parse(str(token)) == token
    assert token != Token.fresh()
    assert len(token.secret) == 43


def test_a_key_does_not_show_itself_in_a_traceback():
    token = Token.fresh()

    assert token.secret not in repr(token)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nx",
        "nx__",
        "nx_ab_" + "s" * 43,
        "sk_abcdef_" + "s" * 43,
        "nx_abcdef_" + "s" * 43 + " ",
        " nx_abcdef_" + "s" * 43,
        "nx_abcdef_' OR 1=1--" + "s" * 43,
        "nx_abcdef_" + "s" * 10000,
        "nx_abcdef_" + "é" * 43,
        "nx_abcdef_" + "s" * 43 + "\n",
    ],
)
def test_what_is_not_exactly_a_key_is_none(text):
    assert Token.parse(text) is None


def test_a_digest_proves_the_key_under_its_pepper_alone():
    token, other = Token.fresh(), Token.fresh()
    stored = digest(token, pepper="salt water")

    assert matches(token, stored, peppers=["salt water"])
    assert matches(token, stored, peppers=["new", "salt water"])
    assert not matches(token, stored, peppers=["new"])
    assert not matches(Token(token.public_id, other.secret), stored, peppers=["salt water"])
    assert not matches(token, "", peppers=["salt water"])
    assert token.secret not in stored
