"""From the kind of task to the function that does it: text, or a proposal for structured output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from apps.sandbox.prose import assemble, plan, review, section, triage
from apps.sandbox.prose.language import Language
from apps.sandbox.prose.prompt import Prompt

TEXTS: dict[str, Callable[[Prompt, Language], str]] = {
    "triage": triage.brief,
    "brief": triage.brief,
    "plan": plan.as_text,
    "research": section.research,
    "outline": section.outline,
    "section": section.section,
    "assemble": assemble.assemble,
    "review": review.as_text,
    "revise": assemble.revise,
    "chat": section.chat,
}
DATA: dict[str, Callable[[Prompt, Language], dict[str, Any]]] = {
    "triage": triage.triage,
    "plan": plan.plan,
    "review": review.review,
}
SIGNS = {"triage": {"intent", "difficulty"}, "plan": {"sections"}, "review": {"verdict"}}


def text(prompt: Prompt, language: Language) -> str:
    """What the sandbox has to say, without its closing line."""
    return TEXTS.get(prompt.kind, section.chat)(prompt, language)


def data(prompt: Prompt, language: Language) -> dict[str, Any] | None:
    """What it proposes for a schema, where the kind of task has a shape of its own."""
    made = DATA.get(prompt.kind)
    return made(prompt, language) if made else None


def kind_by_shape(schema: dict[str, Any]) -> str | None:
    """The kind of task that a schema gives away, for prompts that do not name it."""
    names = set(schema.get("properties", {}))
    return next((kind for kind, signs in SIGNS.items() if signs <= names), None)
