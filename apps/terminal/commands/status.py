"""`status`: what runs on this home."""

from __future__ import annotations

import argparse
from typing import Any

from apps.terminal import place
from apps.terminal.console import Console, table
from apps.terminal.exits import OK, UNAVAILABLE
from nexus.embedded import stack, state


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Print addresses and processes; code 8 when nothing runs."""
    found = facts()
    if arguments.json:
        console.json(found)
    elif not found["processes"]:
        console.say(f"nothing runs on {found['home']}: bin/nexus up")
    else:
        rows = [(row["name"], str(row["pid"] or "-"), str(row["restarts"])) for row in found["processes"]]
        console.data(table([("PROCESS", "PID", "RESTARTS"), *rows]))
        shown = [(name.removesuffix("_url"), str(found[name] or "-")) for name in ("home", "web_url", "admin_url")]
        console.data("\n" + table([*shown, ("healthy", "yes" if found["healthy"] else "no: bin/nexus doctor")]))
    return OK if found["processes"] else UNAVAILABLE


def facts() -> dict[str, Any]:
    """Return what `status --json` prints."""
    found = place.running()
    addresses = {name: found.addresses.get(name) if found else None for name in state.ADDRESSES}
    processes = [
        {"name": process.name, "pid": process.pid, "restarts": process.restarts}
        for process in (found.processes if found else ())
    ]
    return {
        "home": str(place.home_path()),
        **addresses,
        "processes": processes,
        "healthy": found is not None and is_healthy(found),
    }


def is_healthy(found: state.State) -> bool:
    """Say whether every process works and the web process can do its work."""
    if not found.ready or not all(process.works and state.is_alive(process.pid) for process in found.processes):
        return False
    try:
        stack.answers(f"{found.addresses['web_url']}/readyz")
    except OSError:
        return False
    return True
