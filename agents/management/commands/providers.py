"""`manage.py providers check|keys|set-key|forget-key|rotate`: whom models are asked of, and with which keys."""

from __future__ import annotations

import getpass
import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agents import checkup, keys
from agents.models import ProviderKey
from agents.providers import endpoints
from nexus.errors import NexusError


class Command(BaseCommand):
    """Look at providers, and keep their keys."""

    help = "Whom models are asked of: what is wrong with each, and their keys."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One sub-command per verb."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        for verb, text in (
            ("check", "ask each for its models, and say what is wrong"),
            ("keys", "the keys that are kept"),
        ):
            verbs.add_parser(verb, help=text).add_argument("--json", action="store_true", dest="as_json")
        put = verbs.add_parser("set-key", help="keep a key, encrypted; it is read from the terminal or from stdin")
        put.add_argument("provider")
        verbs.add_parser("forget-key", help="forget a key").add_argument("provider")
        verbs.add_parser("rotate", help="lock every key with the first secret of NEXUS_KEYS_SECRET")

    def handle(self, *, verb: str, **options: Any) -> None:
        """Run the verb."""
        try:
            match verb:
                case "check":
                    self._check(as_json=options["as_json"])
                case "keys":
                    self._keys(as_json=options["as_json"])
                case "set-key":
                    self._put(options["provider"])
                case "forget-key":
                    self._forget(options["provider"])
                case _:
                    self.stdout.write(f"{keys.rotate()} keys are locked with the first secret")
        except NexusError as error:
            raise CommandError(str(error)) from None

    def _check(self, *, as_json: bool) -> None:
        found = checkup.run()
        if as_json:
            self.stdout.write(json.dumps({"providers": [finding.shown() for finding in found]}))
        for finding in found if not as_json else ():
            what = f"{finding.provider}/{finding.model}" if finding.model else finding.provider
            mend = f"\n{'':34}-> {finding.fix}" if finding.fix else ""
            self.stdout.write(f"{what:32} {'ok' if finding.is_well else '!!'} {finding.detail}{mend}")
        if not all(finding.is_well for finding in found):
            raise CommandError("something has to be done", returncode=1)

    def _keys(self, *, as_json: bool) -> None:
        rows = list(ProviderKey.objects.values("provider", "prefix", "set_by", "set_at", "last_used_at"))
        if as_json:
            self.stdout.write(json.dumps({"keys": rows}, default=str))
            return
        for row in rows:
            used = row["last_used_at"] or "never"
            self.stdout.write(f"{row['provider']:16} {row['prefix']}…  set by {row['set_by']}, last used {used}")

    def _put(self, provider: str) -> None:
        endpoints.get(provider)
        # Never as an argument: those are seen by everybody on the machine and kept by the shell.
        key = getpass.getpass("Key: ") if sys.stdin.isatty() else sys.stdin.readline()
        if not key.strip():
            raise CommandError("no key was given")
        row = keys.put(provider, key.strip(), actor=getpass.getuser())
        self.stdout.write(f"kept for {provider}: {row.prefix}…")

    def _forget(self, provider: str) -> None:
        if not keys.forget(provider, actor=getpass.getuser()):
            raise CommandError(f"no key is kept for {provider}")
        self.stdout.write(f"forgotten: the key of {provider}")
