"""`manage.py init_resources`: what the builder stands on. Run it as often as you like."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from apps.builder import resources
from nexus.errors import NexusError


class Command(BaseCommand):
    """Tables, queues and default rows: made, listed, or cleared and made again."""

    help = "Create what builds need and is missing; --list shows it; --clean deletes every build and agent first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What is wanted."""
        parser.add_argument("--list", action="store_true", dest="shows", help="only show what is there")
        parser.add_argument("--clean", action="store_true", help="delete all builds, agents and their files first")
        parser.add_argument("--yes", action="store_true", help="do not ask before --clean")
        parser.add_argument("--json", action="store_true", dest="as_json", help="JSON on stdout")

    def handle(self, *, shows: bool, clean: bool, yes: bool, as_json: bool, **options: Any) -> None:
        """Do it, and show what is there then."""
        try:
            if not shows:
                call_command("migrate", verbosity=0, interactive=False)
                if clean:
                    self._clean(yes=yes)
                resources.install()
        except NexusError as error:
            raise CommandError(str(error)) from None
        found = [asdict(one) for one in resources.listed()]
        if as_json:
            self.stdout.write(json.dumps({"resources": found}))
            return
        for one in found:
            rows = "missing" if one["rows"] is None else one["rows"]
            self.stdout.write(f"{one['kind']:6} {one['name']:16} {one['table']:24} {rows}")

    def _clean(self, *, yes: bool) -> None:
        if not yes and not self._agrees():
            raise CommandError("Nothing was deleted; --yes says that it may be")
        self.stderr.write(f"deleted {resources.clear()} rows")

    def _agrees(self) -> bool:
        """Whether somebody at a terminal says so; where nobody is, nobody does."""
        if not sys.stdin.isatty():
            return False
        self.stderr.write("This deletes every build, agent, invocation and their files. Type `delete` to go on: ")
        return sys.stdin.readline().strip() == "delete"
