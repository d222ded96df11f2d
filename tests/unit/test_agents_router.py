"""Who is asked, in order, and what is told when nobody can be."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from agents import limits, router
from agents.contracts import Trace
from agents.errors import MissingKey, ModelBusy, ModelResting, ProviderUnavailable, SpendingRefused
from agents.limits import Limits
from agents.rations import Rations
from agents.router import Link

ROLE = SimpleNamespace(
    provider="anthropic",
    model="opus",
    chain=[{"provider": "openai", "model": "gpt"}, {"provider": "anthropic", "model": "opus"}],
)
HERE = ("anthropic", "openai", "local")


def test_a_chain_is_asked_in_order_each_once():
    assert [str(link) for link in router.links(ROLE)] == ["anthropic/opus", "openai/gpt"]


@pytest.mark.parametrize(
    ("named", "asked"),
    [
        ("gpt", "openai/gpt"),
        ("sonnet", "anthropic/sonnet"),
        ("local/qwen3:8b", "local/qwen3:8b"),
        ("meta/llama", "anthropic/meta/llama"),
    ],
)
def test_a_model_that_the_task_names_is_asked_alone(named, asked):
    assert [str(link) for link in router.links(ROLE, model=named, providers=HERE)] == [asked]


def test_the_one_who_can_be_asked_first_is_told_of():
    spent = SpendingRefused(trace=Trace())
    late, soon = ModelResting(retry_after=30), ModelBusy(retry_after=1)
    assert router.soonest([spent, late, soon]) is soon
    assert router.soonest([spent]) is spent
    assert router.soonest([MissingKey(retry_after=30), ProviderUnavailable(trace=Trace(), retry_after=2)]).code == (
        "provider_unavailable"
    )


def test_the_limits_of_a_model_are_those_of_the_name_that_says_most():
    listed = {"*": {"concurrent": 9}, "anthropic/*": {"concurrent": 5}, "anthropic/opus": {"tokens_per_minute": 7}}
    assert limits.of("anthropic", "opus", listed) == Limits(tokens_per_minute=7)
    assert limits.of("anthropic", "haiku", listed) == Limits(concurrent=5)
    assert limits.of("local", "qwen", listed) == Limits(concurrent=9)
    assert limits.of("local", "qwen", {}) == Limits()


def test_a_link_names_itself_and_equals_its_like():
    assert {Link(provider="a", model="b"), Link(provider="a", model="b")} == {Link(provider="a", model="b")}


def taken(rations: Rations, holder: str, now: float = 0.0, **held: int) -> tuple[str, float]:
    given = {"concurrent": 0, "requests": 0, "per_minute": 0, "tokens": 10} | held
    return rations.take("model", holder, now=now, lease=100.0, **given)


def test_alone_too_a_process_keeps_to_what_may_be_asked_at_a_time():
    rations = Rations(failures=2, longest_rest=60)
    assert taken(rations, "a", concurrent=1) == ("ok", 0.0)
    assert taken(rations, "b", concurrent=1)[0] == "busy"
    assert taken(rations, "b", now=101, concurrent=1)[0] == "ok", "the slot of one who never came back"
    rations.give("model", "b", "neither", now=101, rest=0)
    assert taken(rations, "c", now=101, concurrent=1)[0] == "ok"


def test_alone_too_a_process_keeps_to_the_share_of_a_minute():
    rations = Rations(failures=2, longest_rest=60)
    assert taken(rations, "a", requests=1)[0] == "ok"
    assert taken(rations, "b", requests=1) == ("requests", 60.0)
    assert taken(rations, "b", now=60, requests=1)[0] == "ok"
    assert taken(rations, "c", now=60, per_minute=100, tokens=1000)[0] == "ok", "more than a minute's share, alone"
    assert taken(rations, "d", now=61, per_minute=100, tokens=1)[0] == "tokens"


def test_alone_too_a_process_leaves_alone_who_fails():
    rations = Rations(failures=2, longest_rest=60)
    for _ in range(2):
        assert taken(rations, "a")[0] == "ok"
        rations.give("model", "a", "failed", now=0, rest=0)
    assert taken(rations, "a") == ("resting", 1.0)
    assert taken(rations, "a", now=2)[0] == "ok", "one goes first"
    assert taken(rations, "b", now=2)[0] == "resting", "the others wait for what it finds"
    rations.give("model", "a", "worked", now=3, rest=0)
    assert taken(rations, "b", now=3)[0] == "ok"
    rations.give("model", "b", "failed", now=3, rest=7)
    assert taken(rations, "b", now=4) == ("resting", 6.0), "who asks to be left alone is, at once"
