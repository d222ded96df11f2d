"""The bot: from a phone to a deliverable, and every decision on the way. Real worker processes, the real client."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.support import orders
from tests.support.media import wav
from tests.support.rivals import wait_for
from tests.support.stack import Process, Stack
from tests.support.telegram import TOKEN, Phone, Telegram, buttons

ORDER = re.compile(r"WO-\d{8}-\d+")
BOT = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_EDIT_EVERY": "0.3", "TELEGRAM_WRITE_EVERY": "0.02"}


@pytest.fixture(scope="module")
def telegram(nexus: Stack) -> Iterator[Telegram]:
    """The double, and a bot that works with it."""
    start_bot(nexus, "telegram").says("is ready")
    yield Telegram(nexus.sandbox_url)
    nexus.kill("telegram")


def start_bot(nexus: Stack, name: str) -> Process:
    return nexus.start(name, "manage.py", "telegram_bot", **BOT, TELEGRAM_API_URL=nexus.sandbox_url)


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


def test_a_voice_message_becomes_an_order_that_is_followed_to_its_end(nexus, ann):
    ann.send("voice", wav(says=orders.REQUEST), mime_type="audio/wav")

    card = ann.sees("WO-", "Voice message")
    order = order_in(card)
    ann.sees(order, "completed", within=60)
    ann.sees("Celery", after=card["message_id"])

    with nexus.client() as client:
        view = orders.settled(client, order)
    assert orders.REQUEST in view["message"]
    assert view["attachments"]
    orders.assert_books_balance(nexus)


def submitted(nexus: Stack, subject: str) -> int:
    """A run of the project whose first task asks people."""
    ((project,),) = nexus.rows("SELECT id FROM workorders_project WHERE slug = 'default'")
    tasks = [{"key": "one", "type": "test.proposes"}, {"key": "two", "type": "test.tool", "after": ("one",)}]
    return nexus.submit_all(tasks, subject=subject, tenant=str(project))


def ended(nexus: Stack, run: int) -> str:
    state = "SELECT state FROM nexus_run WHERE id = %s AND state <> 'open'"
    return str(wait_for(lambda: nexus.rows(state, run), what="the end")[0][0])


def test_a_press_approves_and_the_work_goes_on(nexus, telegram, ann):
    run = submitted(nexus, "WO-20260217-9101")
    card = ann.sees("WO-20260217-9101", "May this go out?")
    stranger = telegram.phone("Eve")

    foreign = ann.press(card, "Approve", by=stranger)
    assert stranger.popup(foreign)["show_alert"]
    assert nexus.rows("SELECT outcome FROM nexus_approval WHERE run_id = %s", run) == [(None,)]
    pressed = ann.press(card, "Approve")

    assert "approved" in ann.popup(pressed)["text"]
    assert ended(nexus, run) == "completed"
    done = ann.sees("WO-20260217-9101", "approved · board")
    assert (done["message_id"], buttons(done)) == (card["message_id"], [])
    telegram.again(pressed)
    ann.press_data(card, card["reply_markup"]["inline_keyboard"][0][0]["callback_data"])
    ann.write("/help")
    ann.sees("work order", after=card["message_id"])
    assert nexus.rows("SELECT count(*) FROM nexus_vote v JOIN nexus_approval a ON a.id = v.approval_id"
                      " WHERE a.run_id = %s", run) == [(1,)]  # fmt: skip


def test_a_rejection_asks_why_and_a_bot_that_took_over_hears_the_reason(nexus, telegram, ann):
    run = submitted(nexus, "WO-20260217-9102")
    card = ann.sees("WO-20260217-9102", "May this go out?")
    ann.press(card, "Reject")
    question = ann.sees("Why do you reject it?", after=card["message_id"])

    second = start_bot(nexus, "telegram-2")
    second.says("standing by")
    nexus.kill("telegram")
    second.says("is ready")
    ann.write("The price is wrong", reply_to=question["message_id"])

    assert ended(nexus, run) == "cancelled"
    done = ann.sees("WO-20260217-9102", "rejected · board", "The price is wrong")
    assert done["message_id"] == card["message_id"]
    assert nexus.rows("SELECT reason FROM nexus_approval WHERE run_id = %s", run) == [("The price is wrong",)]
    nexus.kill("telegram-2")
    start_bot(nexus, "telegram").says("is ready")


def test_updates_that_come_again_after_a_kill_file_one_order(nexus, telegram, ann):
    update = ann.write("Draft a short note about doubled updates")
    card = ann.sees("doubled updates")
    nexus.kill("telegram")
    telegram.again(update)
    start_bot(nexus, "telegram").says("is ready")
    telegram.again(update)
    ann.write("/help")
    ann.sees("/status", after=card["message_id"])

    found = nexus.rows("SELECT count(*) FROM workorders_workorder WHERE message LIKE '%%doubled updates%%'")
    assert found == [(1,)]
    order = order_in(card)
    ann.sees(order, "completed", within=60)
