"""What is asked of a model, and what makes two questions the same. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

from agents import tokens

REPAIRS = 2
"""How often a model is told what was wrong with its answer, before the answer is given up."""
SHOWN = 4_000
"""Characters of a wrong answer that are shown back."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question of one step.

    It is the handler's words that identify it, not the role's model or prompt of the day: an answer that is there is
    not bought again because an operator changed a role in between.
    """

    role: str
    step: int
    system: str
    prompt: str
    schema: dict[str, Any] | None = None
    max_tokens: int | None = None

    @property
    def input_hash(self) -> str:
        """The same for the same question, on every machine."""
        said = {"role": self.role, "system": self.system, "prompt": self.prompt}
        said |= {"schema": self.schema, "max_tokens": self.max_tokens}  # type: ignore[dict-item]  # any JSON
        canonical = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def question(
    *, role: str, step: int, system: str, prompt: str, schema: dict[str, Any] | None, max_tokens: int | None
) -> Question:
    """A question whose texts can be sent and stored."""
    return Question(
        role=role,
        step=step,
        system=tokens.clean(system),
        prompt=tokens.clean(prompt),
        schema=schema,
        max_tokens=max_tokens,
    )


def repaired(asked: Question, *, wrong: str, reason: str) -> Question:
    """The same question with the wrong answer and what is wrong with it: a question of its own, bought once."""
    note = (
        f"\n\nYour last answer could not be used: {reason}\nIt began:\n{wrong[:SHOWN]}\n"
        "Answer the same task again, complete and in the form asked for."
    )
    return replace(asked, prompt=tokens.clean(asked.prompt + note))
