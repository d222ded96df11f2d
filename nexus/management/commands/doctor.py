"""`manage.py doctor`: the invariants of the engine, counted."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from nexus import engine

MENDABLE = "Mend it: `bin/nexus doctor --repair`, or `manage.py doctor --repair`"
NOT_MENDABLE = "Rows disagree with each other: keep a dump and report it"


class Command(BaseCommand):
    """Show what must always hold and how many rows break it; mend what is safe to mend; exit 1 when any is left."""

    help = "Check the engine: invariants, dispatcher."

    def add_arguments(self, parser: CommandParser) -> None:
        """--json for machines; --repair to mend."""
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
        parser.add_argument("--repair", action="store_true", help="mend what can be mended while everything runs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the checks."""
        found = engine.repair_broken() if options["repair"] else engine.count_broken()
        checks = [self._dispatcher(), *map(self._invariant, found)]
        if options["json"]:
            self.stdout.write(json.dumps({"checks": checks}))
        else:
            for check in checks:
                self.stdout.write(f"{'ok ' if check['ok'] else 'BAD'} {check['name']}: {check['detail']}")
        if not all(check["ok"] for check in checks):
            sys.exit(1)

    def _dispatcher(self) -> dict[str, object]:
        alive = engine.dispatcher_seen_for(timedelta(seconds=15))
        return {
            "name": "dispatcher",
            "ok": alive,
            "detail": f"last seen {engine.dispatcher_seen_at() or 'never'}",
            "fix": ""
            if alive
            else "No dispatcher is running, so nothing is rung: start one with `manage.py dispatcher`",
        }

    def _invariant(self, broken: Any) -> dict[str, object]:
        return {
            "name": f"invariant:{broken.name}",
            "ok": broken.rows == 0,
            "detail": f"{broken.rows} {broken.what}" + (f"; {broken.repaired} mended" if broken.repaired else ""),
            "fix": "" if broken.rows == 0 else MENDABLE if broken.repairable else NOT_MENDABLE,
        }
