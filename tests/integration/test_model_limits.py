"""Slots, shares of a minute and rests: one step in Redis for everybody, and no promise when Redis is away."""

from __future__ import annotations

import threading
from uuid import UUID, uuid4

import pytest
import redis
from django.test import override_settings

from agents import errors, limits, turnstile
from agents.contracts import Trace
from agents.errors import ModelBusy, ModelResting
from agents.turnstile import Place

OVERLOADED = errors.ProviderOverloaded(trace=Trace())


@pytest.fixture
def place() -> Place:
    """A model that no other test knows."""
    return Place(address=f"http://{uuid4()}", model="m")


def take(place: Place, request_id: UUID | None = None, **held: int) -> str:
    given = {"lease": 60.0, "tokens": 10, "concurrent": 0, "requests": 0, "per_minute": 0} | held
    return turnstile.take(place, request_id or uuid4(), **given)[0]


def test_as_many_at_a_time_as_may_and_a_slot_that_is_given_back_is_free(place):
    first = uuid4()
    assert [take(place, first, concurrent=2), take(place, concurrent=2), take(place, concurrent=2)] == [
        "ok", "ok", "busy",
    ]  # fmt: skip
    turnstile.give(place, first, "worked")
    assert take(place, concurrent=2) == "ok"


def test_a_slot_that_a_dead_worker_left_comes_back(place):
    assert take(place, concurrent=1, lease=0.05) == "ok"
    until = turnstile.take(place, uuid4(), lease=1, tokens=0, concurrent=1, requests=0, per_minute=0)
    while until[0] == "busy":
        until = turnstile.take(place, uuid4(), lease=1, tokens=0, concurrent=1, requests=0, per_minute=0)
    assert until[0] == "ok"


def test_fifty_threads_share_five_slots(place):
    got: list[str] = []
    start = threading.Barrier(50)

    def ask() -> None:
        start.wait()
        got.append(take(place, concurrent=5))

    threads = [threading.Thread(target=ask) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == ["busy"] * 45 + ["ok"] * 5


def test_a_share_of_a_minute_is_shared_and_says_when_there_is_more(place):
    assert take(place, requests=1) == "ok"
    why, wait = turnstile.take(place, uuid4(), lease=60, tokens=0, concurrent=0, requests=1, per_minute=0)
    assert (why, 50 < wait <= 60) == ("requests", True)
    assert take(Place(address=place.address, model="n"), per_minute=100, tokens=90) == "ok"
    assert take(Place(address=place.address, model="n"), per_minute=100, tokens=90) == "tokens"


def test_who_fails_five_times_rests_and_one_goes_first_afterwards(place):
    for _ in range(turnstile.FAILURES):
        turnstile.give(place, uuid4(), "failed")
    why, wait = turnstile.take(place, uuid4(), lease=60, tokens=0, concurrent=0, requests=0, per_minute=0)
    assert (why, 0 < wait <= 1) == ("resting", True)
    while (why := take(place)) == "resting":
        pass
    assert (why, take(place)) == ("ok", "resting")
    turnstile.give(place, uuid4(), "worked")
    assert take(place) == "ok"


def asked(place: Place):
    return limits.slot(address=place.address, provider="p", model=place.model, request_id=uuid4(), tokens=5)


def test_a_refused_slot_says_why_and_when(place):
    with (
        override_settings(NEXUS_MODEL_LIMITS={"p/m": {"concurrent": 1}}),
        asked(place) as slot,
        pytest.raises(ModelBusy, match="m of p is asked by as many at a time as may; it is tried again in 1 s") as busy,
        asked(place),
    ):
        pytest.fail("there is one slot")
    assert (busy.value.disposition, busy.value.retry_after, slot.verdict) == ("give_back", 1.0, "neither")
    with override_settings(NEXUS_MODEL_LIMITS={"p/m": {"concurrent": 1}}), asked(place) as slot:
        slot.failed(errors.RateLimited(trace=Trace(), retry_after=7))
    with pytest.raises(ModelResting) as resting, asked(place):
        pytest.fail("it asked to be left alone")
    assert 6 < resting.value.retry_after <= 7


def test_a_request_that_is_refused_for_its_own_sake_says_nothing_against_the_model(place):
    for _ in range(turnstile.FAILURES + 1):
        with asked(place) as slot:
            slot.failed(errors.RequestRefused(trace=Trace()))
    assert take(place) == "ok"


def test_with_redis_emptied_nothing_is_refused_that_should_not_be(place, redis_url):
    one = uuid4()
    assert take(place, one, concurrent=1) == "ok"
    with redis.Redis.from_url(redis_url) as client:
        client.delete(*place.keys)
    assert take(place, concurrent=1) == "ok"
    turnstile.give(place, one, "worked")


def test_without_redis_calls_go_on_limited_by_this_process_alone(place):
    with override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
        first = uuid4()
        assert [take(place, first, concurrent=1), take(place, concurrent=1)] == ["ok", "busy"]
        turnstile.give(place, first, "failed")
        assert take(place, concurrent=1) == "ok"
