"""`manage.py roles list|show|set`: who works, with which models, and how that came about."""

from __future__ import annotations

import getpass
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agents import roles, router
from agents.models import Role, RoleVersion
from nexus.errors import NexusError


class Command(BaseCommand):
    """List roles, show the history of one, change one."""

    help = "Who works: the models that a role asks, in order."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One sub-command per verb."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        shown = verbs.add_parser("list", help="every role, and whom it asks")
        shown.add_argument("--json", action="store_true", dest="as_json")
        verbs.add_parser("show", help="every version of a role").add_argument("role")
        change = verbs.add_parser("set", help="change a role")
        change.add_argument("role")
        change.add_argument("--chain", help="whom it asks, in order: provider/model,provider/model")
        change.add_argument("--effort", choices=("", "low", "medium", "high", "xhigh", "max"))
        change.add_argument("--max-output-tokens", type=int)
        change.add_argument("--reason", default="")

    def handle(self, *, verb: str, **options: Any) -> None:
        """Run the verb."""
        try:
            match verb:
                case "list":
                    self._list(as_json=options["as_json"])
                case "show":
                    self._show(options["role"])
                case _:
                    self._set(options)
        except NexusError as error:
            raise CommandError(str(error)) from None

    def _list(self, *, as_json: bool) -> None:
        found = [(role, [str(link) for link in router.links(role)]) for role in Role.objects.order_by("name")]
        if as_json:
            told = [
                {"role": role.name, "chain": chain, "effort": role.effort, "version": role.version}
                for role, chain in found
            ]
            self.stdout.write(json.dumps({"roles": told}))
            return
        for role, chain in found:
            self.stdout.write(f"{role.name:12} {' -> '.join(chain)}  (version {role.version})")

    def _show(self, name: str) -> None:
        roles.get(name)
        for version in RoleVersion.objects.filter(role=name):
            chain = " -> ".join(str(link) for link in router.links(version))
            why = f": {version.reason}" if version.reason else ""
            self.stdout.write(f"{version.version:4} {version.at:%Y-%m-%d %H:%M} {version.actor}{why}\n     {chain}")

    def _set(self, options: dict[str, Any]) -> None:
        to = {name: options[name] for name in ("effort", "max_output_tokens") if options[name] is not None}
        if options["chain"]:
            first, *others = [_link(one) for one in options["chain"].split(",")]
            to |= {**first, "chain": others}
        if not to:
            raise CommandError("nothing is to be changed: give --chain, --effort or --max-output-tokens")
        role = roles.change(options["role"], actor=getpass.getuser(), reason=options["reason"], **to)
        self.stdout.write(f"{role.name} is at version {role.version}")


def _link(written: str) -> dict[str, str]:
    provider, _, model = written.strip().partition("/")
    if not provider or not model:
        raise CommandError(f"{written!r} is not provider/model")
    return {"provider": provider, "model": model}
