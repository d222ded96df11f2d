"""A real web process on real servers, an ordinary user, and one of everything to ask about."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from tests.support.stack import ROOT, Stack

from .furnish import Furnished

MAKE = "from tests.fuzz.furnish import tell; tell()"


@dataclass(frozen=True)
class Ground(Furnished):
    """Where to ask, as whom, and what there is."""

    url: str


@contextmanager
def ground(home: Path) -> Iterator[Ground]:
    """Up for the length of the block; no worker and no dispatcher runs, so that nothing answers by itself."""
    server = os.environ["DATABASE_URL"]
    name = f"fuzz_{os.getpid()}_{time.monotonic_ns()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    made = Stack(home, f"{server.rpartition('/')[0]}/{name}")
    try:
        yield _furnished(made)
    finally:
        made.down()
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _furnished(made: Stack) -> Ground:
    for command in (["migrate", "-v0"], ["bootstrap", "--json"]):
        _run(made, *command)
    said = json.loads(_run(made, "shell", "--no-imports", "-c", MAKE).splitlines()[-1])
    made.start_web()
    return Ground(said["key"], said["known"], made.url)


def _run(made: Stack, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *command], cwd=ROOT, env=made.env, check=True, capture_output=True, text=True
    )
    return done.stdout
