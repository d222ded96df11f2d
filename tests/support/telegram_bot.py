"""A bot without a process: each step is done when a test says so, against the double, by the real client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.test import override_settings

from nexus import engine

from .gates import asked
from .people import Cast, Person
from .runs import spec
from .telegram import TOKEN, Json, Phone, Telegram

ORDER = "WO-20260217-0001"


@dataclass
class Bot:
    """What the process does, step by step."""

    telegram: Telegram
    client: Any

    def turn(self) -> None:
        """Fetch, hear, look at orders and approvals, and say everything that may be said now."""
        from apps.telegram import approvals, following, notices, outbox, polling

        while polling.fetch(self.client, hold=0):
            pass
        self.hear()
        for refresh in (following.refresh, approvals.refresh, notices.refresh):
            while refresh():
                pass
        while outbox.send_due(self.client):
            pass

    def hear(self) -> None:
        """Handle what was fetched."""
        from apps.telegram import hearing
        from apps.telegram.models import Update

        while (update := Update.objects.due().first()) is not None:
            before = (update.tries, update.due_at)
            hearing.hear(update, self.client)
            update.refresh_from_db()
            assert update.handled_at or (update.tries, update.due_at) != before, update.error

    def linked(self, person: Person, name: str = "", **more: Any) -> Phone:
        """Their phone, known to the bot; what was said until now is behind it."""
        from apps.telegram import people

        phone = self.telegram.phone(name or person.user.get_username().capitalize(), **more)
        phone.write(f"/start {people.new_code(person.user).code}")
        self.turn()
        return phone

    def write(self, phone: Phone, text: str = "", **more: Any) -> Json:
        """They write, and the bot answers; return what it said last."""
        phone.write(text, **more)
        self.turn()
        return phone.said()[-1]

    def press(self, phone: Phone, message: Json, button: str, **more: Any) -> Json:
        """They press, and the bot acts; return the popup."""
        update = phone.press(message, button, **more)
        self.turn()
        return phone.popup(update)


@contextmanager
def a_bot() -> Iterator[Bot]:
    """A bot and its double, for the length of the block. It writes as often as it likes."""
    from apps.sandbox.server import running
    from apps.telegram.client import Client

    with running() as sandbox:
        named = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": sandbox.url, "TELEGRAM_WEBHOOK_SECRET": ""}
        with override_settings(**named, TELEGRAM_EDIT_EVERY=0.0, TELEGRAM_WRITE_EVERY=0.0), Client() as client:
            yield Bot(Telegram(sandbox.url), client)


def an_approval(bot: Bot, cast: Cast, **gate: Any) -> engine.Approval:
    """An open one, of which everybody was told who has to know."""
    with transaction.atomic():
        run = engine.submit(
            tenant=str(cast.acme.pk), subject=ORDER,
            tasks=[spec("one", "test.proposes", input={"gate": gate}), spec("two", after=("one",))],
        )  # fmt: skip
    approval = asked(run=run)
    bot.turn()
    return approval


def card_of(phone: Phone) -> Json:
    """What they were shown of it, as it stands."""
    return next(one for one in reversed(phone.said()) if "May this go out?" in one["text"])


def now(approval: engine.Approval) -> engine.Approval:
    """As it is now."""
    return engine.approvals.get(pk=approval.pk)
