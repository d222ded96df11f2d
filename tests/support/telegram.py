"""People on Telegram, for tests: they write, send files, press buttons, see their chats. The sandbox plays Telegram."""

from __future__ import annotations

import base64
import itertools
from dataclasses import dataclass
from typing import Any

import httpx2

from .loopback import NOBODY
from .rivals import wait_for

TOKEN = "7000000001:AAsandboxtokenforjourneys"
_ids = itertools.count(41_000)

Json = dict[str, Any]


@dataclass
class Telegram:
    """The control side of the double."""

    url: str

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """One request of its control."""
        answer = httpx2.request(
            method, f"{self.url}/telegram{path}", json=body, timeout=10, trust_env=False, verify=NOBODY
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def phone(self, name: str = "Ann", language: str = "en") -> Phone:
        """Somebody new."""
        return Phone(self, {"id": next(_ids), "first_name": name, "username": name.lower(), "language_code": language})

    def journal(self, method: str = "", *, chat: int | None = None) -> list[Json]:
        """Every call of the bot, in order."""
        found = self.ask("GET", f"/journal?method={method}")
        return [one for one in found if chat is None or str(one["params"].get("chat_id")) == str(chat)]

    def fail(self, **fault: Any) -> None:
        """Let calls go wrong."""
        self.ask("POST", "/faults", fault)

    def again(self, update: Json) -> None:
        """Bring an update once more."""
        self.ask("POST", "/updates", {"again": update["update_id"]})

    def clear(self) -> None:
        """Forget everything."""
        self.ask("DELETE", "")


@dataclass
class Phone:
    """Somebody's phone."""

    telegram: Telegram
    person: Json

    @property
    def id(self) -> int:
        """Their number, and that of their chat with the bot."""
        return int(self.person["id"])

    def write(self, text: str = "", **more: Any) -> Json:
        """Write to the bot; `reply_to` is the number of a message."""
        said = {"text": text} if text else {}
        return dict(self.telegram.ask("POST", "/messages", {"from": self.person, **said, **more}))

    def send(self, kind: str, data: bytes, **more: Any) -> Json:
        """Send a photo, a voice note or a document."""
        caption = {"caption": more.pop("caption")} if "caption" in more else {}
        return self.write(**{kind: {"data": base64.b64encode(data).decode(), **more}}, **caption)

    def press(self, message: Json, button: str, *, by: Phone | None = None) -> Json:
        """Press a button of a message of this chat, as oneself or as somebody else."""
        said = {"from": (by or self).person, "chat": self.id, "message_id": message["message_id"], "button": button}
        return dict(self.telegram.ask("POST", "/presses", said))

    def press_data(self, message: Json, data: str, *, chat: int | None = None) -> Json:
        """Press what a changed client might."""
        said = {"from": self.person, "chat": chat or self.id, "message_id": message["message_id"], "data": data}
        return dict(self.telegram.ask("POST", "/presses", said))

    def popup(self, update: Json) -> Json:
        """What a press was answered."""
        query = update["callback_query"]["id"]
        return dict(wait_for(lambda: self.telegram.ask("GET", f"/presses/{query}"), what=f"an answer to {query}"))

    def chat(self) -> list[Json]:
        """The chat as it stands."""
        return list(self.telegram.ask("GET", f"/chats/{self.id}"))

    def said(self) -> list[Json]:
        """What the bot says in it."""
        return [one for one in self.chat() if one["from"]["is_bot"]]

    def sees(self, *words: str, within: float = 20, after: int = 0) -> Json:
        """Wait for a message of the bot with all these words; return it."""

        def there() -> Json | None:
            for one in self.said():
                text = one.get("text", one.get("caption", ""))
                if one["message_id"] > after and all(word in text for word in words):
                    return one
            return None

        try:
            return dict(wait_for(there, within=within, what=f"{words} in the chat"))
        except AssertionError as error:
            raise AssertionError(f"{error}:\n" + "\n---\n".join(one.get("text", "") for one in self.said())) from None


def buttons(message: Json) -> list[str]:
    """The labels of a message's keyboard."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]
