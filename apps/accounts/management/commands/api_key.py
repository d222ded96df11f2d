"""`manage.py api_key issue|list|revoke`: keys from the terminal."""

from __future__ import annotations

import getpass
import json
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.accounts.issuing import issue, remember, revoke
from apps.accounts.models import SCOPES, ApiKey, User
from nexus import engine
from nexus.errors import NexusError
from workorders.models import Project


class Command(BaseCommand):
    """Issue, list and revoke API keys."""

    help = "Issue, list and revoke API keys. A new key is printed once, alone on stdout."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One sub-command per verb."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        new = verbs.add_parser("issue", help="print a new key")
        new.add_argument("--user", required=True)
        new.add_argument("--name", required=True, help="what it is for")
        new.add_argument("--project", help="slug of the only project it opens (default: all of the user's)")
        new.add_argument("--scope", action="append", dest="scopes", choices=SCOPES, help="may be repeated")
        new.add_argument("--days", type=int, help="expires after so many days")
        shown = verbs.add_parser("list", help="show keys, never their secrets")
        shown.add_argument("--json", action="store_true", dest="as_json")
        ended = verbs.add_parser("revoke", help="end a key now")
        ended.add_argument("public_id", help="the part between the underscores, or nx_<id>")

    def handle(self, *, verb: str, **options: Any) -> None:
        """Run the verb."""
        {"issue": self._issue, "list": self._list, "revoke": self._revoke}[verb](options)

    def _issue(self, options: dict[str, Any]) -> None:
        days = options["days"]
        if days is not None and not 1 <= days <= 3650:
            raise CommandError("--days is 1 to 3650")
        try:
            issued = issue(
                user=User.objects.get(username=options["user"]),
                name=options["name"][:100],
                scopes=options["scopes"] or SCOPES,
                project=Project.objects.get(slug=options["project"]) if options["project"] else None,
                expires_at=timezone.now() + timedelta(days=days) if days else None,
            )
        except (User.DoesNotExist, Project.DoesNotExist) as error:
            raise CommandError(f"{error} Nothing was issued.") from None
        except NexusError as error:
            raise CommandError(str(error)) from None
        with engine.through("cli"):
            remember("api_key.issued", issued.key, actor=getpass.getuser())
        self.stderr.write("This is shown once. Whoever has it acts as its user.")
        self.stdout.write(str(issued.token))

    def _list(self, options: dict[str, Any]) -> None:
        rows = [_row(key) for key in ApiKey.objects.with_owner().order_by("id")]
        if options["as_json"]:
            self.stdout.write(json.dumps(rows))
            return
        for row in rows:
            state = "revoked" if row["revoked_at"] else "in use"
            where = row["project"] or "all projects"
            self.stdout.write(f"{row['id']}  {row['user']}  {where}  {','.join(row['scopes'])}  {state}  {row['name']}")

    def _revoke(self, options: dict[str, Any]) -> None:
        public_id = options["public_id"].removeprefix("nx_").partition("_")[0]
        with engine.through("cli"):
            found = revoke(public_id=public_id, actor=getpass.getuser())
        if not found:
            raise CommandError(f"No key in use has the id {public_id}")
        self.stderr.write(f"nx_{public_id}_… is revoked")


def _row(key: ApiKey) -> dict[str, Any]:
    moments = {name: getattr(key, name) for name in ("created_at", "expires_at", "revoked_at", "last_used_at")}
    return {
        "id": key.public_id,
        "name": key.name,
        "user": key.user.username,
        "project": key.project.slug if key.project else None,
        "scopes": key.scopes,
        **{name: moment.isoformat() if moment else None for name, moment in moments.items()},
    }
