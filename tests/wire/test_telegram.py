"""Telegram's double against the real client: what it takes, what it refuses and in which words."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from typing import Any

import pytest
import telegram
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter
from telegram.request import HTTPXRequest

from apps.sandbox.server import running
from apps.sandbox.telegram import markup
from tests.support.rivals import wait_for
from tests.support.telegram import TOKEN, Phone, Telegram


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running() as sandbox:
        yield sandbox.url


@pytest.fixture
def double(url: str) -> Telegram:
    found = Telegram(url)
    found.clear()
    return found


@pytest.fixture
def ann(double: Telegram) -> Phone:
    """Somebody who has written to the bot."""
    phone = double.phone()
    phone.write("/start")
    return phone


def with_bot(url: str, act: Any, token: str = TOKEN) -> Any:
    """What `act` comes to with a bot of its own."""

    async def run() -> Any:
        options = {"trust_env": False, "verify": False}
        requests = [HTTPXRequest(httpx_kwargs=options) for _ in range(2)]
        bot = telegram.Bot(token, f"{url}/bot", f"{url}/file/bot", request=requests[0], get_updates_request=requests[1])
        async with bot:
            return await act(bot)

    return asyncio.run(run())


def test_the_client_finds_a_bot(url):
    assert with_bot(url, lambda bot: bot.get_me()).username == "nexus_bot"
    with pytest.raises(InvalidToken):
        with_bot(url, lambda bot: bot.get_me(), token="7000000001:revoked")


def test_updates_come_until_they_are_confirmed(url, double, ann):
    ann.write("second")

    async def act(bot: telegram.Bot) -> Any:
        first = await bot.get_updates()
        again = await bot.get_updates()
        one = await bot.get_updates(offset=first[0].update_id + 1, limit=1)
        none = await bot.get_updates(offset=first[-1].update_id + 1)
        return first, again, one, none

    first, again, one, none = with_bot(url, act)
    assert [update.message.text for update in first] == ["/start", "second"]
    assert first == again
    assert [update.message.text for update in one] == ["second"]
    assert none == ()
    assert first[0].message.entities[0].type == "bot_command"


def test_a_question_is_held_open_until_there_is_something(url, double, ann):
    async def act(bot: telegram.Bot) -> Any:
        (last,) = await bot.get_updates()
        asking = asyncio.create_task(bot.get_updates(offset=last.update_id + 1, timeout=10))
        await asyncio.to_thread(wait_for, lambda: len(double.journal("getUpdates")) == 2, what="the question")
        await asyncio.to_thread(ann.write, "now")
        return await asking

    (update,) = with_bot(url, act)
    assert update.message.text == "now"


def test_two_who_poll_are_one_too_many(url, double):
    async def act(bot: telegram.Bot) -> Any:
        first = asyncio.create_task(bot.get_updates(timeout=10))
        await asyncio.to_thread(wait_for, lambda: double.journal("getUpdates"), what="the first")
        await bot.get_updates()
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await first

    with_bot(url, act)


def test_what_is_said_is_shown_changed_and_journalled(url, double, ann):
    async def act(bot: telegram.Bot) -> Any:
        keyboard = telegram.InlineKeyboardMarkup([[telegram.InlineKeyboardButton("Yes", callback_data="x" * 64)]])
        sent = await bot.send_message(ann.id, "<b>Hello</b> &amp; &lt;you&gt; 😀", "HTML", reply_markup=keyboard)
        await bot.edit_message_text("Bye", ann.id, sent.message_id)
        with pytest.raises(BadRequest, match=r"(?i)message is not modified"):
            await bot.edit_message_text("Bye", ann.id, sent.message_id)
        with pytest.raises(BadRequest, match=r"(?i)message to edit not found"):
            await bot.edit_message_text("Bye", ann.id, 999)
        await bot.edit_message_reply_markup(ann.id, sent.message_id, reply_markup=keyboard)
        await bot.send_chat_action(ann.id, "typing")
        return sent

    sent = with_bot(url, act)
    assert sent.text == "Hello & <you> 😀"
    assert (sent.entities[0].type, sent.entities[0].length) == ("bold", 5)
    shown = ann.said()[-1]
    assert (shown["text"], "reply_markup" in shown) == ("Bye", True)
    assert [one["method"] for one in double.journal()][1:] == [
        "sendmessage", "editmessagetext", "editmessagetext", "editmessagetext", "editmessagereplymarkup",
        "sendchataction",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"text": "x" * 4097}, "too long"),
        ({"text": "😀" * 2049}, "too long"),
        ({"text": "  "}, "text is empty"),
        (
            {"text": "<x>a</x>", "parse_mode": "HTML"},
            'unsupported start tag "x" at byte offset 0',
        ),
        ({"text": "<b>a", "parse_mode": "HTML"}, "can't find end tag corresponding to start tag"),
        ({"text": "a < b", "parse_mode": "HTML"}, "unsupported start tag"),
        ({"text": "a.", "parse_mode": "MarkdownV2"}, "character '.' is reserved"),
        ({"text": "*a", "parse_mode": "MarkdownV2"}, "can't find end of bold entity at byte offset 0"),
    ],
)
def test_what_telegram_refuses_is_refused_in_its_words(url, ann, said, refusal):
    with pytest.raises(BadRequest) as refused:
        with_bot(url, lambda bot: bot.send_message(ann.id, **said))
    assert refusal in str(refused.value).lower()
    assert ann.said() == []


def test_exactly_4096_units_are_taken(url, ann):
    assert len(with_bot(url, lambda bot: bot.send_message(ann.id, "😀" * 2048)).text) == 2048


def test_who_never_wrote_or_has_stopped_the_bot_is_told_nothing(url, double, ann):
    with pytest.raises(BadRequest, match="Chat not found"):
        with_bot(url, lambda bot: bot.send_message(1, "x"))
    double.ask("POST", "/blocked", {"from": ann.person})
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        with_bot(url, lambda bot: bot.send_message(ann.id, "x"))


def test_a_scripted_failure_comes_so_often_and_says_what_it_shall(url, double, ann):
    double.fail(method="sendMessage", error_code=429, description="Too Many Requests: retry after 7",
                parameters={"retry_after": 7})  # fmt: skip
    double.fail(method="sendMessage", error_code=500, after=True)

    async def act(bot: telegram.Bot) -> None:
        with pytest.raises(RetryAfter, match="7 seconds"):
            await bot.send_message(ann.id, "first")
        with pytest.raises(NetworkError):
            await bot.send_message(ann.id, "second")
        await bot.send_message(ann.id, "third")

    with_bot(url, act)
    assert [one["text"] for one in ann.said()] == ["second", "third"]


def test_files_go_both_ways(url, double, ann):
    ann.send("voice", b"OggS-and-so-on")

    async def act(bot: telegram.Bot) -> Any:
        updates = await bot.get_updates()
        file = await bot.get_file(updates[-1].message.voice.file_id)
        data = await file.download_as_bytearray()
        sent = await bot.send_document(ann.id, BytesIO(b"# Result"), filename="result.md", caption="<b>Here</b>",
                                       parse_mode="HTML")  # fmt: skip
        back = await (await bot.get_file(sent.document.file_id)).download_as_bytearray()
        return bytes(data), sent, bytes(back)

    data, sent, back = with_bot(url, act)
    assert (data, back) == (b"OggS-and-so-on", b"# Result")
    assert (sent.document.file_name, sent.caption) == ("result.md", "Here")
    ann.write(document={"size": 20 * 1024 * 1024 + 1, "name": "film.bin"})
    large = ann.chat()[-1]["document"]["file_id"]
    with pytest.raises(BadRequest, match="File is too big"):
        with_bot(url, lambda bot: bot.get_file(large))


def test_a_press_is_answered_once(url, double, ann):
    keyboard = telegram.InlineKeyboardMarkup([[telegram.InlineKeyboardButton("Yes", callback_data="t")]])
    with_bot(url, lambda bot: bot.send_message(ann.id, "Well?", reply_markup=keyboard))
    update = ann.press(ann.said()[-1], "Yes")
    query = update["callback_query"]

    async def act(bot: telegram.Bot) -> Any:
        seen = (await bot.get_updates())[-1].callback_query
        await bot.answer_callback_query(query["id"], "done", show_alert=True)
        with pytest.raises(BadRequest, match=r"(?i)query is too old"):
            await bot.answer_callback_query(query["id"])
        return seen

    seen = with_bot(url, act)
    assert (seen.data, seen.message.text) == ("t", "Well?")
    assert ann.popup(update) == {"text": "done", "show_alert": True}


def test_a_button_holds_64_bytes(url, ann):
    keyboard = telegram.InlineKeyboardMarkup([[telegram.InlineKeyboardButton("Yes", callback_data="é" * 33)]])
    with pytest.raises(BadRequest, match=r"(?i)button_data_invalid"):
        with_bot(url, lambda bot: bot.send_message(ann.id, "Well?", reply_markup=keyboard))


def test_updates_are_brought_to_a_webhook_until_it_takes_them(url, double):
    seen: list[tuple[str | None, bytes]] = []

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append(
                (self.headers["X-Telegram-Bot-Api-Secret-Token"], self.rfile.read(int(self.headers["Content-Length"])))
            )
            self.send_response(503 if len(seen) == 1 else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Door) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        target = f"http://127.0.0.1:{server.server_port}/hook"
        with_bot(url, lambda bot: bot.set_webhook(target, secret_token="s3cret"))
        double.phone().write("hello")
        wait_for(lambda: len(seen) >= 2, what="the update, twice")
        with pytest.raises(Conflict, match="while webhook is active"):
            with_bot(url, lambda bot: bot.get_updates())
        info = with_bot(url, lambda bot: bot.get_webhook_info())
        with_bot(url, lambda bot: bot.delete_webhook())
        server.shutdown()
        thread.join()

    assert seen[0] == seen[1]
    assert (seen[0][0], b"hello" in seen[0][1]) == ("s3cret", True)
    assert (info.url, info.last_error_message) == (target, "Wrong response from the webhook: 503")
    with pytest.raises(BadRequest, match=r"(?i)https url must be provided"):
        with_bot(url, lambda bot: bot.set_webhook("http://example.org/hook"))


def test_markdown_is_read_with_its_entities():
    assert markup.read(r"*b* _i_ `c` \. ||s||", "MarkdownV2") == (
        "b i c . s",
        [
            {"type": "bold", "offset": 0, "length": 1},
            {"type": "italic", "offset": 2, "length": 1},
            {"type": "code", "offset": 4, "length": 1},
            {"type": "spoiler", "offset": 8, "length": 1},
        ],
    )
