"""`manage.py telegram_webhook`: let Telegram bring its updates, show whether it does, or fetch them again."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from telegram.error import TelegramError

from apps.telegram import inbox
from apps.telegram.client import LOOPBACK, Client
from apps.telegram.errors import NoToken
from apps.telegram.webhook import SECRET

PATH = "/api/telegram/webhook"


class Command(BaseCommand):
    """Set, show or delete the webhook."""

    help = "Let Telegram bring updates to this installation's address, show whether it does, or stop it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """An address, or --delete; neither shows what is set."""
        parser.add_argument("url", nargs="?", default="", help="https address of this installation")
        parser.add_argument("--delete", action="store_true", help="fetch updates again in place of having them brought")

    def handle(self, *args: Any, url: str, delete: bool, **options: Any) -> None:
        """Do it, and show what Telegram says then."""
        try:
            with Client() as client:
                if delete:
                    client.call(lambda bot: bot.delete_webhook())
                elif url:
                    self._set(client, url)
                info = client.call(lambda bot: bot.get_webhook_info())
        except (NoToken, TelegramError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(json.dumps(info.to_dict(), indent=2))

    def _set(self, client: Client, url: str) -> None:
        where = urlsplit(url)
        if where.scheme != "https" and where.hostname not in LOOPBACK:
            raise CommandError("The address begins with https://: Telegram brings updates nowhere else.")
        secret = settings.TELEGRAM_WEBHOOK_SECRET
        if not SECRET.fullmatch(secret):
            raise CommandError("Set TELEGRAM_WEBHOOK_SECRET first: 1 to 256 of A-Z a-z 0-9 _ -")
        target = url.rstrip("/") if where.path.rstrip("/").endswith(PATH) else url.rstrip("/") + PATH
        client.call(
            lambda bot: bot.set_webhook(target, secret_token=secret, allowed_updates=list(inbox.KINDS))
        )  # fmt: skip
