"""`manage.py bootstrap`: what an empty installation needs. Run it as often as you like."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from agents import roles
from agents.tools import install as tools
from apps.accounts.first_run import FirstRun, settle_in
from billing import pricebook
from nexus.errors import NexusError


class Command(BaseCommand):
    """Project "default", roles, tools, price book, the first user and the first API key."""

    help = "Create what is missing: project, roles, prices, admin user, API key. Changes nothing that is there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Only how to print."""
        parser.add_argument("--json", action="store_true", dest="as_json", help="one object on stdout")

    def handle(self, *, as_json: bool, **options: Any) -> None:
        """Do it in one transaction, one process at a time."""
        try:
            with transaction.atomic():
                _one_at_a_time()
                pricebook.install()
                roles.install()
                tools.install()
                done = settle_in()
        except NexusError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(json.dumps(done.as_json()) if as_json else _in_words(done))


def _one_at_a_time() -> None:
    # Two processes that start side by side would both find nothing and both create it.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('nexus.bootstrap'))")


def _in_words(done: FirstRun) -> str:
    admin = f"admin {done.admin}" if done.admin else "no admin (NEXUS_INIT_ADMIN_USER and _PASSWORD are not set)"
    key = f"API key nx_{done.api_key}_…" if done.api_key else "no API key (NEXUS_INIT_API_KEY is not set)"
    made = f"; new: {', '.join(done.created)}" if done.created else "; nothing was missing"
    return f"project {done.project}, {admin}, {key}{made}"
