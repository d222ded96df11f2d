"""What the bot says: the live message of an order, its question, its results; at the pace that Telegram allows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models.functions import Now

from apps.telegram import chores, polling
from apps.telegram.models import Account, Chat, Following, Message, Update
from nexus import engine
from nexus.settlement.settle import Ending, settle
from nexus.telemetry.log import redact
from tests.support.people import Cast, a_cast
from tests.support.runs import ALICE, claimed
from tests.support.telegram import TOKEN
from workorders.models import WorkOrder
from workorders.states import ASKS_BACK

pytestmark = pytest.mark.django_db(transaction=True)
REQUEST = "Draft a release checklist for our service"


@pytest.fixture
def cast() -> Cast:
    return a_cast()


def test_the_live_message_changes_with_the_order_and_only_then(bot, cast):
    phone = bot.linked(cast.alice)
    card = bot.write(phone, REQUEST)
    order = WorkOrder.objects.get()
    bot.turn()
    edits = len(bot.telegram.journal("editMessageText"))

    engine.pause(run_id=order.run_id)
    bot.turn()
    bot.turn()

    assert len(bot.telegram.journal("editMessageText")) == edits + 1
    assert "paused" in next(one for one in phone.chat() if one["message_id"] == card["message_id"])["text"]


def test_an_edit_waits_for_its_time_and_tells_the_latest(bot, cast, settings):
    phone = bot.linked(cast.alice)
    bot.write(phone, REQUEST)
    order = WorkOrder.objects.get()
    settings.TELEGRAM_EDIT_EVERY = 60.0
    engine.pause(run_id=order.run_id)
    bot.turn()
    engine.resume(run_id=order.run_id)
    engine.cancel(run_id=order.run_id)
    bot.turn()
    assert "paused" in phone.said()[-1]["text"]

    Message.objects.update(due_at=Now())
    bot.turn()

    assert "cancelled" in phone.said()[-1]["text"]
    assert Following.objects.get().ended_at


def test_a_question_is_answered_by_replying_to_it(bot, cast):
    phone = bot.linked(cast.alice)
    bot.write(phone, "whatever")
    order = WorkOrder.objects.get()
    _asks_back(order, "Which database, and by when?")
    bot.turn()
    question = phone.said()[-1]
    assert "Which database" in question["text"]
    assert question["_force_reply"]

    answered = bot.write(phone, "PostgreSQL, on Monday", reply_to=question["message_id"])

    order.refresh_from_db()
    assert order.message == "whatever\n\nPostgreSQL, on Monday"
    assert "goes on" in answered["text"]
    assert engine.tasks.of(order.run_id).get().state == "ready"
    assert WorkOrder.objects.count() == 1


def _asks_back(order: WorkOrder, question: str) -> None:
    """As triage does."""
    WorkOrder.objects.filter(pk=order.pk).update(question=question)
    held = claimed(order.run, "triage")
    settle(held, Ending(move="parked", wait={"code": ASKS_BACK, "message": question}), ALICE, go_on=False)


@pytest.mark.parametrize(
    ("size", "calls"), [(3_000, ["sendmessage"]), (11_000, ["sendmessage"] * 3), (40_000, ["senddocument"])]
)
def test_results_are_messages_or_a_file(bot, cast, size, calls):
    phone = bot.linked(cast.alice)
    bot.write(phone, REQUEST)
    order = WorkOrder.objects.get()
    text = "\n".join(f"{n}. <b>& a line of the result" for n in range(size // 30))
    order.deliverables.create(name="result.md", body=text, sha256="0" * 64)
    before = len(bot.telegram.journal())
    with transaction.atomic():
        engine.tell(run_id=order.run_id, kind="order.delivered", data={})
    engine.runs.filter(pk=order.run_id).update(state="completed", finished_at=Now())
    bot.turn()

    made = [one for one in bot.telegram.journal()[before:] if one["method"].startswith("send")]
    assert [one["method"] for one in made] == calls
    if calls == ["senddocument"]:
        assert made[0]["params"]["document"]["filename"] == "result.md"
    else:
        assert "\n".join(one["text"] for one in phone.said()[-len(calls) :]).split() == text.split()


def test_429_is_obeyed_for_that_chat_and_for_no_other(bot, cast):
    alice, bob = bot.linked(cast.alice), bot.linked(cast.bob)
    bot.telegram.fail(
        method="sendMessage", error_code=429, description="Too Many Requests: retry after 7",
        parameters={"retry_after": 7}, chat_id=alice.id,
    )  # fmt: skip
    alice.write("/help")
    bob.write("/help")
    bot.turn()
    tried = len(bot.telegram.journal("sendMessage", chat=alice.id))

    assert "work order" in bob.said()[-1]["text"]
    assert "work order" not in alice.said()[-1]["text"]
    waits = Chat.objects.get(chat_id=alice.id).free_at
    assert timedelta(seconds=5) < waits - Update.objects.latest("received_at").received_at < timedelta(seconds=9)
    bot.turn()
    assert len(bot.telegram.journal("sendMessage", chat=alice.id)) == tried, "nothing is tried before its time"

    Chat.objects.update(free_at=Now())
    bot.turn()
    assert "work order" in alice.said()[-1]["text"]


def test_what_telegram_cannot_read_is_said_plainly(bot, cast):
    phone = bot.linked(cast.alice)
    bot.telegram.fail(
        method="sendMessage", error_code=400,
        description="Bad Request: can't parse entities: Unsupported start tag \"x\" at byte offset 0",
    )  # fmt: skip
    said = bot.write(phone, "/status")

    assert "entities" not in said
    assert Message.objects.filter(given_up_at__isnull=False).count() == 0


def test_a_message_that_was_deleted_is_said_anew(bot, cast):
    phone = bot.linked(cast.alice)
    card = bot.write(phone, REQUEST)
    bot.telegram.fail(method="editMessageText", error_code=400, description="Bad Request: message to edit not found")
    engine.pause(run_id=WorkOrder.objects.get().run_id)
    bot.turn()

    assert "paused" in phone.said()[-1]["text"]
    assert phone.said()[-1]["message_id"] > card["message_id"]


def test_who_stops_the_bot_is_told_nothing_until_they_start_it_again(bot, cast):
    phone = bot.linked(cast.alice)
    bot.write(phone, REQUEST)
    bot.telegram.ask("POST", "/blocked", {"from": phone.person})
    engine.pause(run_id=WorkOrder.objects.get().run_id)
    bot.turn()
    assert Account.objects.get().blocked_at

    bot.telegram.ask("POST", "/blocked", {"from": phone.person, "blocked": False})
    bot.turn()
    assert Account.objects.get().blocked_at is None
    assert bot.write(phone, "/help")["text"]


def test_telegram_away_is_asked_again_and_the_last_state_is_told(bot, cast):
    phone = bot.linked(cast.alice)
    bot.write(phone, REQUEST)
    engine.cancel(run_id=WorkOrder.objects.get().run_id)
    bot.telegram.fail(method="editMessageText", error_code=502, description="Bad Gateway", times=2)
    bot.turn()
    assert Message.objects.unsaid().get().tries == 1

    for _ in range(2):
        Message.objects.update(due_at=Now())
        bot.turn()
    assert "cancelled" in phone.said()[-1]["text"]


def test_what_is_over_is_forgotten_in_time_and_nothing_else(bot, cast):
    phone = bot.linked(cast.alice)
    bot.write(phone, REQUEST)
    assert chores.forget_old() == 0
    Update.objects.update(received_at=Now() - timedelta(days=31))
    Message.objects.update(created_at=Now() - timedelta(days=31))
    phone.write("/help")
    polling.fetch(bot.client, hold=0)
    Update.objects.filter(handled_at__isnull=True).update(received_at=Now() - timedelta(days=31))

    assert chores.forget_old() > 0
    assert Update.objects.get().handled_at is None
    assert Message.objects.get().kind == "order"
    assert Following.objects.exists()


def test_the_token_is_in_no_log_line(bot, cast, caplog):
    assert TOKEN not in redact(f"POST https://api.telegram.org/bot{TOKEN}/sendMessage")
    assert TOKEN not in redact(f"the token `{TOKEN}` was rejected")
    bot.write(bot.linked(cast.alice), REQUEST)
    assert TOKEN not in caplog.text
