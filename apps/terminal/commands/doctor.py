"""`doctor`: looks at everything, says what is wrong and how to mend it."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from apps.terminal import checks, place
from apps.terminal.console import Console, table
from apps.terminal.exits import FAILED, OK
from nexus.embedded import preflight
from nexus.embedded.preflight import Check


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Print one line per check; code 1 when one is red, after the repair if it was asked for."""
    machine = preflight.machine(place.home_path(), environ=place.environ())
    found = [*machine, *checks.installation(repair=arguments.repair)]
    well = all(check.ok for check in found)
    if arguments.json:
        console.json({"ok": well, "checks": [asdict(check) for check in found]})
        return OK if well else FAILED
    console.data(table([_row(check, console) for check in found]))
    for check in found:
        if not check.ok and check.fix:
            console.data(f"\n{check.name}: {check.fix}")
    return OK if well else FAILED


def _row(check: Check, console: Console) -> tuple[str, ...]:
    return ("ok" if check.ok else "BAD", check.name, " ".join(check.detail.split()))
