"""Commands: what each answers and does, to whom, and about which order."""

from __future__ import annotations

import re

import pytest
from django.db import transaction

from apps.accounts.models import Role
from apps.telegram import commands
from billing import pricebook
from nexus import engine
from tests.support.people import Cast, a_cast, a_person
from tests.support.runs import spec, task, work
from tests.support.spending import charged, reserved
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db(transaction=True)
REQUEST = "Draft a release checklist for our service"


@pytest.fixture
def cast() -> Cast:
    return a_cast()


def test_every_command_answers_about_what_the_user_may_see(bot, cast):
    alice, charlie = bot.linked(cast.alice), bot.linked(cast.charlie)
    order = cast.alice.files("A secret of acme")

    for phone, sees in ((alice, True), (charlie, False)):
        for command in (f"/status {order}", f"/status {order.lower()}", "/list", "/audit", "/status"):
            assert (order in bot.write(phone, command)["text"]) is (sees and command != "/status"), command
        assert "secret" not in str(charlie.said())
    assert "queued: 1" in bot.write(alice, "/status")["text"]
    assert bot.write(charlie, f"/cancel {order}")["text"] == "There is no such order here."
    assert bot.write(charlie, f"/escalate {order} now")["text"] == "There is no such order here."


def test_costs_are_those_of_the_users_projects(bot, cast):
    pricebook.install()
    alice, charlie = bot.linked(cast.alice), bot.linked(cast.charlie)
    assert "$0.0000" in bot.write(alice, "/cost")["text"]
    charged(reserved("3", scopes=()), "0.5", project=str(cast.acme.pk))

    for name in ("", "today", "week", "month", "all"):
        assert "$0.0000" not in bot.write(alice, f"/cost {name}")["text"].splitlines()[0]
        assert "$0.0000" in bot.write(charlie, f"/cost {name}")["text"].splitlines()[0]


def test_the_order_that_is_meant_is_named_replied_to_or_the_last(bot, cast):
    phone = bot.linked(cast.alice)
    cards = [bot.write(phone, f"{REQUEST} {n}") for n in range(3)]
    first, second, third = (re.search(r"WO-\d+-\d+", card["text"])[0] for card in cards)  # type: ignore[index]

    bot.write(phone, f"/pause {first} for now")
    bot.write(phone, "/pause", reply_to=cards[1]["message_id"])
    bot.write(phone, "/cancel of no use")

    held = dict(WorkOrder.objects.values_list("public_id", "run__paused_at"))
    assert held[first]
    assert held[second]
    assert not held[third]
    assert WorkOrder.objects.get(public_id=third).run.state == "cancelled"
    reasons = engine.events.filter(kind__in=("run.paused", "run.cancel_requested")).order_by("id")
    assert [one.data.get("reason") for one in reasons] == ["for now", None, "of no use"]
    assert "paused" in bot.write(phone, f"/status {first}")["text"]
    assert "cannot be done" in bot.write(phone, f"/pause {third}")["text"]


def test_the_menu_is_set_in_both_languages(bot):
    commands.tell_telegram(bot.client)

    menu = bot.telegram.ask("GET", "/commands")
    assert {"new", "status", "list", "cost", "audit", "escalate", "approve", "reject", "help"} <= {
        one["command"] for one in menu[""]
    }
    assert "提交工单" in [one["description"] for one in menu["zh"]]
    assert [one["command"] for one in menu[""]] == [one["command"] for one in menu["zh"]]


@pytest.mark.parametrize(
    "text", ["/help", "/what", "/", "/cost century", "/new", "/approve", "/reject 999", "/workflow nope", "/keep"]
)
def test_a_command_that_says_nothing_is_answered_with_what_to_say(bot, cast, text):
    phone = bot.linked(cast.alice)
    before = len(phone.said())

    assert bot.write(phone, text)["text"]
    assert len(phone.said()) == before + 1
    assert not WorkOrder.objects.exists()


def test_escalating_holds_the_order_and_tells_the_board(bot, cast):
    board = a_person("chair", cast.umbra, Role.VIEWER)
    board.user.is_superuser = True
    board.user.save()
    chair, alice = bot.linked(board), bot.linked(cast.alice)
    bot.write(alice, REQUEST)
    order = WorkOrder.objects.get()

    said = bot.write(alice, "/escalate it goes the wrong way")

    order.run.refresh_from_db()
    assert order.run.paused_at
    assert "the Board is called" in said["text"]
    told = chair.said()[-1]["text"]
    assert "The Board is needed" in told
    assert "alice: it goes the wrong way" in told
    bot.write(chair, "/resume", reply_to=chair.said()[-1]["message_id"])
    order.run.refresh_from_db()
    assert order.run.paused_at is None
    bot.turn()
    assert sum("The Board is needed" in one["text"] for one in chair.said()) == 1


def test_what_died_is_told_to_the_board_and_tried_again(bot, cast):
    cast.alice.user.is_superuser = True
    cast.alice.user.save()
    phone = bot.linked(cast.alice)
    bot.write(phone, REQUEST)
    order = WorkOrder.objects.get()
    engine.cancel(run_id=order.run_id)
    with transaction.atomic():
        run = engine.submit(tenant=str(cast.acme.pk), subject="WO-20260217-0009",
                            tasks=[spec("bad", "test.fails", max_attempts=1)])  # fmt: skip
        WorkOrder.objects.create(public_id="WO-20260217-0009", project=cast.acme, run=run, message="Do it")
    work(run)
    bot.turn()
    notice = next(one for one in phone.said() if "The Board is needed" in one["text"])
    assert "WO-20260217-0009" in notice["text"]

    bot.write(phone, "/retry", reply_to=notice["message_id"])

    assert task(run, "bad").state in ("pending", "ready")
