"""Decisions on Telegram: who is asked, who may press, and what a press does. The real client, the double, Postgres."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models.functions import Now

from apps.accounts.models import Role
from apps.telegram.models import Button, Card, Message, Reason
from nexus import engine
from tests.support.gates import asked
from tests.support.people import Cast, a_cast, a_person
from tests.support.runs import spec, work
from tests.support.telegram import Json, Phone, buttons
from tests.support.telegram_bot import Bot, a_bot

pytestmark = pytest.mark.django_db(transaction=True)
ORDER = "WO-20260217-0001"


@pytest.fixture(scope="module")
def one_bot() -> Iterator[Bot]:
    with a_bot() as bot:
        yield bot


@pytest.fixture
def bot(one_bot: Bot) -> Bot:
    one_bot.telegram.clear()
    return one_bot


@pytest.fixture
def cast() -> Cast:
    return a_cast()


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
    return engine.approvals.get(pk=approval.pk)


def test_whoever_may_decide_gets_two_buttons_and_nobody_else_any(bot, cast):
    vera = a_person("vera", cast.acme, Role.VIEWER)
    alice, bob, charlie, viewer = (bot.linked(one) for one in (cast.alice, cast.bob, cast.charlie, vera))

    an_approval(bot, cast)

    for phone in (alice, bob):
        card = card_of(phone)
        assert buttons(card) == ["Approve", "Reject"]
        assert "a draft" in card["text"]
        assert ORDER in card["text"]
    for phone in (charlie, viewer):
        assert not any("May this go out?" in one["text"] for one in phone.said())


def test_where_approvers_are_named_only_they_are_asked_and_others_read_along(bot, cast):
    vera = a_person("vera", cast.acme, Role.VIEWER)
    alice, bob, viewer = bot.linked(cast.alice), bot.linked(cast.bob), bot.linked(vera)

    an_approval(bot, cast, approvers=("bob",), requester="alice", cc=("vera",))

    assert buttons(card_of(bob)) == ["Approve", "Reject"]
    for phone in (alice, viewer):
        assert buttons(card_of(phone)) == []
        assert "to read" in card_of(phone)["text"]


def test_a_press_decides_once_and_everybody_is_told(bot, cast):
    alice, bob = bot.linked(cast.alice), bot.linked(cast.bob)
    approval = an_approval(bot, cast)
    before = card_of(bob)

    popup = bot.press(bob, before, "Approve")
    again = bot.press(bob, before, "Approve") if buttons(card_of(bob)) else None

    assert (now(approval).outcome, now(approval).decided_by) == ("approved", "bob")
    assert "approved" in popup["text"]
    assert not popup["show_alert"]
    assert again is None
    for phone in (alice, bob):
        assert buttons(card_of(phone)) == []
        assert "approved · bob" in card_of(phone)["text"]
    assert "approved · bob" in alice.said()[-1]["text"]
    assert engine.Vote.objects.get().channel == "telegram"


def test_a_second_decision_is_refused_with_what_stands(bot, cast):
    alice, bob = bot.linked(cast.alice), bot.linked(cast.bob)
    approval = an_approval(bot, cast)
    shown, press = card_of(alice), alice.press(card_of(alice), "Reject")
    engine.decide(approval_id=approval.pk, decision="approve", hash=approval.hash, actor="bob", channel="api")

    bot.turn()

    popup = alice.popup(press)
    assert popup["show_alert"]
    assert "approved · bob" in popup["text"]
    assert shown
    assert not Reason.objects.exists()
    assert "already" in bot.write(alice, f"/approve {approval.pk}")["text"]
    assert "decided this already" in bot.write(bob, f"/reject {approval.pk} I changed my mind")["text"]
    assert now(approval).outcome == "approved"


@pytest.mark.parametrize("how", ["another person", "another chat", "replayed", "made up", "expired", "empty", "long"])
def test_a_press_that_is_not_theirs_changes_nothing(bot, cast, how):
    alice, charlie = bot.linked(cast.alice), bot.linked(cast.charlie)
    approval = an_approval(bot, cast)
    card = card_of(alice)
    token = card["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    assert len(token.encode()) <= 64

    if how == "another person":
        update = alice.press(card, "Approve", by=charlie)
    elif how == "another chat":
        update = alice.press_data(charlie.said()[-1], token, chat=charlie.id)
    elif how == "replayed":
        Button.objects.update(used_at=Now())
        update = alice.press(card, "Approve")
    elif how == "expired":
        Button.objects.update(expires_at=Now() - timedelta(seconds=1))
        update = alice.press(card, "Approve")
    else:
        said = {"made up": "x" * 22, "empty": "\u200b", "long": "x" * 5_000}[how]
        update = alice.press_data(card, said)
    bot.turn()

    popup = alice.popup(update)
    assert popup["show_alert"]
    assert popup["text"]
    assert now(approval).outcome is None
    assert not engine.Vote.objects.exists()
    assert buttons(card_of(alice)) == ["Approve", "Reject"]


def test_a_press_of_somebody_who_may_not_any_more_changes_nothing(bot, cast):
    alice = bot.linked(cast.alice)
    approval = an_approval(bot, cast)
    cast.alice.user.memberships.all().delete()

    popup = bot.press(alice, card_of(alice), "Approve")

    assert "somebody else" in popup["text"]
    assert now(approval).outcome is None


def test_rejecting_needs_a_reason_whichever_process_hears_it(bot, cast):
    alice, bob = bot.linked(cast.alice), bot.linked(cast.bob)
    approval = an_approval(bot, cast)

    popup = bot.press(alice, card_of(alice), "Reject")
    question = alice.said()[-1]
    assert (popup["text"], popup["show_alert"]) == ("Tell me why.", False)
    assert question["_force_reply"]
    assert now(approval).outcome is None

    with_a_photo = bot.write(alice, photo={"data": "AAAA"})
    assert with_a_photo["text"] == question["text"]
    assert now(approval).outcome is None
    bot.write(alice, "The price is wrong", reply_to=with_a_photo["message_id"])

    decided = now(approval)
    assert (decided.outcome, decided.decided_by, decided.reason) == ("rejected", "alice", "The price is wrong")
    assert not Reason.objects.exists()
    for phone in (alice, bob):
        assert "The price is wrong" in card_of(phone)["text"]
        assert buttons(card_of(phone)) == []


def test_who_does_not_reject_after_all_says_so_and_goes_on_as_usual(bot, cast):
    alice = bot.linked(cast.alice)
    approval = an_approval(bot, cast)
    bot.press(alice, card_of(alice), "Reject")

    assert bot.write(alice, "/keep")["text"] == "Nothing was rejected."
    assert bot.press(alice, card_of(alice), "Approve")["text"]
    assert now(approval).outcome == "approved"


def test_a_reason_that_comes_too_late_is_no_reason(bot, cast):
    alice = bot.linked(cast.alice)
    approval = an_approval(bot, cast)
    bot.press(alice, card_of(alice), "Reject")
    engine.decide(approval_id=approval.pk, decision="approve", hash=approval.hash, actor="bob")

    said = bot.write(alice, "Too dear")

    assert now(approval).outcome == "approved"
    assert "already" in str([one["text"] for one in alice.said()[-3:]])
    assert said
    assert not Reason.objects.exists()


def test_a_decision_whose_process_died_before_it_was_told_is_not_taken_twice(bot, cast):
    from apps.telegram import approvals
    from apps.telegram.models import Account

    bot.linked(cast.alice)
    approval = an_approval(bot, cast)
    account = Account.objects.get()

    first = approvals.decide(account, approval, "reject", hash_=approval.hash, reason="no")
    second = approvals.decide(account, approval, "reject", hash_=approval.hash, reason="no")

    assert first.pk == second.pk
    assert engine.Vote.objects.count() == 1
    with pytest.raises(engine.NexusError):
        approvals.decide(account, approval, "reject", hash_=approval.hash, reason="another")


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
    from apps.telegram.models import Chat

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
