"""health_check: what doctor asks, as far as a worker can see it. Looks, and changes nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone

from nexus import engine
from workorders.language import language_of
from workorders.models import WorkOrder

from .reporting import page, said, table

DISPATCHER_WITHIN = timedelta(seconds=15)
ENOUGH_DISK = 500 * 1024 * 1024
WAITS_TOO_LONG = 300.0
"""Seconds that a task may be ready before nobody seems to work on its queue."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str


def check(context: engine.Context) -> engine.Outcome:
    """Look at everything and write down what was found; a fault is a finding, and no failure of the task."""
    order = WorkOrder.objects.of_run(context.run_id)
    language = language_of(order.message)
    found = list(look())
    bad = [one.name for one in found if not one.ok]
    well = said(language, f"All {len(found)} checks are well.", f"全部 {len(found)} 项检查正常。")
    ill = said(
        language,
        f"{len(bad)} of {len(found)} checks are not well: {', '.join(bad)}. `bin/nexus doctor` says how to mend them.",
        f"{len(found)} 项检查中有 {len(bad)} 项异常：{', '.join(bad)}。`bin/nexus doctor` 会说明如何修复。",
    )
    headers = said(language, "|Check|Found", "状态|检查|结果").split("|")
    rows = table(headers, [("ok" if one.ok else "BAD", one.name, one.detail) for one in found])
    text = page("health_check", language, at=timezone.now(), blocks=[ill if bad else well, rows])
    return engine.Done(output={"text": text, "well": not bad, "bad": bad})


def look() -> Iterator[Finding]:
    """Everything, one after the other."""
    yield _database()
    yield _broker()
    yield _dispatcher()
    yield _models()
    yield _disk()
    yield from _queues()
    waiting = engine.count_dead()
    yield Finding(name="dead letters", ok=not waiting, detail=f"{waiting} wait for a person")
    for broken in engine.count_broken():
        yield Finding(name=f"invariant:{broken.name}", ok=not broken.rows, detail=f"{broken.rows} {broken.what}")


def _database() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (version,) = cursor.fetchone()
    return Finding(name="database", ok=True, detail=f"Postgres {version}")


def _broker() -> Finding:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=3, socket_connect_timeout=3) as client:
            client.ping()
    except redis.RedisError as error:
        return Finding(name="redis", ok=False, detail=f"does not answer: {type(error).__name__}")
    return Finding(name="redis", ok=True, detail="answers")


def _dispatcher() -> Finding:
    seen = engine.dispatcher_seen_at()
    shown = seen.strftime("%Y-%m-%d %H:%M:%S %Z") if seen else "never"
    return Finding(name="dispatcher", ok=engine.dispatcher_seen_for(DISPATCHER_WITHIN), detail=f"last seen {shown}")


def _models() -> Finding:
    if settings.NEXUS_SANDBOX_URL:
        return Finding(name="models", ok=True, detail="the sandbox answers for them")
    has_key = bool(settings.ANTHROPIC_API_KEY)
    return Finding(name="models", ok=has_key, detail="a key is set" if has_key else "ANTHROPIC_API_KEY is missing")


def _disk() -> Finding:
    home = Path(settings.NEXUS_HOME)
    free = shutil.disk_usage(home if home.exists() else settings.BASE_DIR).free
    return Finding(name="disk", ok=free >= ENOUGH_DISK, detail=f"{free // 2**20} MB free")


def _queues() -> Iterator[Finding]:
    for depth in engine.depths():
        counted = ", ".join(f"{number} {state}" for state, number in depth.tasks.items())
        old = f"; the oldest has been ready for {depth.oldest_ready:.0f} s" if depth.oldest_ready else ""
        yield Finding(name=depth.queue, ok=depth.oldest_ready < WAITS_TOO_LONG, detail=counted + old)
