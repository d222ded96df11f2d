"""What is written to the bot: who is known, what becomes an order, what is answered. Real client, double, Postgres."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models.functions import Now

from agents.attachments.models import Attachment
from apps.accounts.models import Membership, Role
from apps.telegram import hearing, polling
from apps.telegram.models import Account, Following, LinkCode, Message, Offset, Update
from billing import pricebook
from nexus import engine
from tests.support.people import Cast, a_cast, a_person
from tests.support.sent_files import jpeg, png, wav
from tests.support.spending import charged, reserved
from tests.support.telegram import TOKEN
from tests.support.telegram_bot import Bot, a_bot
from workorders.models import WorkOrder
from workorders.states import ASKS_BACK

pytestmark = pytest.mark.django_db(transaction=True)
REQUEST = "Draft a release checklist for our service"


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


# --- who is who ---


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


# --- orders ---


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
    import base64

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


# --- following ---


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
    from nexus.settlement.settle import Ending, settle
    from tests.support.runs import ALICE, claimed

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


# --- commands ---


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
    from apps.telegram import commands

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
    from tests.support.runs import spec, task, work

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


# --- saying ---


def test_429_is_obeyed_for_that_chat_and_for_no_other(bot, cast):
    from apps.telegram.models import Chat

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


def test_the_token_is_in_no_log_line(bot, cast, caplog):
    from nexus.telemetry.log import redact

    assert TOKEN not in redact(f"POST https://api.telegram.org/bot{TOKEN}/sendMessage")
    assert TOKEN not in redact(f"the token `{TOKEN}` was rejected")
    bot.write(bot.linked(cast.alice), REQUEST)
    assert TOKEN not in caplog.text


# --- the webhook ---

HEADER = "X-Telegram-Bot-Api-Secret-Token"
SECRET = "s3cret_of-the-webhook"
PATH = "/api/telegram/webhook"


def brought(client, body, secret=SECRET, **headers):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    told = {HEADER: secret} if secret is not None else {}
    return client.post(PATH, raw, content_type="application/json", headers=told | headers)


def test_an_update_is_brought_with_the_secret_and_kept_once(client, settings):
    settings.TELEGRAM_WEBHOOK_SECRET = SECRET
    update = {"update_id": 77, "message": {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}, "x": 0.5}}

    assert [brought(client, update).status_code for _ in range(3)] == [200, 200, 200]
    kept = Update.objects.get()
    assert (kept.update_id, kept.chat_id, kept.payload["message"]["x"]) == (77, 5, 0.5)


@pytest.mark.parametrize(("ours", "theirs"), [(SECRET, None), (SECRET, ""), (SECRET, SECRET + "x"), (SECRET, "ünïcode"),
                                              ("", ""), ("", None), ("", SECRET)])  # fmt: skip
def test_without_the_secret_nothing_is_taken_whatever_is_sent(client, settings, ours, theirs):
    settings.TELEGRAM_WEBHOOK_SECRET = ours

    for body in ({"update_id": 1}, b"not json", b"[" * 200_000):
        answer = brought(client, body, theirs)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    in_query = client.post(f"{PATH}?secret_token={SECRET}", b'{"update_id": 1}', content_type="application/json")
    assert in_query.status_code == 401
    assert not Update.objects.exists()


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'{"update_id": true}', b'{"update_id": "1"}', b"{}",
                                  b'{"update_id": -1}', b'{"update_id": 99999999999999999999}', b"[" * 200_000,
                                  b'{"update_id": 1, "m": "\\u0000"}', b'{"update_id": 1.5}', b"\xff",
                                  b'{"update_id": 1, "m": "' + b"x" * 3_000_000 + b'"}'])  # fmt: skip
def test_what_is_no_update_is_a_4xx_and_kept_nowhere(client, settings, body):
    settings.TELEGRAM_WEBHOOK_SECRET = SECRET

    assert 400 <= brought(client, body).status_code < 500
    assert not Update.objects.exists()


@pytest.mark.parametrize(
    "told", ["x", [], {"from": 5}, {"chat": {"id": "x"}}, {"message_id": [], "date": {}, "chat": 7}]
)
def test_an_update_that_cannot_be_read_does_not_stop_the_next(bot, cast, client, settings, told):
    phone = bot.linked(cast.alice)
    settings.TELEGRAM_WEBHOOK_SECRET = SECRET
    assert brought(client, {"update_id": 3, "message": told}).status_code == 200
    settings.TELEGRAM_WEBHOOK_SECRET = ""

    assert "work order" in bot.write(phone, "/help")["text"]
    assert Update.objects.get(update_id=3).handled_at


def test_membership_decides_where_orders_go(bot, cast):
    Membership.objects.create(user=cast.alice.user, project=cast.umbra, role=Role.VIEWER)
    phone = bot.linked(cast.alice)

    bot.write(phone, REQUEST)

    assert WorkOrder.objects.get().project == cast.acme
