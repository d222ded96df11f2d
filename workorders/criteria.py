"""Acceptance criteria that need no judge: text that must, or must not, be in the result. Pure.

A criterion is a line. "must contain: rollback" and "must not contain: TODO" are checked here, in any case
and any spacing (in Chinese: 必须包含：… and 不得包含：…); every other line is for the reviewer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from .language import Language

_FORM = re.compile(
    r"\s*(must not contain|must contain|不得包含|必须包含)\s*[:：]\s*(.*\S)\s*", re.IGNORECASE | re.DOTALL
)
_MEANS: dict[str, Literal["required", "forbidden"]] = {
    "must contain": "required",
    "必须包含": "required",
    "must not contain": "forbidden",
    "不得包含": "forbidden",
}
_SAYS: dict[Language, dict[str, str]] = {
    "en": {
        "required": "The text must contain “{}” and does not.",
        "forbidden": "The text must not contain “{}” and does.",
    },
    "zh-Hans": {"required": "文本必须包含“{}”，但没有。", "forbidden": "文本不得包含“{}”，但包含了。"},
}


@dataclass(frozen=True, kw_only=True)
class TextRule:
    """Text that must, or must not, be in the result."""

    kind: Literal["required", "forbidden"]
    text: str

    def holds(self, document: str) -> bool:
        """Whether `document` satisfies the rule."""
        return (_folded(self.text) in _folded(document)) == (self.kind == "required")

    def reason(self, language: Language) -> str:
        """What to tell whoever revises the document."""
        # replace, not format: the text is the requester's and may hold braces.
        return _SAYS[language][self.kind].replace("{}", self.text)


def spelled(criterion: str | Mapping[str, str]) -> str:
    """A criterion as a line: itself, or {"kind": "required" | "forbidden", "text"} in its words."""
    if isinstance(criterion, str):
        return criterion
    form = "must contain" if criterion["kind"] == "required" else "must not contain"
    return f"{form}: {criterion['text']}"


def text_rule(criterion: str) -> TextRule | None:
    """Read a criterion as a rule about text; None where it is for a judge."""
    form = _FORM.fullmatch(criterion)
    if form is None:
        return None
    return TextRule(kind=_MEANS[form[1].lower()], text=form[2])


def broken(criteria: Iterable[str], document: str, language: Language) -> tuple[str, ...]:
    """The reasons why `document` does not satisfy the criteria about text; empty when it does."""
    found = (text_rule(criterion) for criterion in criteria)
    return tuple(rule.reason(language) for rule in found if rule and not rule.holds(document))


def for_the_judge(criteria: Iterable[str]) -> tuple[str, ...]:
    """The criteria that only a reader can decide."""
    return tuple(criterion for criterion in criteria if text_rule(criterion) is None)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
