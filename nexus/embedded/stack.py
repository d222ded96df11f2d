"""What `up` runs on this machine, as data: addresses, environment, stages."""

from __future__ import annotations

import http.client
import re
import secrets
import string
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from signal import SIGQUIT, SIGTERM

from . import postgres, prepared, valkey
from .home import Home
from .ports import LOOPBACK
from .programs import Program
from .servers import Service
from .supervisor import Stage

ADMIN = "admin"
#: One pool waits on networks: threads, many. The other computes: processes, as many as a small machine has cores.
WORKERS = {
    "agents": (
        "nexus.control,nexus.agents,nexus.notify,nexus.model.gemini,nexus.model.sd,nexus.model.deepseek",
        "threads",
        "16",
    ),
    "tools": ("nexus.tools,nexus.build,nexus.deploy", "prefork", "2"),
}
#: Who sets one of these wants real models; without any the sandbox answers.
MODELS = ("ANTHROPIC_API_KEY", "NEXUS_ENDPOINTS", "NEXUS_KEYS_SECRET")
_ALPHANUMERIC = string.ascii_letters + string.digits
_WORKER_READY, _DISPATCHER_READY = re.compile(rb"@\S+ ready\."), re.compile(rb"dispatcher \S+ is ready")
_TELEGRAM_READY = re.compile(rb"telegram bot \d+ is ready|standing by")


@dataclass(frozen=True, kw_only=True)
class Stack:
    """All that a supervisor needs to know."""

    stages: tuple[Stage, ...]
    addresses: Mapping[str, str | None]
    #: Of the children; holds every secret.
    env: Mapping[str, str] = field(repr=False)


def servers(home: Home, *, environ: Mapping[str, str]) -> tuple[dict[str, str], tuple[Service, ...]]:
    """Return the addresses of Postgres and Valkey, and those of them that are ours to run."""
    found = {name: environ[name] for name in ("DATABASE_URL", "REDIS_URL") if environ.get(name)}
    ours = []
    if "DATABASE_URL" not in found:
        ours.append(postgres.prepare(home))
        found["DATABASE_URL"] = ours[-1].url
    if "REDIS_URL" not in found:
        ours.append(valkey.prepare(home))
        found["REDIS_URL"] = ours[-1].url
    return found, tuple(ours)


def environment(home: Home, *, environ: Mapping[str, str]) -> dict[str, str]:
    """Return what every process of Nexus is given, but for the addresses of its servers."""
    env = dict(environ)
    env["NEXUS_HOME"] = str(home.path)
    env["PYTHONUNBUFFERED"] = "1"
    env.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    env.setdefault("MEDIA_ROOT", str(home.path / "media"))
    env.setdefault("SECRET_KEY", home.secret("SECRET_KEY"))
    env.setdefault("NEXUS_INIT_ADMIN_USER", ADMIN)
    env.setdefault("NEXUS_INIT_ADMIN_PASSWORD", home.secret("NEXUS_INIT_ADMIN_PASSWORD"))
    env.setdefault("NEXUS_INIT_API_KEY", home.kept("NEXUS_INIT_API_KEY", _new_api_key))
    return env


def draw_up(home: Home, *, root: Path, environ: Mapping[str, str], without: frozenset[str] = frozenset()) -> Stack:
    """Decide what runs: servers, then the schema, then everything else. `without` names what is left out."""
    addresses, ours = servers(home, environ=environ)
    env = environment(home, environ=environ) | addresses
    sandbox = _sandbox(home, root, env)
    if sandbox:
        env["NEXUS_SANDBOX_URL"] = sandbox.url
    web, flower = _web(home, root, env), _flower(home, root, env)
    workers = [_worker(name, root, env) for name in WORKERS]
    bot = [_telegram(root, env)] if env.get("TELEGRAM_BOT_TOKEN") else []
    first = _servers_and_schema(home, root, env, ours)
    rest = tuple(
        service for service in (web, _dispatcher(root, env), *workers, flower, *bot) if _name(service) not in without
    )
    return Stack(
        # The sandbox starts with those that ask it and outlives them.
        stages=(first, Stage(services=(sandbox,) if sandbox else (), waits=False), Stage(services=rest)),
        addresses={
            "web_url": web.url,
            "admin_url": web.url + "/admin/",
            "flower_url": _with_password(flower) if "flower" not in without else None,
            "database_url": env["DATABASE_URL"],
            "redis_url": env["REDIS_URL"],
            "sandbox_url": env.get("NEXUS_SANDBOX_URL") or None,
            "api_key": env["NEXUS_INIT_API_KEY"],
        },
        env=env,
    )


def _servers_and_schema(home: Home, root: Path, env: Mapping[str, str], ours: tuple[Service, ...]) -> Stage:
    asked = [value for name, value in sorted(env.items()) if name.startswith("NEXUS_INIT_") or name == "SECRET_KEY"]
    mark = prepared.fingerprint(root=root, data=home.path / "pg", also=asked)
    # A database that is not ours may have been changed by anybody since.
    is_ours = any(_name(service) == "postgres" for service in ours)
    if is_ours and prepared.is_prepared(home, mark):
        return Stage(services=ours)
    manage = (sys.executable, "manage.py")
    return Stage(
        services=ours,
        then=(
            Program(name="migrate", argv=(*manage, "migrate", "--no-input", "--verbosity", "1"), env=env, cwd=root),
            Program(name="bootstrap", argv=(*manage, "bootstrap", "--json"), env=env, cwd=root),
        ),
        afterwards=partial(prepared.set_mark, home, mark),
    )


def _sandbox(home: Home, root: Path, env: Mapping[str, str]) -> Service | None:
    if any(env.get(name) for name in (*MODELS, "NEXUS_SANDBOX_URL")):
        return None
    port = str(home.port("NEXUS_SANDBOX_PORT"))
    journal = home.path / "sandbox-journal.jsonl"  # what was asked stays as long as the ledger does
    argv = (
        sys.executable, "-m", "apps.sandbox", "--host", LOOPBACK, "--port", port, "--journal", str(journal),
    )  # fmt: skip
    url = f"http://{LOOPBACK}:{port}"
    return Service(
        program=Program(name="sandbox", argv=argv, env=env, cwd=root, patience=3.0),
        url=url,
        probe=partial(answers, url + "/healthz"),
    )


def _web(home: Home, root: Path, env: Mapping[str, str]) -> Service:
    port = str(home.port("NEXUS_WEB_PORT"))
    argv = (
        sys.executable, "-m", "uvicorn", "config.asgi:application", "--host", LOOPBACK, "--port", port,
        "--timeout-graceful-shutdown", "10", "--no-access-log", "--no-server-header",
        # A compressed frame has to be made for every client anew.
        "--ws-per-message-deflate", "false",
    )  # fmt: skip
    url = f"http://{LOOPBACK}:{port}"
    program = Program(name="web", argv=argv, env=env, cwd=root, patience=12.0)
    return Service(program=program, url=url, probe=partial(answers, url + "/readyz"))


def _dispatcher(root: Path, env: Mapping[str, str]) -> Service:
    argv = (sys.executable, "manage.py", "dispatcher")
    return Service(program=Program(name="dispatcher", argv=argv, env=env, cwd=root), says=_DISPATCHER_READY)


def _telegram(root: Path, env: Mapping[str, str]) -> Service:
    argv = (sys.executable, "manage.py", "telegram_bot")
    # Another process may work for the same bot: this one then stands by, and that is as good.
    return Service(program=Program(name="telegram", argv=argv, env=env, cwd=root), says=_TELEGRAM_READY)


def _worker(name: str, root: Path, env: Mapping[str, str]) -> Service:
    queues, pool, size = WORKERS[name]
    argv = (
        sys.executable, "-m", "celery", "-A", "config.celery", "worker", "-n", f"{name}@%h", "-Q", queues,
        "-P", pool, "-c", size, "--without-gossip", "--without-mingle",
    )  # fmt: skip
    # Warm first: no new work, finish what is in hand. Then cold: give it back.
    program = Program(name=f"worker-{name}", argv=argv, env=env, cwd=root, stop_with=(SIGTERM, SIGQUIT))
    return Service(program=program, says=_WORKER_READY)


def _flower(home: Home, root: Path, env: Mapping[str, str]) -> Service:
    port, password = str(home.port("NEXUS_FLOWER_PORT")), home.secret("NEXUS_FLOWER_PASSWORD")
    settings = {
        "FLOWER_ADDRESS": LOOPBACK,
        "FLOWER_PORT": port,
        "FLOWER_READ_ONLY": "true",
        "FLOWER_BASIC_AUTH": f"{ADMIN}:{password}",  # here, because an argument list is public
    }
    argv = (sys.executable, "-m", "celery", "-A", "config.celery", "flower")
    url = f"http://{LOOPBACK}:{port}"
    return Service(
        program=Program(name="flower", argv=argv, env=dict(env) | settings, cwd=root, patience=5.0),
        url=url,
        probe=partial(answers, url + "/healthcheck"),
    )


def _with_password(flower: Service) -> str:
    return flower.url.replace("://", f"://{flower.program.env['FLOWER_BASIC_AUTH']}@")


def answers(url: str) -> None:
    """Raise unless GET `url` is answered with 200. Asks directly: a proxy has no business on the loopback."""
    address, _, path = url.removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection(address, timeout=5)
    try:
        connection.request("GET", "/" + path)
        status = connection.getresponse().status
    finally:
        connection.close()
    if status != 200:
        raise ConnectionError(f"{url} answers {status}")


def _name(service: Service) -> str:
    return service.program.name


def _new_api_key() -> str:
    def draw(length: int) -> str:
        return "".join(secrets.choice(_ALPHANUMERIC) for _ in range(length))

    return f"nx_{draw(12)}_{draw(43)}"
