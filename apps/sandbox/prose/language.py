"""English or Chinese: which one to answer in, and the sentences of the writer in both."""

from __future__ import annotations

import hashlib
import re
from typing import Literal

Language = Literal["en", "zh"]

HAN = re.compile(r"[\u3400-\u9fff]")
KANA = re.compile(r"[\u3040-\u30ff]")
LATIN = re.compile(r"[A-Za-z]+")

CLOSING = {
    "en": "— sandbox answer, no model was asked",
    "zh": "——沙盒（sandbox）回答，没有调用任何模型",
}


def of(text: str) -> Language:
    """The language of a text. Product names in Latin letters do not make Chinese English, nor quotes the reverse."""
    characters = len(HAN.findall(text))
    return "zh" if characters and characters >= len(LATIN.findall(text)) and not KANA.search(text) else "en"


def signed(text: str, language: Language) -> str:
    """The text with the closing line that says who answered."""
    return f"{text.rstrip()}\n\n{CLOSING[language]}"


def unsigned(text: str) -> str:
    """The text without its closing lines."""
    for line in CLOSING.values():
        text = text.replace(line, "")
    return text.strip()


def pick(choices: tuple[str, ...], *, by: str) -> str:
    """One of several phrasings: always the same one for the same `by`."""
    return choices[hashlib.sha256(by.encode()).digest()[0] % len(choices)]
