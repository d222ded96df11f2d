"""Limits per key: counted in a real Redis for all processes together, told in every answer, gone when Redis is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from apps.api.allowance import Allowance, Policy
from apps.api.rates import Rated
from nexus.embedded.ports import free_port
from tests.support.rivals import wait_for

TOKEN = "nx_abcdefghijkl_" + "x" * 43


async def answering(scope: Any, receive: Any, send: Any) -> None:
    """An application that says yes."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-here", b"1")]})
    await send({"type": "http.response.body", "body": b"{}"})


async def asked(rated: Rated, token: str | None = TOKEN, path: str = "/api/v2/work-orders") -> tuple[int, Any, Any]:
    """One request: status, headers, body."""
    said: list[Any] = []

    async def send(message: Any) -> None:
        said.append(message)

    headers = [(b"authorization", f"Bearer {token}".encode())] if token else []
    await rated({"type": "http", "path": path, "method": "GET", "headers": headers}, None, send)
    told = {name.decode(): value.decode() for name, value in said[0]["headers"]}
    return said[0]["status"], told, json.loads(said[1]["body"])


@asynccontextmanager
async def rated(url: str, limit: str) -> AsyncIterator[Rated]:
    """The door, and its connections closed behind it."""
    door = Rated(answering, limit=limit, redis_url=url)
    try:
        yield door
    finally:
        if door.allowance is not None:
            await door.allowance.close()


def total(counter: Any) -> float:
    return next(sample.value for family in counter.collect() for sample in family.samples if "_total" in sample.name)


def test_a_key_has_so_many_and_every_answer_says_how_many_are_left(valkey_flushed):
    async def asks() -> Any:
        async with rated(valkey_flushed, "3/60") as door:
            return [await asked(door) for _ in range(4)], door

    answers, door = asyncio.run(asks())
    assert [status for status, _, _ in answers] == [200, 200, 200, 429]
    assert [told["ratelimit"] for _, told, _ in answers] == [
        '"default";r=2;t=20', '"default";r=1;t=40', '"default";r=0;t=60', '"default";r=0;t=60',
    ]  # fmt: skip
    assert {told["ratelimit-policy"] for _, told, _ in answers} == {'"default";q=3;w=60'}
    _, told, problem = answers[3]
    assert (problem["code"], problem["status"], told["content-type"]) == (
        "rate_limited", 429, "application/problem+json",
    )  # fmt: skip
    assert 19 <= int(told["retry-after"]) <= 20
    assert total(door.limited) == 1


@pytest.mark.parametrize("limit", ["50/3600", "1000/3600"])
def test_two_hundred_or_more_at_once_do_not_overrun_it(valkey_flushed, limit):
    """In two processes: each spends what it has taken, and nothing else."""
    most = int(limit.partition("/")[0])

    async def ask() -> list[int]:
        async with rated(valkey_flushed, limit) as one, rated(valkey_flushed, limit) as other:
            answers = await asyncio.gather(*(asked((one, other)[n % 2]) for n in range(most + 200)))
        return [status for status, _, _ in answers]

    statuses = asyncio.run(ask())
    assert statuses.count(200) <= most
    assert statuses.count(200) >= most * 0.97  # what one process took may be left in its hands
    assert statuses.count(429) > 0


def test_every_key_has_its_own_and_what_is_no_key_has_none(valkey_flushed):
    async def asks() -> list[int]:
        other = TOKEN[:-1] + "y"  # the same id, another secret: who guesses empties nobody's bucket
        tried = [(TOKEN, "/"), (TOKEN, "/"), (other, "/"), (None, "/"), (None, "/"), ("sk-x", "/"), ("sk-x", "/")]
        free = [(TOKEN, "/healthz"), (TOKEN, "/readyz"), (TOKEN, "/metrics")]
        async with rated(valkey_flushed, "1/60") as door:
            return [(await asked(door, token, path))[0] for token, path in [*tried, *free]]

    assert asyncio.run(asks()) == [200, 429, 200, 200, 200, 200, 200, 200, 200, 200]


def test_a_client_of_openai_is_told_in_its_own_words(valkey_flushed):
    async def asks() -> Any:
        async with rated(valkey_flushed, "1/60") as door:
            await asked(door, path="/v1/models")
            return await asked(door, path="/v1/models")

    status, told, body = asyncio.run(asks())
    assert (status, told["content-type"], body["error"]["code"]) == (429, "application/json", "rate_limit_exceeded")


def test_without_redis_nobody_is_limited_and_it_is_counted():
    async def asks() -> Any:
        async with rated(f"redis://127.0.0.1:{free_port()}/0", "1/60") as door:
            return [await asked(door) for _ in range(3)], door

    answers, door = asyncio.run(asks())
    assert [status for status, _, _ in answers] == [200, 200, 200]
    assert "ratelimit" not in answers[0][1]
    assert total(door.unchecked) == 3


def test_it_fills_up_again_evenly(valkey_flushed):
    async def asks(times: int) -> list[bool]:
        allowance = Allowance(Policy(2, 1), url=valkey_flushed)
        seen = [(await allowance.spend("b")).allowed for _ in range(times)]
        await allowance.close()
        return seen

    assert asyncio.run(asks(3)) == [True, True, False]
    wait_for(lambda: asyncio.run(asks(1)) == [True], within=5, what="half a second")


def test_without_a_policy_it_is_not_there():
    assert asyncio.run(asked(Rated(answering, limit="", redis_url="")))[1] == {"x-here": "1"}


@pytest.mark.parametrize("written", ["5", "0/60", "5/0", "-1/2", "a/b", "5/60/3", "1.5/2"])
def test_what_is_no_limit_stops_the_process_at_start(written):
    with pytest.raises(ValueError, match="1200/60"):
        Policy.of(written)
