"""Which calls an order is expected to make."""

from __future__ import annotations

import pytest

from workorders import estimates
from workorders.drawing import TYPES


def test_the_kinds_are_those_that_orders_have() -> None:
    models = {"outline", "section", "review"}
    assert models <= TYPES
    assert set(estimates.TOKENS) == {"triage", "plan", "revise", *models}


@pytest.mark.parametrize(
    ("difficulty", "sections", "roles"),
    [
        ("trivial", 1, ["admin", "intern", "intern", "director"]),
        ("normal", 2, ["admin", "director", "intern", "director", "director", "ceo"]),
        ("complex", 1, ["admin", "ceo", "ceo", "ceo", "director"]), ("unclear", 3, ["admin"]),
    ],
)  # fmt: skip
def test_who_is_asked_follows_from_the_difficulty(difficulty: str, sections: int, roles: list[str]) -> None:
    assert [call.role for call in estimates.usual(difficulty, sections=sections)] == roles


@pytest.mark.parametrize("difficulty", estimates.SECTIONS)
def test_a_long_one_makes_every_usual_call_and_says_more(difficulty: str) -> None:
    usual, long = estimates.usual(difficulty), estimates.long(difficulty)
    assert [call.role for call in long[: len(usual)]] == [call.role for call in usual]
    assert all(far.output_tokens > near.output_tokens for near, far in zip(usual, long, strict=False))
    assert (len(long) > len(usual)) == (difficulty != "unclear")
