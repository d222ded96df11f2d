"""How a stage asks a model: what people and other models wrote in marked blocks, the instruction outside them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from agents import calls, prompts
from nexus import engine
from workorders.instructions import answer_in
from workorders.language import language_of

from . import instructions
from .models import BuildProject

SHOWN = 30_000
"""Characters of one earlier output in a prompt."""


def ask(
    context: engine.Context,
    *,
    project: BuildProject,
    role: str,
    kind: str,
    step: int,
    schema: dict[str, Any],
    inputs: Mapping[str, object] | None = None,
    section: tuple[str, str] | None = None,
    feedback: Sequence[str] = (),
) -> dict[str, Any]:
    """The answer of `role`, which fits `schema`. One step is one question: asked again, it is replayed."""
    prompt = prompts.compose(
        kind,
        instruction=instructions.TEXTS[kind],
        request=project.requirement,
        section=section,
        inputs={title: _shown(value) for title, value in (inputs or {}).items()},
        feedback=feedback,
    )
    system = answer_in(language_of(project.requirement))
    answer = calls.call(context, role=role, step=step, system=system, prompt=prompt, schema=schema)
    if not isinstance(answer.data, dict):
        raise TypeError("a schema was given, so the answer is an object")
    return answer.data


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}\n[…]"
