"""Which pages may open a socket."""

from __future__ import annotations

import pytest

from apps.live.origin import may_open

HERE = {
    "host": "nexus.example:8000",
    "allowed_hosts": ["nexus.example", ".team.example"],
    "trusted": ["https://console.example"],
}


@pytest.mark.parametrize(
    "origin", ["http://nexus.example:8000", "https://NEXUS.example:8000", "https://console.example"]
)
def test_a_page_of_this_server_or_a_trusted_one_may(origin):
    assert may_open(origin, **HERE, key=False)


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://nexus.example:9999",
        "http://nexus.example",
        "null",
        "",
        "file://",
        "nexus.example:8000",
        "http://nexus.example:8000@evil.example",
        "http://nexus.example:8000.evil.example",
        "chrome-extension://abc",
        "http://[",
        "x" * 9999,
    ],
)
def test_any_other_page_may_not_whatever_it_brings(origin):
    assert not may_open(origin, **HERE, key=False)
    assert not may_open(origin, **HERE, key=True)


def test_a_program_without_origin_must_bring_a_key():
    assert may_open(None, **HERE, key=True)
    assert not may_open(None, **HERE, key=False)


def test_a_host_that_is_not_allowed_is_nobodys_origin():
    assert not may_open(
        "http://rebound.example", host="rebound.example", allowed_hosts=["nexus.example"], trusted=[], key=False
    )
    assert not may_open("http://any.example", host="any.example", allowed_hosts=["*"], trusted=[], key=False)


def test_a_pattern_with_a_dot_allows_what_is_below_it():
    given = {"allowed_hosts": [".team.example"], "trusted": [], "key": False}

    assert may_open("https://a.team.example", host="a.team.example", **given)
    assert not may_open("https://evilteam.example", host="evilteam.example", **given)
