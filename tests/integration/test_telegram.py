"""What is written to the bot: who is known, and what becomes an order. Real client, double, Postgres."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from agents.attachments.models import Attachment
from apps.accounts.models import Membership, Role
from apps.telegram import hearing, polling
from apps.telegram.models import Account, LinkCode, Offset, Update
from nexus import engine
from tests.support.people import Cast, a_cast, a_person
from tests.support.sent_files import jpeg, png, wav
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db(transaction=True)


REQUEST = "Draft a release checklist for our service"


@pytest.fixture
def cast() -> Cast:
    return a_cast()


def test_a_code_links_an_account_once(bot, cast):
    code = cast.alice.post("/api/telegram/codes").json()
    ann, thief = bot.telegram.phone("Ann", "zh-hans"), bot.telegram.phone("Thief")

    linked = bot.write(ann, code["command"])
    refused = bot.write(thief, code["command"])

    assert "alice" in linked["text"]
    assert "你好" in linked["text"]
    assert refused["text"].startswith("This code is not known")
    account = Account.objects.get()
    assert (account.telegram_id, account.user, account.language) == (ann.id, cast.alice.user, "zh-hans")
    assert code["code"] not in LinkCode.objects.get().digest


def test_a_code_is_not_good_for_ever(bot, cast):
    code = cast.alice.post("/api/telegram/codes").json()["code"]
    LinkCode.objects.update(expires_at=Now() - timedelta(seconds=1))

    bot.write(bot.telegram.phone(), f"/start {code}")

    assert not Account.objects.exists()


def test_a_stranger_is_told_how_to_come_in_and_files_nothing(bot, cast):
    stranger = bot.telegram.phone()
    for text in (REQUEST, "/list", "/status WO-20260217-0001", "/start"):
        bot.write(stranger, text)

    assert not WorkOrder.objects.exists()
    assert {one["text"] for one in stranger.said()} == {
        "I do not know you yet. Get a code from Nexus (POST /api/telegram/codes), and send it: /start CODE"
    }


def test_who_was_let_go_is_a_stranger_again(bot, cast):
    phone = bot.linked(cast.alice)
    (account,) = cast.alice.get("/api/telegram/accounts").json()["results"]

    left = cast.alice.client.delete(f"/api/telegram/accounts/{account['id']}")

    assert (account["telegram_id"], left.json()) == (phone.id, {"results": []})
    assert "do not know you" in bot.write(phone, REQUEST)["text"]


def test_a_user_who_may_not_come_in_any_more_does_not_on_telegram_either(bot, cast):
    phone = bot.linked(cast.alice)
    cast.alice.user.is_active = False
    cast.alice.user.save()

    assert "do not know you" in bot.write(phone, REQUEST)["text"]
    assert not WorkOrder.objects.exists()


def test_a_text_is_an_order_and_the_answer_names_it(bot, cast):
    phone = bot.linked(cast.alice)

    said = bot.write(phone, REQUEST)

    order = WorkOrder.objects.get()
    assert (order.message, order.channel, order.requester, order.project) == (REQUEST, "telegram", "alice", cast.acme)
    assert order.public_id in said["text"]
    assert "Processing" in said["text"]
    assert said["reply_to_message"]["text"] == REQUEST


def test_an_update_that_comes_twice_files_one_order(bot, cast):
    phone = bot.linked(cast.alice)
    update = phone.write(REQUEST)
    bot.turn()
    bot.telegram.again(update)
    bot.turn()

    assert WorkOrder.objects.count() == 1
    assert Offset.objects.get().next_update == update["update_id"] + 1


def test_two_bots_that_handle_one_update_file_one_order(bot, cast):
    phone = bot.linked(cast.alice)
    update = phone.write(REQUEST)
    polling.fetch(bot.client, hold=0)
    row = Update.objects.get(update_id=update["update_id"])

    hearing.hear(row, bot.client)
    hearing.hear(row, bot.client)

    assert WorkOrder.objects.count() == 1


def test_updates_are_fetched_again_until_they_are_kept(bot, cast):
    phone = bot.linked(cast.alice)
    phone.write(REQUEST)
    bot.telegram.fail(method="getUpdates", error_code=502, description="Bad Gateway", after=True)
    with pytest.raises(Exception, match="Bad Gateway"):
        polling.fetch(bot.client, hold=0)
    bot.turn()

    assert WorkOrder.objects.count() == 1


def test_a_photo_and_a_document_come_along(bot, cast):
    phone = bot.linked(cast.alice)
    phone.send("photo", jpeg(), caption="What is on this picture?")
    phone.send("document", b"a,b\n1,2\n", name="figures.csv", mime_type="text/csv")
    bot.turn()

    first, second = WorkOrder.objects.order_by("id")
    assert first.message == "What is on this picture?"
    photo, paper = Attachment.objects.order_by("id")
    assert (photo.kind, photo.sender, paper.name) == ("image", "alice", "figures.csv")
    assert (first.attachments, second.attachments) == ([photo.public_id], [paper.public_id])
    assert second.message == "See the attached file"


def test_photos_that_were_sent_together_are_one_order(bot, cast):
    phone = bot.linked(cast.alice)
    for place, color in enumerate(("red", "blue", "green")):
        phone.write(
            photo={"data": _in_base64(png(color=color))}, media_group_id="g1",
            **({"caption": "Compare these"} if not place else {}),
        )  # fmt: skip
    bot.turn()
    assert not WorkOrder.objects.exists(), "more of them may come"
    Update.objects.update(received_at=Now() - timedelta(seconds=5), due_at=Now())
    bot.turn()

    order = WorkOrder.objects.get()
    assert (order.message, len(order.attachments)) == ("Compare these", 3)
    assert not Update.objects.waiting().exists()


def _in_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.mark.parametrize(
    ("kind", "file", "says"),
    [
        ("document", {"size": 20 * 1024 * 1024 + 1, "name": "film.bin"}, "larger than 20 MB"),
        ("document", {"data": _in_base64(b"MZ\x90\x00\xff\xfe"), "name": "a.exe"}, "kind of file is not taken"),
        ("photo", {"data": _in_base64(b"not a picture\x00\xff")}, "kind of file is not taken"),
    ],
)
def test_a_file_that_is_not_taken_is_said_so_and_files_nothing(bot, cast, kind, file, says):
    phone = bot.linked(cast.alice)

    said = bot.write(phone, **{kind: file})

    assert says in said["text"]
    assert not WorkOrder.objects.exists()


def test_a_voice_message_without_words_is_an_order(bot, cast):
    phone = bot.linked(cast.alice)
    phone.send("voice", wav(says=REQUEST), mime_type="audio/wav")
    bot.turn()

    assert WorkOrder.objects.get().message == "Voice message"
    assert Attachment.objects.get().kind == "audio"


def test_a_viewer_reads_and_files_nothing(bot, cast):
    viewer = a_person("vera", cast.acme, Role.VIEWER)
    order = cast.alice.files()
    phone = bot.linked(viewer)

    assert order in bot.write(phone, f"/status {order}")["text"]
    for text in (REQUEST, f"/cancel {order}", f"/retry {order}", f"/pause {order}"):
        bot.write(phone, text)
    assert WorkOrder.objects.count() == 1
    assert engine.runs.get().state == "open"


def test_what_is_no_message_for_us_is_passed_over(bot, cast):
    phone = bot.linked(cast.alice)
    bot.write(phone, f"/new {REQUEST}")
    said = {"message_id": 1, "date": 1, "chat": {"id": phone.id, "type": "private"}}
    said["from"] = phone.person | {"is_bot": False}
    for number, what in enumerate((
        {}, {"unknown_thing": {"x": [1]}}, {"edited_message": {**said, "text": f"/new {REQUEST}"}},
        {"message": {**said, "text": "a\0b /x"}}, {"message": {**said, "from": {**said["from"], "is_bot": True}}},
    )):  # fmt: skip
        bot.telegram.ask("POST", "/updates", {"update_id": 900_000_000 + number, **what})
    bot.turn()

    assert not Update.objects.waiting().exists()
    assert [one.message for one in WorkOrder.objects.order_by("id")] == [REQUEST, "ab /x"]


def test_membership_decides_where_orders_go(bot, cast):
    Membership.objects.create(user=cast.alice.user, project=cast.umbra, role=Role.VIEWER)
    phone = bot.linked(cast.alice)

    bot.write(phone, REQUEST)

    assert WorkOrder.objects.get().project == cast.acme
