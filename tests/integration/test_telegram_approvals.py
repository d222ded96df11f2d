"""Decisions on Telegram: who is asked, who may press, and what a press does. Real client, double, Postgres."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from apps.accounts.models import Role
from apps.telegram import approvals
from apps.telegram.models import Account, Button, Reason
from nexus import engine
from tests.support.people import Cast, a_cast, a_person
from tests.support.telegram import buttons
from tests.support.telegram_bot import ORDER, an_approval, card_of, now

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Cast:
    return a_cast()


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
    bot.linked(cast.alice)
    approval = an_approval(bot, cast)
    account = Account.objects.get()

    first = approvals.decide(account, approval, "reject", hash_=approval.hash, reason="no")
    second = approvals.decide(account, approval, "reject", hash_=approval.hash, reason="no")

    assert first.pk == second.pk
    assert engine.Vote.objects.count() == 1
    with pytest.raises(engine.NexusError):
        approvals.decide(account, approval, "reject", hash_=approval.hash, reason="another")
