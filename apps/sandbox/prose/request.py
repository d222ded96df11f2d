"""What a request is about: its subject, the form it wants, the parts it lists, its terms."""

from __future__ import annotations

import re
from typing import Literal

from apps.sandbox.prose import language

Form = Literal["checklist", "steps", "points"]

POLITE = re.compile(
    r"^\s*(?:(?:please|kindly|hi|hello|hey)\b[\s,!]*|(?:can|could|would|will) you\s+(?:please\s+)?"
    r"|i(?:'d| would) like (?:you )?to\s+|(?:i|we) (?:need|want)(?: you)?(?: to)?\s+|help (?:me|us)(?: to)?\s+|let's\s+)",
    re.IGNORECASE,
)
MAKING = re.compile(
    r"^(?:draft|write(?: up)?|create|make|prepare|produce|generate|compile|compose|put together|come up with|give me|"
    r"give us|draw up|sketch|outline|provide)\s+(?:(?:me|us)\s+)?(?:(?:a|an|the|some|one)\s+)?",
    re.IGNORECASE,
)
ARTICLE = re.compile(r"^(?:an?|the|some)\s+", re.IGNORECASE)
POLITE_ZH = re.compile(r"^(?:请问|请|麻烦你?|帮我们?|帮忙|给我们?|我们?(?:想要?|需要|要)|能否|可以|你?能不能|为我们?)+")
MAKING_ZH = re.compile(
    r"^(?:撰写|起草|编写|草拟|写|制定|准备|生成|整理|做|拟定|拟|给出|列出|输出)(?:出)?(?:一)?(?:份|个|篇|套|张|封)?"
)
MADE_FOR_ZH = re.compile(
    r"^(?:为|给|针对)(?P<whom>.{2,40}?)(?:撰写|起草|编写|草拟|写|制定|准备|生成|整理|做|拟定)(?:一?[份个篇套张封])?(?P<what>.{2,})$"
)
SENTENCE_END = re.compile(r"(?<=[.!?])\s+|[。！？\n]")
LISTED = re.compile(
    r"(?:\bcovering|\bincluding|\bwith (?:the )?(?:sections?|parts?|chapters?)(?: on| about)?|\bsections?|\bcovers?|包括|包含|涵盖|分为)?"
    r"\s*[:：]\s*(?P<after>[^.。\n]+)|(?:\bcovering|\bincluding|包括|包含|涵盖)\s*(?P<named>[^.。\n]+)",
    re.IGNORECASE,
)
SPLIT = re.compile(r"\s*(?:[,，、;；]|\band\b|以及|和)\s*")

CHECKLIST = re.compile(r"check-?list|\bto-?do|清单|检查表|核对", re.IGNORECASE)
STEPS = re.compile(
    r"\b(?:how to|guide|steps?|plan|runbook|playbook|tutorial|procedure|roadmap|instructions?|set up|build|implement|"
    r"migrate|deploy|fix)\b|步骤|指南|计划|教程|流程|方案|如何|怎么|手册|搭建|实现|部署|修复",
    re.IGNORECASE,
)

WORD = re.compile(r"[A-Za-z][A-Za-z0-9+#.'-]*[A-Za-z0-9+#]|[A-Za-z]")
STOP = frozenset(
    "a about after all also an and any are as at be been before best but by can could do does for from get give has have "
    "help how i if in into is it its just like list make may me more most my need needs new no not of on one or our out "
    "please should so some than that the their them then there these they this those to up us use used using very want "
    "was we were what when where which who why will with would write you your draft create prepare produce generate "
    "short long good nice simple small quick service thing things".split()
)
STOP_ZH = re.compile(
    r"请问|请|帮我|帮忙|麻烦|撰写|起草|编写|草拟|制定|准备|生成|整理|一份|一个|一篇|一套|一下|关于|针对|我们|你们|以及|"
    r"如何|怎么|什么|需要|进行|使用|带有|的|了|和|与|及|或|在|对|为|把|将|有|是|写|做|给|用|从|到|中"
)


def subject(request: str, *, longest: int = 90) -> str:
    """The request as a heading: "Draft a plan for X" becomes "Plan for X"."""
    sentences = [" ".join(part.split()) for part in SENTENCE_END.split(request.strip()) if part.strip()]
    # "Hi team," is no subject: the first sentence that says something is.
    told = next((part for part in sentences if len(terms(part)) > 1), sentences[0] if sentences else "")
    text = told
    for polite, making in ((POLITE, MAKING), (POLITE_ZH, MAKING_ZH)):
        bare = making.sub("", polite.sub("", text)).strip()
        text = bare or text
    if text != told:
        text = ARTICLE.sub("", text)
    if listed_parts(text):
        # What comes after the colon is told in the sections.
        text = re.split(r"[:：]", text)[0]
    text = text.removeprefix("关于").strip(" .!?。！？:：,，\"'“”")
    if match := MADE_FOR_ZH.match(text):
        text = f"{match['whom']}的{match['what']}"
    if len(text) > longest:
        text = text[:longest].rsplit(" ", 1)[0].rstrip(" ,;:，、") + "…"
    return text[:1].upper() + text[1:] or "The request"


def quoted(request: str, *, longest: int = 160) -> str:
    """The request's own words, short enough for a sentence."""
    text = " ".join(request.split()).rstrip(" .。")
    return text if len(text) <= longest else text[:longest].rsplit(" ", 1)[0].rstrip(" ,;:，、") + "…"


def form(request: str) -> Form:
    """How its content should be set out."""
    if CHECKLIST.search(request):
        return "checklist"
    return "steps" if STEPS.search(request) else "points"


def listed_parts(request: str) -> list[str]:
    """The parts that the request itself lists ("covering X, Y and Z"), when it names three to six short ones."""
    for match in LISTED.finditer(request):
        parts = [part.strip(" .。\"'“”") for part in SPLIT.split(match.group("after") or match.group("named"))]
        parts = [re.sub(r"^(?:the|a|an)\s+", "", part, flags=re.IGNORECASE) for part in parts if part]
        short = all(len(part.split()) <= 6 and len(part) <= 48 for part in parts)
        if 3 <= len(parts) <= 6 and short:
            return [part[:1].upper() + part[1:] for part in parts]
    return []


def terms(text: str, *, most: int = 12) -> list[str]:
    """The words that carry the meaning, in the order in which they appear."""
    if language.of(text) == "zh":
        return _terms_zh(text)[:most]
    found = [word for word in WORD.findall(text) if word.lower() not in STOP and (len(word) > 2 or word.isupper())]
    return list(dict.fromkeys(word.lower() for word in found))[:most]


def _terms_zh(text: str) -> list[str]:
    latin = [word.lower() for word in WORD.findall(text) if len(word) > 1]
    runs = re.findall(r"[\u3400-\u9fff]+", text)
    pieces = [piece for run in runs for piece in STOP_ZH.split(run)]
    return list(dict.fromkeys([*latin, *(piece for piece in pieces if 2 <= len(piece) <= 8)]))
