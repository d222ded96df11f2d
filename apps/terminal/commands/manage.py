"""`manage …`: Django's own commands, with the environment of this home."""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
from collections.abc import Iterator, Mapping

from apps.terminal import place
from apps.terminal.console import Console
from nexus.embedded import prepared, stack
from nexus.embedded.home import Home
from nexus.embedded.locks import only_supervisor
from nexus.embedded.servers import launch

#: Where the processes find each other; what `up` decided counts for a command beside it.
_ADDRESSES = {"DATABASE_URL": "database_url", "REDIS_URL": "redis_url", "NEXUS_SANDBOX_URL": "sandbox_url"}


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run manage.py; what is missing of Postgres and Valkey runs for as long as it does."""
    home = place.home()
    with environment(home) as env:
        code = subprocess.run(
            [sys.executable, "manage.py", *arguments.rest], cwd=place.ROOT, env=dict(env), check=False
        ).returncode
    # It may have changed what a start takes for granted.
    prepared.set_mark(home, "")
    return code if code >= 0 else 128 - code


@contextlib.contextmanager
def environment(home: Home) -> Iterator[Mapping[str, str]]:
    """Give the environment of this home's processes, with servers that answer."""
    env = stack.environment(home, environ=place.environ())
    found = place.running()
    if found is not None:
        yield env | {name: str(found.addresses[key]) for name, key in _ADDRESSES.items() if found.addresses.get(key)}
        return
    with only_supervisor(home), contextlib.ExitStack() as servers:
        addresses, ours = stack.servers(home, environ=place.environ())
        for service in ours:
            server = launch(service, log=home.path / "logs" / f"{service.program.name}.log")
            servers.callback(server.stop)
        yield env | addresses
