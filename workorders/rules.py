"""Triage by rule: what a request is, how hard, and whose. Pure; used where a model's answer cannot be.

First match wins. The terms stand in words.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from . import words
from .contracts import Difficulty, Intent, Triage
from .language import Language, language_of, says_something, weight

SHORTEST = 8
LONG = 900
TRIVIAL_BELOW = 140
BRIEF_AT_MOST = 4_000
FILES_AT_MOST = 10

OWNERS: dict[Difficulty, str] = {"trivial": "intern", "normal": "director", "complex": "ceo", "unclear": "admin"}
"""Who owns an order of each difficulty."""

LADDER = ("intern", "director", "ceo")
"""Who takes over from whom when work does not pass."""

_REVIEWERS = {"intern": "director", "director": "ceo", "ceo": "director"}

_TOKEN = re.compile(r"[A-Za-z0-9_./-]+")
_ENDING = re.compile(r"[A-Za-z][A-Za-z0-9]{0,9}")
_MAKING = re.compile(
    r"^(?:please |can you |could you )*(?:draft|write|create|prepare|produce|make|compile|give me) (?:(?:me|us) )?"
    r"(?:(?:an?|the|some) )?(?=\S+ )|^(?:请|麻烦|帮我|帮忙)*(?:起草|撰写|编写|写|制定|准备)(?:一[份个篇套张封])?(?=..)",
    re.IGNORECASE,
)
_NOT_FILES = frozenset({"e.g", "i.e", "a.m", "p.m", "u.s", "node.js", "vue.js", "next.js", "nuxt.js", "asp.net"})

_REQUIREMENTS: dict[Language, dict[str, tuple[str, ...]]] = {
    "en": {
        "debug": (
            "Says how to reproduce the fault.",
            "Names the cause and the fix.",
            "Says how to verify that it is fixed.",
        ),
        "build_feature": ("Runs without errors.", "Includes a step to verify it locally."),
        "ops": ("Includes rollback notes.", "Includes a health check."),
        "": ("Must run without errors.",),
    },
    "zh-Hans": {
        "debug": ("说明如何复现故障。", "指出原因和修复方法。", "说明如何验证已经修复。"),
        "build_feature": ("运行无错误。", "包含本地验证步骤。"),
        "ops": ("包含回滚说明。", "包含健康检查。"),
        "": ("必须能无错误地使用。",),
    },
}
_QUESTION: dict[Language, str] = {
    "en": (
        "I cannot tell yet what to do. What should come out of it, which limits apply (files, tools, deadline), "
        "and in which form do you want the result?"
    ),
    "zh-Hans": "我还不能确定要做什么。请说明：期望的产出、限制条件（文件、工具、期限）以及结果的格式。",
}


def judge(message: str) -> Triage:
    """Return what the rules make of `message`, in its own language."""
    language = language_of(message)
    intent = intent_of(message)
    difficulty = difficulty_of(message)
    return Triage(
        intent=intent,
        difficulty=difficulty,
        brief=compress(message),
        relevant_files=files_in(message),
        qa_requirements=requirements_for(intent, language),
        clarification_question=_QUESTION[language] if difficulty == "unclear" else "",
    )


def intent_of(message: str) -> Intent:
    """debug, ops, documentation, build_feature: the first that is spoken of; else general_request."""
    text = _tidy(message)
    for intent, pattern in words.INTENTS:
        if pattern.search(text):
            return intent
    return "general_request"


def difficulty_of(message: str) -> Difficulty:
    """unclear, complex, trivial, normal: the first that holds."""
    text = _tidy(message)
    size = weight(text)
    if size < SHORTEST or not says_something(text) or words.sounds_unsure(text):
        return "unclear"
    if size > LONG or sum(1 for term in words.COMPLEX if term.search(text)) >= 2:
        return "complex"
    if size < TRIVIAL_BELOW and words.TRIVIAL.search(text):
        return "trivial"
    return "normal"


def equipment_for(message: str) -> str | None:
    """The machine work that is asked for outright (health_check, log_rotate, backup, cost_report), if any."""
    text = _tidy(message)
    return next((name for name, pattern in words.EQUIPMENT if pattern.fullmatch(text)), None)


def files_in(message: str) -> tuple[str, ...]:
    """Names of files in `message`: unique, in order, the first ten. Addresses and versions are not files."""
    # Word by word: one pattern for all of it takes quadratic time on what somebody may send.
    words_of = (word for word in message.split() if not _is_address(word))
    tokens = (token.rstrip("./-") for word in words_of for token in _TOKEN.findall(word))
    return tuple(dict.fromkeys(token for token in tokens if _is_file(token)))[:FILES_AT_MOST]


def requirements_for(intent: str, language: Language) -> tuple[str, ...]:
    """What any result of this intent must satisfy, in the language of the request."""
    table = _REQUIREMENTS[language]
    return table.get(intent, table[""])


def question_for(message: str) -> str:
    """Ask, in the language of `message`, for what is missing: the outcome, the limits, the form."""
    return _QUESTION[language_of(message)]


def compress(message: str, at_most: int = BRIEF_AT_MOST) -> str:
    """`message` with its white space collapsed; of a long one, the head and the tail."""
    text = _tidy(message)
    if len(text) <= at_most:
        return text
    mark = " [truncated] "
    head = (at_most - len(mark)) * 2 // 3
    tail = at_most - len(mark) - head
    return text[:head] + mark + text[-tail:]


def excerpt(text: str, at_most: int) -> str:
    """`text` as it is; of a long one, the head and the tail around a mark."""
    if len(text) <= at_most:
        return text
    head = at_most * 2 // 3
    return f"{text[:head]}\n[truncated]\n{text[head - at_most :]}"


def title_of(message: str, at_most: int = 80) -> str:
    """A heading for `message`: its first sentence, without "please write a", cut at a word."""
    first = re.split(r"(?<=[.!?])\s|[。！？\n]", message.strip(), maxsplit=1)[0]
    asked = _tidy(first).rstrip(".!?,;: ").lstrip("#*->/ ")
    bare = _MAKING.sub("", asked).strip()
    title = asked if bare == asked else bare[:1].upper() + bare[1:]
    if len(title) <= at_most:
        return title
    return title[: at_most - 1].rsplit(" ", 1)[0].rstrip(",;: ") + "…"


def owner_of(difficulty: Difficulty) -> str:
    """The role that owns an order of this difficulty."""
    return OWNERS[difficulty]


def reviewer_of(author: str) -> str:
    """The role that reviews what `author` wrote: never the author's own."""
    return _REVIEWERS.get(author, "director")


def above(role: str) -> str:
    """The role that takes over when work of `role` does not pass: one step up, at the top the same."""
    place = LADDER.index(role) if role in LADDER else 0
    return LADDER[min(place + 1, len(LADDER) - 1)]


def merged(*lists: Iterable[str], at_most: int = 80) -> tuple[str, ...]:
    """The lists one after another, each entry once."""
    return tuple(dict.fromkeys(entry for one in lists for entry in one))[:at_most]


def _is_address(word: str) -> bool:
    return "://" in word or "@" in word or word.startswith("www.")


def _is_file(token: str) -> bool:
    stem, dot, ending = token.rpartition("/")[2].rpartition(".")
    named = any(character.isalnum() for character in stem)
    return bool(dot) and named and bool(_ENDING.fullmatch(ending)) and token.lower() not in _NOT_FILES


def _tidy(text: str) -> str:
    return " ".join(text.split())
