"""What is asked of a model, and what makes two questions the same. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from agents import tokens
from agents.providers import messages
from agents.providers.base import ProviderRequest
from agents.providers.messages import Block, Text, ToolOffer, Turn

REPAIRS = 2
"""How often a model is told what was wrong with its answer, before the answer is given up."""
PAUSES = 8
"""How often a model that paused in the middle of its turn is asked to go on."""
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
    turns: tuple[Turn, ...]
    tools: tuple[ToolOffer, ...] = ()
    tool_choice: str = ""
    schema: dict[str, Any] | None = None
    max_tokens: int | None = None
    aloud: bool = True
    """Whether listeners hear the answer while it is written. No part of what is asked."""

    @property
    def prompt(self) -> str | None:
        """Its words, where it is nothing but words: one turn, no tools."""
        match self.turns:
            case (Turn(speaker="user", blocks=(Text(text=text),)),) if not self.tools:
                return text
            case _:
                return None

    @property
    def listens(self) -> bool:
        """Whether it is a recording that is to be written down."""
        return any(block.kind == "sound" for turn in self.turns for block in turn.blocks)

    @property
    def input_hash(self) -> str:
        """The same for the same question, on every machine."""
        said: dict[str, Any] = {"role": self.role, "system": self.system}
        said |= {"schema": self.schema, "max_tokens": self.max_tokens}
        if self.prompt is not None:
            said["prompt"] = self.prompt
        else:
            said["turns"] = messages.as_json(self.turns)
            said["tools"] = [[tool.name, tool.description, tool.schema] for tool in self.tools]
        if self.tool_choice:
            said["tool_choice"] = self.tool_choice
        canonical = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode("utf-8")).hexdigest()

    def request(
        self, *, id: UUID, model: str, system_prompt: str, effort: str, max_output_tokens: int
    ) -> ProviderRequest:
        """It, in the words and with the limits of a role."""
        return ProviderRequest(
            id=id,
            model=model,
            system="\n\n".join(part for part in (system_prompt, self.system) if part),
            turns=self.turns,
            tools=self.tools,
            tool_choice=self.tool_choice,
            max_tokens=min(self.max_tokens or max_output_tokens, max_output_tokens),
            effort=effort,
            schema=self.schema,
        )


def question(
    *,
    role: str,
    step: int,
    system: str,
    prompt: str | None = None,
    turns: Sequence[Turn] | None = None,
    tools: Sequence[ToolOffer] = (),
    tool_choice: str = "",
    schema: dict[str, Any] | None = None,
    max_tokens: int | None = None,
    aloud: bool = True,
) -> Question:
    """A question whose texts can be sent and stored: of a `prompt`, or of the `turns` of a conversation."""
    if (prompt is None) == (turns is None):
        raise TypeError("a question has a prompt, or turns")
    said = (messages.said(prompt),) if prompt is not None else tuple(turns or ())
    return Question(
        role=role,
        step=step,
        system=tokens.clean(system),
        turns=messages.of_json(tokens.clean_json(messages.as_json(said))),
        tools=tuple(tools),
        tool_choice=tool_choice,
        schema=schema,
        max_tokens=max_tokens,
        aloud=aloud,
    )


def repaired(asked: Question, *, wrong: str, reason: str) -> Question:
    """The same question with the wrong answer and what is wrong with it: a question of its own, bought once."""
    note = tokens.clean(
        f"\n\nYour last answer could not be used: {reason}\nIt began:\n{wrong[:SHOWN]}\n"
        "Answer the same task again, complete and in the form asked for."
    )
    *before, last = asked.turns
    match last.blocks:
        case (*others, Text(text=text)):
            blocks = (*others, Text(text=text + note))
        case _:
            blocks = (*last.blocks, Text(text=note.strip()))
    return replace(asked, turns=(*before, replace(last, blocks=blocks)))


def continued(asked: Question, said: Sequence[Block]) -> Question:
    """The same question with what the model had said when it paused: it goes on from there."""
    return replace(asked, turns=(*asked.turns, Turn(speaker="assistant", blocks=tuple(said))))
