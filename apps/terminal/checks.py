"""What doctor looks at on a running installation: processes, servers, queues, models, and the engine's own rules."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
import redis

from nexus.embedded import stack
from nexus.embedded.preflight import Check
from nexus.embedded.state import State, is_alive

from . import place
from .client import Client
from .commands.manage import environment
from .exits import TerminalError
from .place import Address

#: Without these, orders are taken in and nothing happens to them.
_NEEDED = ("web", "dispatcher", *(f"worker-{name}" for name in stack.WORKERS))
_RESTART = "Start everything again: Ctrl-C in the terminal of `bin/nexus up`, then `bin/nexus up`"
_FIXES = {
    "migrations": "Run `bin/nexus manage migrate`",
    "dispatcher": "No dispatcher rings due tasks. See what its process says; if there is none: `bin/nexus up`",
}


def installation(*, repair: bool = False) -> list[Check]:
    """Look at what runs on this home; with `repair` the engine mends what it safely can first."""
    found = place.running()
    if found is None:
        return [Check(name="running", ok=False, detail="nothing runs here", fix="Start it: `bin/nexus up`")]
    checks = [
        Check(
            name="running", ok=found.ready, detail=f"supervisor {found.supervisor}", fix="Wait: it is still starting"
        ),
        *_processes(found),
        _postgres(str(found.addresses["database_url"])),
        *_valkey(str(found.addresses["redis_url"])),
        _models(found, environ=place.environ()),
        *_web(found),
        _flower(found),
    ]
    with environment(place.home()) as env:
        asked = {**_ask(env, "-m", "celery", "-A", "config.celery", "inspect", "active_queues", "--json", "-t", "2")}
        engine = _ask(env, "manage.py", "doctor", "--json", *(["--repair"] if repair else []))
    return _without_doubles([*checks, _queues(asked), *_engine(engine)])


def _processes(found: State) -> Iterator[Check]:
    running = {process.name: process for process in found.processes}
    for name in _NEEDED:
        if name not in running:
            yield Check(name=name, ok=False, detail="is not started", fix=f"Start it with the others. {_RESTART}")
    for name, process in running.items():
        log = place.home_path() / "logs" / f"{name}.log"
        if process.pid is None or not is_alive(process.pid):
            yield Check(
                name=name, ok=False, detail=f"is down, {process.restarts} restarts; it will be started again",
                fix=f"If it does not stay up, its log says why: {log}",
            )  # fmt: skip
        elif _is_suspended(process.pid):
            yield Check(name=name, ok=False, detail=f"pid {process.pid} is suspended", fix=f"kill -CONT {process.pid}")
        else:
            fix = "" if process.works else f"It is starting; its log says how far it is: {log}"
            yield Check(name=name, ok=process.works, detail=f"pid {process.pid}, {process.restarts} restarts", fix=fix)


def _is_suspended(pid: int) -> bool:
    try:
        words = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return words.rpartition(")")[2].split()[0] in "Tt"


def _postgres(url: str) -> Check:
    try:
        with psycopg.connect(url, connect_timeout=3) as connection:
            row = connection.execute("SHOW server_version").fetchone()
    except psycopg.Error as error:
        reason = str(error).strip().partition("\n")[0]
        return Check(name="database", ok=False, detail=reason, fix=f"See postgres.log in the logs. {_RESTART}")
    return Check(name="database", ok=True, detail=f"Postgres {row[0] if row else ''}")


def _valkey(url: str) -> Iterator[Check]:
    try:
        with redis.Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3) as client:
            told: dict[str, Any] = client.info("server")
            policy = _policy(client)
    except redis.RedisError as error:
        yield Check(name="redis", ok=False, detail=str(error), fix=f"See valkey.log in the logs. {_RESTART}")
        return
    version = told.get("valkey_version") or told.get("redis_version")
    yield Check(name="redis", ok=True, detail=f"{'Valkey' if 'valkey_version' in told else 'Redis'} {version}")
    ok = policy in ("noeviction", "")
    fix = "" if ok else "Doorbells may be thrown away: CONFIG SET maxmemory-policy noeviction"
    yield Check(name="eviction policy", ok=ok, detail=policy or "not readable for this user", fix=fix)


def _policy(client: redis.Redis) -> str:
    try:
        found = client.config_get("maxmemory-policy")
    except redis.ResponseError:  # a server of somebody else may forbid CONFIG
        return ""
    return str(found.get("maxmemory-policy", ""))


def _models(found: State, *, environ: Mapping[str, str]) -> Check:
    sandbox = found.addresses.get("sandbox_url")
    if not sandbox:
        named = [name for name in stack.MODELS if environ.get(name)]
        fix = "" if named else "Orders wait for it: set ANTHROPIC_API_KEY and start again"
        detail = (
            f"{named[0]} is set here; `bin/nexus providers check` asks"
            if named
            else "ANTHROPIC_API_KEY is missing here"
        )
        return Check(name="models", ok=bool(named), detail=detail, fix=fix)
    try:
        stack.answers(f"{sandbox}/healthz")
    except OSError as error:
        return Check(name="models", ok=False, detail=f"the sandbox does not answer: {error}", fix=_RESTART)
    return Check(name="models", ok=True, detail="the sandbox answers; no model is asked without ANTHROPIC_API_KEY")


def _web(found: State) -> Iterator[Check]:
    try:
        ready = Client(Address(str(found.addresses["web_url"]), ""), timeout=10).get("/readyz")
    except TerminalError as error:
        yield Check(name="web answers", ok=False, detail=str(error), fix=f"See web.log in the logs. {_RESTART}")
        return
    yield Check(name="web answers", ok=True, detail=str(ready.get("status")))
    for name, check in (ready.get("checks") or {}).items():
        if name in _FIXES:  # the others were looked at from here
            shown = "dispatcher is seen" if name == "dispatcher" else name
            fix = "" if check["ok"] else _FIXES[name]
            yield Check(name=shown, ok=check["ok"], detail=str(check["detail"]), fix=fix)


def _flower(found: State) -> Check:
    url = found.addresses.get("flower_url")
    if not url:
        return Check(name="flower answers", ok=True, detail="left out")
    scheme, _, rest = url.partition("://")
    try:
        stack.answers(f"{scheme}://{rest.rpartition('@')[2]}/healthcheck")
    except OSError as error:
        return Check(name="flower answers", ok=False, detail=str(error), fix="See flower.log in the logs")
    return Check(name="flower answers", ok=True, detail="read only, with a password")


def _queues(asked: Mapping[str, Any]) -> Check:
    """Every queue has a worker that answers."""
    wanted = {queue for queues, _, _ in stack.WORKERS.values() for queue in queues.split(",")}
    served = {queue["name"] for queues in asked.values() if isinstance(queues, list) for queue in queues}
    missing = sorted(wanted - served)
    if missing:
        return Check(
            name="queues", ok=False, detail=f"no worker answers for {', '.join(missing)}",
            fix=f"See the workers' processes above. {_RESTART}",
        )  # fmt: skip
    return Check(name="queues", ok=True, detail=f"{len(wanted)} queues, {len(asked)} workers")


def _engine(told: Mapping[str, Any]) -> list[Check]:
    """What the engine says of its own rows."""
    if "checks" not in told:
        return [Check(name="engine", ok=False, detail="manage.py doctor says nothing", fix="bin/nexus manage doctor")]
    return [
        Check(name=str(each["name"]), ok=bool(each["ok"]), detail=str(each["detail"]), fix=str(each.get("fix") or ""))
        for each in told["checks"]
    ]


def _ask(env: Mapping[str, str], *words: str) -> dict[str, Any]:
    """Run a command of ours that prints one JSON object; nothing when it does not."""
    try:
        done = subprocess.run(
            [sys.executable, *words], cwd=place.ROOT, env=dict(env), capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip
        found = json.loads(done.stdout[done.stdout.index("{") :])
    except (ValueError, subprocess.TimeoutExpired):
        return {}
    return found if isinstance(found, dict) else {}


def _without_doubles(checks: list[Check]) -> list[Check]:
    """Two may look at the same thing: the first that found something wrong is kept."""
    kept: dict[str, Check] = {}
    for check in checks:
        if check.name not in kept or (kept[check.name].ok and not check.ok):
            kept[check.name] = check
    return list(kept.values())
