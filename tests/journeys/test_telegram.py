"""The bot: from a phone to a deliverable, and every decision on the way. Real worker processes, the real client."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.support import orders
from tests.support.stack import Stack
from tests.support.telegram import TOKEN, Phone, Telegram

ORDER = re.compile(r"WO-\d{8}-\d+")
BOT = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_EDIT_EVERY": "0.3", "TELEGRAM_WRITE_EVERY": "0.02"}


@pytest.fixture(scope="module")
def telegram(nexus: Stack) -> Iterator[Telegram]:
    """The double, and a bot that works with it."""
    nexus.start("telegram", "manage.py", "telegram_bot", **BOT, TELEGRAM_API_URL=nexus.sandbox_url)
    nexus.running["telegram"].says("is ready")
    yield Telegram(nexus.sandbox_url)
    nexus.kill("telegram")


@pytest.fixture
def ann(nexus: Stack, telegram: Telegram) -> Phone:
    """Somebody who is the installation's administrator here."""
    phone = telegram.phone("Ann")
    with nexus.client() as client:
        code = client.post("/api/telegram/codes", json={}).json()["code"]
    phone.write(f"/start {code}")
    phone.sees("You are board here")
    return phone


def order_in(message: dict) -> str:
    found = ORDER.search(message["text"])
    assert found, message
    return found[0]


def test_a_text_becomes_an_order_that_is_followed_to_its_end(nexus, ann):
    ann.write(orders.REQUEST)

    card = ann.sees("Draft a release checklist")
    order = order_in(card)
    done = ann.sees(order, "completed", within=60)
    result = ann.sees("Celery", after=card["message_id"])

    assert done["message_id"] == card["message_id"]
    assert "Difficulty:" in done["text"]
    assert "sandbox" in done["text"]
    with nexus.client() as client:
        view = orders.settled(client, order)
    assert view["status"] == "completed"
    assert result["text"].split("\n")[0] in view["deliverable"]["text"]
    orders.assert_books_balance(nexus)
