"""Short texts for any place of any JSON schema, taken from the request and from what is known about it."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

from apps.sandbox.prose import request, section
from apps.sandbox.prose.language import Language
from apps.sandbox.prose.prompt import Prompt
from apps.sandbox.prose.topics import Facet

SHORT = re.compile(r"(?:title|name|label|heading|topic|subject|tag|category|role|owner|step|task)s?$", re.IGNORECASE)
SUMMARY = re.compile(
    r"summary|abstract|overview|brief|conclusion|answer|reply|message|content|body|text", re.IGNORECASE
)
KEY = re.compile(r"(?:^|_)(?:key|id|slug|code|identifier)s?$", re.IGNORECASE)
QUESTION = re.compile(r"question", re.IGNORECASE)
REASON = re.compile(r"reason|why|rationale|justification|because|explanation", re.IGNORECASE)
LANGUAGE = re.compile(r"^(?:language|locale|lang)$", re.IGNORECASE)
GOOD = ("pass", "ok", "approved", "approve", "accept", "accepted", "normal", "medium", "success", "yes", "none")


class Phrasebook:
    """Texts for one prompt. The same name and number get the same text."""

    def __init__(self, prompt: Prompt, language: Language) -> None:
        self._prompt = prompt
        self._language = language

    def text(self, name: str, number: int) -> str:
        """A text for the property `name`; lists count `number` up from 1."""
        lap, at = divmod(max(number - 1, 0), len(self._facets))
        facet = self._facets[at]
        lead, why = facet.items[lap % len(facet.items)]
        if LANGUAGE.search(name):
            return self._language
        if KEY.search(name):
            return facet.key if not lap else f"{facet.key}_{lap + 1}"
        if QUESTION.search(name):
            return self._question(facet.title)
        if REASON.search(name):
            return why[:1].upper() + why[1:]
        if SHORT.search(name):
            return self._subject if name.endswith(("title", "subject", "topic")) and not number else facet.title
        if SUMMARY.search(name) and not number:
            return self._summary
        return re.sub(r"[*`]", "", lead)

    def choose(self, name: str, allowed: list[Any]) -> Any:
        """The value that the request itself names, or the one that lets work go on, or the first."""
        about = self._prompt.about.lower()
        for value in allowed:
            if isinstance(value, str) and value and re.search(rf"\b{re.escape(value.lower())}\b", about):
                return value
        return next((value for value in allowed if str(value).lower() in GOOD), allowed[0])

    def key(self, number: int) -> str:
        """A name for a property that the schema leaves open."""
        lap, at = divmod(max(number - 1, 0), len(self._facets))
        facet = self._facets[at]
        return facet.key if not lap else f"{facet.key}_{lap + 1}"

    @cached_property
    def _facets(self) -> list[Facet]:
        return section.facets_of(self._prompt.about, self._language)

    @property
    def _subject(self) -> str:
        return request.subject(self._prompt.about)

    @property
    def _summary(self) -> str:
        titles = [facet.title for facet in self._facets]
        if self._language == "zh":
            return f"{self._subject}：{'、'.join(titles)}。"
        return f"{self._subject}: {', '.join(titles[:-1])} and {titles[-1]}."

    def _question(self, title: str) -> str:
        if self._language == "zh":
            return f"关于“{title}”，还有哪些要求？"
        return f"What else should be known about “{title}”?"
