"""What is decided on Telegram by several, by replies and by commands; and what changes meanwhile."""

from __future__ import annotations

import pytest
from django.db.models.functions import Now

from apps.telegram.models import Card, Chat, Message
from nexus import engine
from tests.support.people import Cast, a_cast
from tests.support.runs import work
from tests.support.telegram import buttons
from tests.support.telegram_bot import ORDER, an_approval, card_of, now

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Cast:
    return a_cast()


def test_a_button_is_bound_to_what_was_shown(bot, cast):
    alice = bot.linked(cast.alice)
    approval = an_approval(bot, cast)
    before = card_of(alice)
    old = before["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    engine.amend(approval_id=approval.pk, content={"text": "another draft"})
    stale = alice.press(before, "Approve")
    bot.turn()
    assert now(approval).outcome is None
    assert alice.popup(stale)["show_alert"]

    bot.turn()
    card = card_of(alice)
    assert "another draft" in card["text"]
    assert card["message_id"] == before["message_id"]
    bot.telegram.ask("POST", "/presses", {"from": alice.person, "message_id": card["message_id"], "data": old})
    bot.turn()
    assert now(approval).outcome is None
    bot.press(alice, card, "Approve")
    assert now(approval).outcome == "approved"


def test_several_who_have_to_agree_see_how_many_did(bot, cast):
    alice, bob = bot.linked(cast.alice), bot.linked(cast.bob)
    approval = an_approval(bot, cast, approvers=("alice", "bob"), quorum=2)

    popup = bot.press(alice, card_of(alice), "Approve")
    bot.turn()

    assert "others have to agree" in popup["text"]
    assert "1 of 2" in card_of(bob)["text"]
    assert buttons(card_of(bob)) == ["Approve", "Reject"]
    bot.press(bob, card_of(bob), "Approve")
    assert now(approval).outcome == "approved"


def test_who_asked_for_it_may_not_decide_where_four_eyes_look(bot, cast):
    alice, bob = bot.linked(cast.alice), bot.linked(cast.bob)
    approval = an_approval(bot, cast, requester="alice", four_eyes=True)

    assert (buttons(card_of(alice)), buttons(card_of(bob))) == ([], ["Approve", "Reject"])
    bot.write(alice, f"/approve {approval.pk}")
    assert now(approval).outcome is None
    assert "may not decide" in alice.said()[-1]["text"]


def test_a_reply_sends_it_back_with_what_shall_change(bot, cast):
    alice = bot.linked(cast.alice)
    approval = an_approval(bot, cast)

    bot.write(alice, "shorter, please", reply_to=card_of(alice)["message_id"])

    assert (now(approval).outcome, now(approval).reason) == ("revised", "shorter, please")
    work(approval.run)
    bot.turn()
    assert "a draft, shorter, please" in card_of(alice)["text"]


def test_a_reply_answers_where_an_answer_is_asked(bot, cast):
    alice = bot.linked(cast.alice)
    approval = an_approval(bot, cast, allows=("respond",))

    assert buttons(card_of(alice)) == []
    assert "Answer by replying" in card_of(alice)["text"]
    bot.write(alice, "PostgreSQL", reply_to=card_of(alice)["message_id"])

    assert (now(approval).outcome, now(approval).reason) == ("responded", "PostgreSQL")


def test_commands_decide_by_order_by_number_and_alone(bot, cast):
    alice = bot.linked(cast.alice)
    first = an_approval(bot, cast)

    assert "approved" in bot.write(alice, f"/approve {ORDER}")["text"] + alice.said()[-2]["text"]
    second = an_approval(bot, cast)
    bot.write(alice, "/reject not like this")
    third = an_approval(bot, cast)
    bot.write(alice, f"/reject {third.pk}")
    bot.write(alice, "because of the price")

    assert [now(one).outcome for one in (first, second, third)] == ["approved", "rejected", "rejected"]
    assert (now(second).reason, now(third).reason) == ("not like this", "because of the price")


def test_somebody_who_comes_later_is_asked_what_still_waits(bot, cast):
    approval = an_approval(bot, cast)
    assert not Card.objects.exists()

    alice = bot.linked(cast.alice)
    bot.turn()

    bot.press(alice, card_of(alice), "Approve")
    assert now(approval).outcome == "approved"


def test_the_last_state_is_told_however_often_telegram_asks_to_wait(bot, cast):
    alice = bot.linked(cast.alice)
    approval = an_approval(bot, cast)
    bot.telegram.fail(
        method="editMessageText", times=3, error_code=429, description="Too Many Requests: retry after 1",
        parameters={"retry_after": 1},
    )  # fmt: skip
    engine.decide(approval_id=approval.pk, decision="approve", hash=approval.hash, actor="bob")
    for _ in range(4):
        bot.turn()
        Chat.objects.update(free_at=Now())
    bot.turn()

    assert "approved · bob" in card_of(alice)["text"]
    assert not Message.objects.unsaid().exists()
