"""Updates that Telegram brings: taken with the secret, kept once, whatever they hold."""

from __future__ import annotations

import json

import pytest

from apps.telegram.models import Update
from tests.support.people import Cast, a_cast

pytestmark = pytest.mark.django_db(transaction=True)
HEADER = "X-Telegram-Bot-Api-Secret-Token"
SECRET = "s3cret_of-the-webhook"
PATH = "/api/telegram/webhook"


@pytest.fixture
def cast() -> Cast:
    return a_cast()


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
