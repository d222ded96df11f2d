"""Which language a request is written in, and how much it says. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Language = Literal["en", "zh-Hans"]

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_WORD = re.compile(r"[A-Za-z]+")


def language_of(text: str) -> Language:
    """Return "zh-Hans" where Chinese carries the text, else "en".

    A Chinese character weighs as much as an English word, so that "修复 settings.py 的报错" is Chinese
    and "Translate 你好 into English, please" is English. Kana make it Japanese, which is not Chinese.
    """
    han = len(_HAN.findall(text))
    if not han or _KANA.search(text):
        return "en"
    return "zh-Hans" if han >= len(_WORD.findall(text)) else "en"


def weight(text: str) -> int:
    """Return the length of `text` in Latin characters; a wide (Chinese) character counts as two.

    "修复登录报错" says in six characters what English says in fifteen; counted singly, it would
    pass for too short to be understood.
    """
    tidy = " ".join(text.split())
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in tidy)


def says_something(text: str) -> bool:
    """Whether there is a letter or a digit of any script in `text`."""
    return any(character.isalnum() for character in text)
