"""A plan that follows the request: its sections, and what the result will be measured by."""

from __future__ import annotations

from typing import Any

from apps.sandbox.prose import request, review, section
from apps.sandbox.prose.language import Language
from apps.sandbox.prose.prompt import Prompt


def plan(prompt: Prompt, language: Language) -> dict[str, Any]:
    """Summary, sections and acceptance criteria."""
    facets = section.facets_of(prompt.about, language)
    if "plan two sections" in prompt.instruction:
        facets = facets[:2]
    sections = [{"key": facet.key, "title": facet.title, "focus": facet.focus} for facet in facets]
    if demanded := _demanded(prompt):
        # The second section is in every plan, also where a small order keeps only the first ones.
        sections[1]["focus"] += section.also(demanded, language)
    subject = request.quoted(prompt.about)
    titles = [facet.title for facet in facets]
    if language == "zh":
        summary = f"针对“{subject}”，分{len(titles)}部分：{'、'.join(titles)}。"
    else:
        summary = f"An answer to “{subject}” in {len(titles)} parts: {_joined(titles)}."
    return {"summary": summary, "sections": sections, "acceptance": _acceptance(prompt, titles, language)}


def as_text(prompt: Prompt, language: Language) -> str:
    """The plan for reading, where no schema was asked for."""
    made = plan(prompt, language)
    heading = {"en": "Accepted when", "zh": "验收标准"}[language]
    lines = [f"# {request.subject(prompt.about)}", "", made["summary"], ""]
    lines += [
        f"{number}. **{part['title']}** — {part['focus']}" for number, part in enumerate(made["sections"], start=1)
    ]
    return "\n".join([*lines, "", f"## {heading}", "", *(f"- {criterion}" for criterion in made["acceptance"])])


def _joined(titles: list[str]) -> str:
    # Titles may hold commas of their own.
    return "; ".join(titles[:-1]) + f"; and {titles[-1]}"


def _demanded(prompt: Prompt) -> list[str]:
    """What the given criteria want to find in the text, word for word."""
    found = [word for criterion in prompt.criteria for word in review.demanded(criterion)]
    return list(dict.fromkeys(found))


def _acceptance(prompt: Prompt, titles: list[str], language: Language) -> list[str]:
    terms = request.terms(prompt.about, most=4)
    if language == "zh":
        own = [f"包含“{title}”一节，内容具体" for title in titles[:2]]
        own.append("使用需求中的说法：" + "、".join(f"“{term}”" for term in terms)) if terms else None
        return [*prompt.criteria, *own, "没有占位文字"]
    # Only the first two are named: of a small order's plan no more may be kept.
    own = [f"Has a section “{title}” with concrete points" for title in titles[:2]]
    if terms:
        own.append("Speaks of what was asked: " + ", ".join(f"“{term}”" for term in terms))
    return [*prompt.criteria, *own, "Leaves no placeholder text behind"]
