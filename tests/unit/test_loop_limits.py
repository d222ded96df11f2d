"""How much an agent may use for one task."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.checks import run_checks
from django.test import override_settings

from agents.loop.limits import Limits, Used, is_reached, sentence


def test_what_is_said_later_counts_and_the_rest_stays():
    made = Limits().but({"turns": 5, "cost_usd": "0.50"}).but({"turns": "7"})
    assert (made.turns, made.cost_usd, made.tokens) == (7, Decimal("0.50"), Limits().tokens)


@pytest.mark.parametrize(
    "told",
    [{"turn": 1}, {"turns": "many"}, {"turns": -1}, {"turns": 1.5}, {"turns": True}, {"cost_usd": "NaN"},
     {"seconds": "inf"}, {"seconds": None}, {"tokens": [1]}],
)  # fmt: skip
def test_what_is_no_limit_is_refused(told):
    with pytest.raises(ValueError, match=next(iter(told))):
        Limits().but(told)


def test_a_limit_is_reached_when_it_is_used_up():
    most = Limits(turns=3, seconds=10, cost_usd=Decimal("0.5"))
    assert [is_reached(most, Used(turns=turns), "turns") for turns in (0, 2, 3, 5)] == [False, False, True, True]
    assert not is_reached(most, Used(cost_usd=Decimal("0.499999999")), "cost_usd")
    assert is_reached(most, Used(seconds=10.0), "seconds")


def test_nought_is_no_limit():
    assert not is_reached(Limits(turns=0), Used(turns=10**6), "turns")


def test_people_are_told_what_was_used():
    used = Used(turns=3, tokens=1200, seconds=61.4, cost_usd=Decimal("0.120000000"))
    said = [sentence(Limits(), used, measure) for measure in ("turns", "tokens", "seconds", "cost_usd")]
    assert ["3 turns" in said[0], "1200 tokens" in said[1], "61 s" in said[2], "$0.12 " in said[3]] == [True] * 4


def test_limits_that_are_none_are_said_at_start():
    for told in ({"turn": 1}, {"turns": -1}, [1]):
        with override_settings(NEXUS_AGENT_LIMITS=told):
            assert [found.id for found in run_checks(tags=["agents"])] == ["agents.E003"]
    assert run_checks(tags=["agents"]) == []
