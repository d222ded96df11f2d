"""A web process of its own on the test's database: it can be killed at a crash point, and it has no Redis."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

from nexus.embedded.ports import LOOPBACK

from .people import ORDERS, Person
from .rivals import wait_for
from .stack import free_port

ROOT = Path(__file__).parents[2]
NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@dataclass(frozen=True)
class WebProcess:
    """A running one."""

    process: subprocess.Popen[bytes]
    port: int

    def files(self, person: Person, message: str, *, key: str | None = None) -> str | None:
        """File an order; return its id, or None when the process died before it answered."""
        line = http.client.HTTPConnection(LOOPBACK, self.port, timeout=30)
        headers = {"Authorization": f"Bearer {person.token}", "Content-Type": "application/json"}
        try:
            line.request(
                "POST", ORDERS, json.dumps({"message": message}), headers | ({"Idempotency-Key": key} if key else {})
            )
            answer = line.getresponse()
            body: Any = json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            return None
        finally:
            line.close()
        assert answer.status == 201, body
        return str(body["id"])

    def is_up(self) -> bool:
        """Does it answer?"""
        line = http.client.HTTPConnection(LOOPBACK, self.port, timeout=5)
        try:
            line.request("GET", "/healthz")
            return line.getresponse().status == 200
        except OSError:
            return False
        finally:
            line.close()


@contextmanager
def a_web_process(**env: str) -> Iterator[WebProcess]:
    """Start one as `bin/nexus up` does, until the block ends."""
    at = connection.settings_dict
    database = f"postgres://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "config.asgi:application", "--host", LOOPBACK, "--port", str(port),
         "--no-access-log"],
        cwd=ROOT, env={**os.environ, "DATABASE_URL": database, "REDIS_URL": NOBODY_LISTENS,
                       "DJANGO_SETTINGS_MODULE": "config.settings.test", **env},
    )  # fmt: skip
    web = WebProcess(process, port)
    try:
        wait_for(web.is_up, what="the web process")
        yield web
    finally:
        process.terminate()
        process.wait(30)
