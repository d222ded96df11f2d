"""After a failover the old master answers on, but only reads. Everybody who writes comes to the new one by himself."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
import redis

from agents import turnstile
from apps.api import allowance
from apps.workflows import memory
from apps.workflows.errors import RedisUnavailable
from nexus.embedded import valkey
from nexus.events import hint
from nexus.queues import bells
from tests.chaos.proxy import Proxy
from tests.support.rivals import wait_for

PASSWORD = "one-for-both"
BELL = {"task": "nexus.execute", "queue": "nexus.agents", "id": "1"}


@dataclass(frozen=True)
class Masters:
    """Two servers, and the one address by which both are reached."""

    url: str
    old: redis.Redis
    new: redis.Redis
    fail_over: Callable[[], None]


@pytest.fixture
def masters(tmp_path, settings) -> Iterator[Masters]:
    with (
        valkey.running(tmp_path / "old") as old_url,
        valkey.running(tmp_path / "new") as new_url,
        redis.Redis.from_url(old_url) as old,
        redis.Redis.from_url(new_url) as new,
    ):
        for server in (old, new):
            server.config_set("requirepass", PASSWORD)
        port = int(old_url.rpartition(":")[2].split("/")[0])
        with Proxy(f"redis://:{PASSWORD}@127.0.0.1:{port}/0", dice=random.Random(1)) as door:

            def fail_over() -> None:
                door.switch(new_url)
                old.execute_command("REPLICAOF", "127.0.0.1", "1")

            settings.REDIS_URL = door.url
            bells.client.cache_clear()
            yield Masters(url=door.url, old=old, new=new, fail_over=fail_over)
            bells.client.cache_clear()


def test_doorbells_lie_with_the_new_master(masters):
    bells.ring([BELL], looks=True)
    assert masters.old.llen("nx:nexus.agents") == 1
    masters.fail_over()
    with pytest.raises(redis.ReadOnlyError):
        bells.ring([BELL], looks=True)
    bells.ring([BELL], looks=True)
    assert masters.new.llen("nx:nexus.agents") == 1


def test_what_a_model_says_is_kept_by_the_new_master(masters, monkeypatch):
    monkeypatch.setattr(hint, "_teller", hint._Teller())

    def is_kept_by(server: redis.Redis) -> bool:
        hint.publish({"run": 1, "delta": "so"}, kept_as="nx:said:1")
        return bool(server.exists("nx:said:1"))

    wait_for(lambda: is_kept_by(masters.old), what="the first words")
    masters.fail_over()
    wait_for(lambda: is_kept_by(masters.new), what="words with the new master")


def test_slots_are_counted_by_the_new_master(masters, monkeypatch):
    monkeypatch.setattr(turnstile, "QUIET_FOR", 0.0)
    place = turnstile.Place(address=f"https://models.example/{uuid4()}", model="sandbox-1")

    def take() -> tuple[str, float]:
        return turnstile.take(place, uuid4(), lease=60, tokens=1, concurrent=9, requests=99, per_minute=9_999)

    assert take() == ("ok", 0)
    assert masters.old.exists(place.keys[0])
    masters.fail_over()
    assert take() == ("ok", 0), "this process counts by itself meanwhile"
    assert not masters.new.exists(place.keys[0])
    assert take() == ("ok", 0)
    assert masters.new.exists(place.keys[0])


def test_requests_are_counted_by_the_new_master(masters, monkeypatch):
    monkeypatch.setattr(allowance, "QUIET_FOR", 0.0)

    async def ask() -> list[bool]:
        counter = allowance.Allowance(allowance.Policy(requests=60, seconds=60), url=masters.url)
        counted = [(await counter.spend("k1")).counted]
        masters.fail_over()
        counted += [(await counter.spend("k2")).counted, (await counter.spend("k2")).counted]
        await counter.close()
        return counted

    assert asyncio.run(ask()) == [True, False, True]
    assert (masters.old.exists("nx:rate:k1"), masters.new.exists("nx:rate:k2")) == (1, 1)


def test_workflows_remember_with_the_new_master(masters):
    memory.copy_knowledge("acme/rise", {"checksum": "1"})
    masters.fail_over()
    with pytest.raises(RedisUnavailable):
        memory.copy_knowledge("acme/rise", {"checksum": "2"})
    memory.copy_knowledge("acme/rise", {"checksum": "2"})
    assert masters.new.hget(memory.KNOWLEDGE, "acme/rise") == b'{"checksum": "2"}'
