"""A real web process on real servers, an ordinary user, and one of everything to ask about."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import psycopg
from psycopg import sql

from tests.support.sent_files import png
from tests.support.stack import ROOT, Stack

MAKE = """
from apps.accounts.issuing import issue
from apps.accounts.models import Membership, User
from workorders.models import Project
project = Project.objects.get(slug="default")
user = User.objects.create_user("ada")
Membership.objects.create(user=user, project=project, role="owner")
Membership.objects.create(user=User.objects.create_user("ben"), project=project, role="viewer")
print("key", issue(user=user, name="fuzz").token)
"""


@dataclass(frozen=True)
class Ground:
    """Where to ask, as whom, and what there is."""

    url: str
    key: str
    known: Mapping[str, str]
    """Name of a part of a path -> one that exists, where the name means one thing everywhere."""

    def client(self) -> httpx2.Client:
        """A client with the key."""
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=30, trust_env=False)


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
    said = _run(made, "shell", "--no-imports", "-c", MAKE)
    key = next(line.split()[1] for line in said.splitlines() if line.startswith("key "))
    made.start_web()
    there = Ground(made.url, key, {})
    with there.client() as client:
        return Ground(made.url, key, one_of_everything(client))


def _run(made: Stack, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *command], cwd=ROOT, env=made.env, check=True, capture_output=True, text=True
    )
    return done.stdout


def one_of_everything(client: httpx2.Client) -> dict[str, str]:
    """Make one of each thing that a path may name."""

    def made(path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = client.post(path, json=body)
        assert answer.is_success, answer.text
        return dict(answer.json())

    order = {"message": "Compare three message brokers"}
    hook = made("/api/v2/webhooks", {"url": "https://example.com/", "kinds": ["*"]})["id"]
    kept = client.post("/api/v2/attachments", files={"file": ("photo.png", png(), "image/png")})
    assert kept.is_success, kept.text
    return {
        "/api/v2/work-orders public_id": made("/api/v2/work-orders", order)["id"],
        "/api/v2/attachments public_id": kept.json()["data"]["file_id"],
        "session_id": made("/api/v2/sessions", {})["data"]["session_id"],
        "agent_id": "intern",
        "hook_id": hook,
        "message_id": made(f"/api/v2/webhooks/{hook}/ping", {})["id"],
        "schedule_id": made("/api/v2/schedules", {"name": "x", "cron": "@daily", "order": order})["id"],
        "inlet_id": made("/api/v2/inlets", {"name": "x", "order": order})["id"],
        "key_id": made("/api/v2/api-keys", {"name": "another"})["id"],
        "/api/v2/teams project": "default",
        "username": "ben",
    }
