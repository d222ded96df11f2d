"""What kind of work a request is, how hard, and what it comes to: rules, whole words, first match wins."""

from __future__ import annotations

import re
from typing import Any

from apps.sandbox.prose import request, section
from apps.sandbox.prose.language import Language
from apps.sandbox.prose.prompt import Prompt

INTENTS = (
    (
        "debug",
        r"\b(?:bugs?|debug(?:ging)?|(?<!report )errors?(?! (?:handling|pages?|codes?|budgets?|messages?|formats?))|fix(?:es|ing)?|crash(?:es)?|traceback)\b|报错|修复|排查",
    ),
    ("ops", r"\b(?:deploy(?:ment|ing)?|docker|k8s|kubernetes|ops|rollback|backup)\b|上线|部署"),
    (
        "documentation",
        r"\b(?:docs?|documentation|document|readme|checklist|guide|report|article)\b|文档|说明|清单|报告",
    ),
    ("build_feature", r"\b(?:build|implement|create|develop|add)\b|新增|实现|搭建|开发"),
)
UNCLEAR = re.compile(
    # Somebody's own doubt about what they want; "for users who are not sure" is part of the work.
    r"(?:^|\b(?:i|we)(?:'m|’m| am|'re|’re| are)?(?: \w+)? )(?:not sure|unclear|undecided)\b(?! (?:why|where|what causes))"
    r"|^\W*whatever\W*(?:$|you\b)|\b(?:whatever you|anything is fine)\b|\b(?:whatever|not sure)\W*$"
    r"|不知道(?!为什么|为何|怎么回事|原因|哪里)|(?<![不能可])随便|你看着办",
    re.IGNORECASE,
)
COMPLEX = re.compile(
    r"\b(?:architecture|refactor(?:ing)?|migrations?|databases?|security|performance|redis|postgres(?:ql)?|docker|"
    r"kubernetes|distributed)\b|架构|重构|迁移|数据库|性能|安全",
    re.IGNORECASE,
)
TRIVIAL = re.compile(r"\b(?:typo|format|translate|rename|small|quick)\b|改个字|翻译|润色|一句话", re.IGNORECASE)
FILES = re.compile(r"(?:[\w.-]+/)*[\w-][\w.-]*\.[A-Za-z][A-Za-z0-9]{0,7}\b")
NO_FILES = re.compile(r"^(?:e\.g|i\.e|etc|vs|\d+)\b|\.(?:com|org|net|io)$", re.IGNORECASE)

WANTED = {
    "debug": {
        "en": "Reproduce the fault, repair its cause, and show that it is gone.",
        "zh": "复现问题，修复根因，并证明已经解决。",
    },
    "ops": {"en": "Include a way back (rollback) and a health check.", "zh": "包含回滚办法与健康检查。"},
    "documentation": {
        "en": "Complete, in order, and usable by a newcomer as it stands.",
        "zh": "完整、有序，新人无需提问即可使用。",
    },
    "build_feature": {
        "en": "Runs without errors, with a step to verify it locally.",
        "zh": "运行无错误，并附本地验证步骤。",
    },
    "general_request": {"en": "Answers what was asked, in full and to the point.", "zh": "完整而切题地回答所问。"},
}


def triage(prompt: Prompt, language: Language) -> dict[str, Any]:
    """Intent, difficulty and brief of the request."""
    text = prompt.about
    intent = next((name for name, words in INTENTS if re.search(words, text, re.IGNORECASE)), "general_request")
    difficulty = difficulty_of(text)
    return {
        "intent": intent,
        "difficulty": difficulty,
        "relevant_files": _files(text),
        "qa_requirements": WANTED[intent][language],
        "clarification_question": _question(text, language) if difficulty == "unclear" else None,
        "brief": brief(prompt, language),
    }


def difficulty_of(text: str) -> str:
    """trivial, normal, complex, or unclear."""
    # What was asked back and answered stands in the last paragraph: it settles what the first left open.
    *earlier, last = [part for part in text.strip().split("\n\n") if part.strip()] or [""]
    # Eight letters say little; four Chinese characters can be a whole request.
    weight = len(last.strip()) + len(re.findall(r"[\u3400-\u9fff]", last))
    if (weight < 8 and not earlier) or UNCLEAR.search(last.strip()):
        return "unclear"
    if len(text) > 900 or len({word.lower() for word in COMPLEX.findall(text)}) >= 2:
        return "complex"
    return "trivial" if len(text) < 140 and TRIVIAL.search(text) else "normal"


def brief(prompt: Prompt, language: Language) -> str:
    """The request in two sentences, for whoever carries it out."""
    subject = request.subject(prompt.about)
    titles = [facet.title for facet in section.facets_of(prompt.about, language)]
    if language == "zh":
        return f"{subject}。重点包括：{'、'.join(titles)}。"
    return f"{subject}. It should cover {', '.join(titles[:-1])} and {titles[-1]}."


def _files(text: str) -> list[str]:
    names = [name.strip(".") for name in FILES.findall(text) if not NO_FILES.search(name)]
    return list(dict.fromkeys(names))[:10]


def _question(text: str, language: Language) -> str:
    if language == "zh":
        return f"关于“{request.quoted(text, longest=40)}”：期望的产出是什么？有哪些限制？需要什么格式？"
    said = request.quoted(text, longest=60)
    return f"About “{said}”: what should the result be, which constraints apply, and in which format do you need it?"
