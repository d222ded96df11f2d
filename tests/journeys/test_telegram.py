"""The bot: from a phone to a deliverable, and every decision on the way. Real worker processes, the real client."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from apps.workflows import bringing
from tests.support import orders
from tests.support.media import wav
from tests.support.rivals import wait_for
from tests.support.stack import ROOT, Process, Stack
from tests.support.telegram import TOKEN, Phone, Telegram, buttons

ORDER = re.compile(r"WO-\d{8}-\d+")
BOT = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_EDIT_EVERY": "0.3", "TELEGRAM_WRITE_EVERY": "0.02"}
FETCHES = {"TELEGRAM_WEBHOOK_SECRET": ""}
"""What the web process has, and a bot that fetches its updates by itself has not."""


@pytest.fixture(scope="module")
def telegram(nexus: Stack) -> Iterator[Telegram]:
    """The double."""
    yield Telegram(nexus.sandbox_url)
    if "telegram" in nexus.running:
        nexus.kill("telegram")


@pytest.fixture
def brought(nexus: Stack, telegram: Telegram) -> Iterator[Telegram]:
    """The same, where the double brings updates to the web process, and the bot fetches none."""
    if "telegram" in nexus.running:
        nexus.kill("telegram")
    bot = start_bot(nexus, "telegram", **BOT)
    env = nexus.env | BOT | {"TELEGRAM_API_URL": nexus.sandbox_url}
    command = [sys.executable, "manage.py", "telegram_webhook", nexus.url]  # what an operator types
    subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, timeout=60)
    bot.says("is ready")
    yield telegram
    nexus.kill("telegram")
    with nexus.sandbox() as sandbox:
        assert sandbox.post(f"/bot{TOKEN}/deleteWebhook").json()["ok"]


def start_bot(nexus: Stack, name: str, **env: str) -> Process:
    return nexus.start(name, "manage.py", "telegram_bot", TELEGRAM_API_URL=nexus.sandbox_url, **(env or BOT | FETCHES))


@pytest.fixture
def ann(nexus: Stack, telegram: Telegram) -> Phone:
    """Somebody who is the installation's administrator here, and a bot that fetches what they write."""
    if "telegram" not in nexus.running:
        start_bot(nexus, "telegram").says("is ready")
    return an_administrator(nexus, telegram)


def an_administrator(nexus: Stack, telegram: Telegram) -> Phone:
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


def test_what_is_written_to_a_workflow_is_carried_out_by_it(nexus, ann):
    with nexus.client() as client:
        packed = {"file": ("rise.zip", bringing.sample(), "application/zip")}
        assert client.post("/api/workflows/import", files=packed).is_success
    ann.write("/workflow rise")
    chosen = ann.sees("Requests go to: rise")
    ann.write("How do I renew my identity card?")

    card = ann.sees("How do I renew my identity card?", after=chosen["message_id"])
    order = order_in(card)
    done = ann.sees(order, "completed", within=60)
    with nexus.client() as client:
        ran = client.get(f"/api/workflows/runs/{order}").json()
    reply = ann.sees(ran["assistantReply"].split("\n")[0][:40], after=card["message_id"])

    assert done["message_id"] == card["message_id"]
    assert (ran["status"], ran["workflow"]) == ("completed", "rise")
    assert len([stage for stage in ran["stages"] if stage["model"]]) > 1
    assert reply["message_id"] > card["message_id"]


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


def votes_of(nexus: Stack, run: int) -> list[tuple[str, str]]:
    votes = (
        "SELECT v.word, a.reason FROM nexus_vote v JOIN nexus_approval a ON a.id = v.approval_id WHERE a.run_id = %s"
    )
    return nexus.rows(votes, run)


def test_updates_that_telegram_brings_do_all_that_those_do_that_are_fetched(nexus, brought):
    ann, stranger = an_administrator(nexus, brought), brought.phone("Eve")
    ann.write(orders.REQUEST)
    ann.send("voice", wav(says=orders.REQUEST), mime_type="audio/wav")
    approved, rejected = submitted(nexus, "WO-20260217-9103"), submitted(nexus, "WO-20260217-9104")

    yes, no = (ann.sees(f"WO-20260217-{number}", "May this go out?") for number in (9103, 9104))
    assert stranger.popup(ann.press(yes, "Approve", by=stranger))["show_alert"]
    assert votes_of(nexus, approved) == []
    pressed = ann.press(yes, "Approve")
    assert "approved" in ann.popup(pressed)["text"]
    ann.press(no, "Reject")
    question = ann.sees("Why do you reject it?", after=no["message_id"])
    brought.again(pressed)
    ann.press_data(yes, yes["reply_markup"]["inline_keyboard"][0][0]["callback_data"])
    ann.write("The price is wrong", reply_to=question["message_id"])
    ann.sees("WO-20260217-9104", "rejected · board", "The price is wrong")

    assert (ended(nexus, approved), ended(nexus, rejected)) == ("completed", "cancelled")
    assert [len(votes_of(nexus, run)) for run in (approved, rejected)] == [1, 1]
    assert votes_of(nexus, rejected)[0][1] == "The price is wrong"
    for words in (("Draft a release checklist",), ("WO-", "Voice message")):
        card = ann.sees(*words, within=60)
        ann.sees(order_in(card), "completed", within=60)
    assert {call["status"] for call in brought.journal("webhook")} == {200}
    orders.assert_books_balance(nexus)
