"""What a conversation remembers: its last entries in Redis, its long history and its state in Postgres.

    chat:{chat_id}:summary    list of JSON, oldest first, at most 20; kept for an hour after the last order
    rise:kb                   hash: project/workflow -> its knowledge snapshot

Postgres has everything that is in Redis, and what is written there is written whole: a list that was lost, or that a
worker died before writing, is made again. A Redis that does not answer is said, and not worked around.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings

from nexus import engine

from .errors import RedisUnavailable
from .models import Chat

ENTRIES = 20
KEPT_FOR = 3600
"""Seconds."""
KNOWLEDGE = "rise:kb"
ANSWER_FOR = 0.5
"""Seconds that Redis may take."""
ASK_AGAIN_AFTER = 5.0

Entry = dict[str, Any]


def key_of(chat_id: str) -> str:
    """Where the last entries of a conversation are."""
    return f"chat:{chat_id}:summary"


def is_there() -> None:
    """Return when Redis answers; raise RedisUnavailable."""
    with _asked() as client:
        client.ping()


def recall(chat_id: str) -> tuple[list[Entry], bool]:
    """The last entries, oldest first, and whether Redis had them. Raise RedisUnavailable."""
    with _asked() as client:
        kept: Any = client.lrange(key_of(chat_id), -ENTRIES, -1)
    if kept:
        return [json.loads(entry) for entry in kept], True
    return last_entries(chat_id), False


def remember(chat_id: str) -> int:
    """Write the last entries to Redis, whole; return how many. Raise RedisUnavailable."""
    entries = last_entries(chat_id)
    with _asked() as client, client.pipeline(transaction=True) as pipe:
        pipe.delete(key_of(chat_id))
        if entries:
            pipe.rpush(key_of(chat_id), *(json.dumps(entry, ensure_ascii=False) for entry in entries))
            pipe.expire(key_of(chat_id), KEPT_FOR)
        pipe.execute()
    return len(entries)


def copy_knowledge(place: str, snapshot: dict[str, Any]) -> None:
    """Put a snapshot where other programs read it. Raise RedisUnavailable."""
    with _asked() as client:
        client.hset(KNOWLEDGE, place, json.dumps(snapshot, ensure_ascii=False))


def knowledge_copied(place: str) -> str | None:
    """The checksum of the snapshot that is there; None where there is none. Raise RedisUnavailable."""
    with _asked() as client:
        found: Any = client.hget(KNOWLEDGE, place)
    return None if found is None else str(json.loads(found).get("checksum"))


def last_entries(chat_id: str) -> list[Entry]:
    """The last entries as Postgres has them, oldest first."""
    chat = Chat.objects.filter(chat_id=chat_id).first()
    if chat is None:
        return []
    rows = list(chat.entries.filter(id__gt=chat.begins_after).order_by("-id")[:ENTRIES])
    return [
        {"speaker": row.speaker, "text": row.text, "at": row.at.isoformat(), "order": row.order}
        for row in reversed(rows)
    ]


@contextmanager
def _asked() -> Iterator[redis.Redis]:
    try:
        yield _client(settings.REDIS_URL)
    except (redis.RedisError, OSError) as error:
        engine.leave_redis(_client(settings.REDIS_URL))
        raise RedisUnavailable(
            f"Redis does not answer ({type(error).__name__}). Check REDIS_URL", retry_after=ASK_AGAIN_AFTER
        ) from None


@lru_cache(maxsize=4)
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url, socket_timeout=ANSWER_FOR, socket_connect_timeout=ANSWER_FOR, decode_responses=True
    )
