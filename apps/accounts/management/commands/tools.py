"""`manage.py tools list|allow|ask|deny|forget|enable|disable`: who may use which tool, from the terminal."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agents.models import RegisteredTool, ToolRule
from agents.tools import install
from apps.accounts.projects import slugs, tenant_of
from nexus.errors import NotThere

VERDICTS = ("allow", "ask", "deny")


class Command(BaseCommand):
    """List tools, switch them on and off, and write rules."""

    help = "Who may use which tool. A rule is for a role, a project or an order; for all of them where it names none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One sub-command per verb."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        shown = verbs.add_parser("list", help="every tool, and every rule")
        shown.add_argument("--json", action="store_true", dest="as_json")
        for verb in (*VERDICTS, "forget"):
            rule = verbs.add_parser(verb, help="take a rule back" if verb == "forget" else f"write a rule: {verb}")
            rule.add_argument("tool", help="a name, or the beginning of one and a star")
            for where in ("role", "project", "order"):
                rule.add_argument(f"--{where}", default="")
        for verb in ("enable", "disable"):
            verbs.add_parser(verb, help=f"{verb} a tool for everybody").add_argument("tool")

    def handle(self, *, verb: str, **options: Any) -> None:
        """Run the verb."""
        install.install()
        if verb == "list":
            self._list(as_json=options["as_json"])
        elif verb in ("enable", "disable"):
            self._switch(options["tool"], enabled=verb == "enable")
        else:
            self._rule(verb, options)

    def _list(self, *, as_json: bool) -> None:
        tools = list(RegisteredTool.objects.values("name", "effect", "permission", "source", "enabled", "uses"))
        named = slugs()
        rules = list(ToolRule.objects.values("tool", "role", "project", "order", "verdict"))
        for rule in rules:
            rule["project"] = named.get(rule["project"], rule["project"])
        if as_json:
            self.stdout.write(json.dumps({"tools": tools, "rules": rules}))
            return
        for tool in tools:
            off = "" if tool["enabled"] else "  disabled"
            self.stdout.write(f"{tool['name']:32} {tool['effect']:10} {tool['permission']:6} {tool['uses']} uses{off}")
        for rule in rules:
            where = ", ".join(f"{name} {rule[name]}" for name in ("role", "project", "order") if rule[name])
            self.stdout.write(f"{rule['verdict']} {rule['tool']} for {where or 'everybody'}")

    def _switch(self, tool: str, *, enabled: bool) -> None:
        if not RegisteredTool.objects.filter(name=tool).update(enabled=enabled):
            raise CommandError(f"There is no tool {tool!r}")
        self.stdout.write(f"{tool} is {'enabled' if enabled else 'disabled'}")

    def _rule(self, verb: str, options: dict[str, Any]) -> None:
        place = {name: options[name] for name in ("tool", "role", "project", "order")}
        try:
            place["project"] = tenant_of(options["project"])
        except NotThere as error:
            raise CommandError(str(error)) from None
        if verb == "forget":
            gone, _ = ToolRule.objects.filter(**place).delete()
            self.stdout.write(f"{gone} rules taken back")
            return
        ToolRule.objects.update_or_create(**place, defaults={"verdict": verb})
        self.stdout.write(f"{verb} {options['tool']}")
