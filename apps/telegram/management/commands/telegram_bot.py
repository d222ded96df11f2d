"""`manage.py telegram_bot`: the bot. Run any number: one works, the others stand by."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.telegram.bot import Bot
from apps.telegram.errors import NoToken


class Command(BaseCommand):
    """Run the bot until it is told to stop."""

    help = "Fetch or await updates from Telegram, handle them, and say what is to be said."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        try:
            Bot().run()
        except NoToken as error:
            raise CommandError(f"{error} @BotFather on Telegram gives one.") from None
