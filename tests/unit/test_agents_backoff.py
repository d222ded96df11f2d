"""How long to wait when the provider does not say."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from agents import backoff


@given(st.integers(min_value=0, max_value=10_000), st.integers())
def test_a_pause_is_never_nothing_and_never_more_than_a_minute(tries, seed):
    assert 0.25 <= backoff.pause(tries, Random(seed)) <= 60


def test_pauses_grow_with_the_tries_and_differ_between_two_who_wait():
    assert max(backoff.pause(1, Random(seed)) for seed in range(200)) <= 1
    assert max(backoff.pause(7, Random(seed)) for seed in range(200)) > 30
    assert len({backoff.pause(7, Random(seed)) for seed in range(50)}) == 50
