"""`manage.py telegram_code USER`: a one-time code by which somebody says to the bot who they are."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.models import User
from apps.telegram import people


class Command(BaseCommand):
    """Print a code."""

    help = "Print a one-time code. Whoever sends it to the bot acts as this user from then on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose."""
        parser.add_argument("user")

    def handle(self, *args: Any, user: str, **options: Any) -> None:
        """Print it, alone on stdout."""
        try:
            code = people.new_code(User.objects.get(username=user))
        except User.DoesNotExist as error:
            raise CommandError(str(error)) from None
        self.stderr.write(f"Good once, until {code.expires_at:%H:%M UTC}. Send the bot: /start {code.code}")
        self.stdout.write(code.code)
