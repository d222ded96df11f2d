"""The places in a prompt that are filled at the moment: `{{input.user_prompt}}` and its relatives. Pure.

What people, models or files have said comes in marked blocks, which it cannot close. A place that nobody knows stays as
it is written: a prompt is text, and nothing in it is run.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents import prompts

PLACE = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_.]{0,63})\s*\}\}")
LONGEST = 60_000
"""Characters of one block."""
INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cn", "Cs"})


@dataclass(frozen=True, kw_only=True)
class Moment:
    """What is known when a stage begins."""

    user_prompt: str
    entries: Sequence[Mapping[str, Any]]
    """What was said before, oldest first."""
    state: Mapping[str, Any]
    """cached_state, with what the stages before this one have merged."""
    directive: Mapping[str, Any]
    knowledge: Mapping[str, Any]
    outputs: Mapping[str, Any]
    """Stage -> its answer, of this order."""
    request_id: str
    workflow: str


def filled(prompt: str, moment: Moment) -> str:
    """The prompt with its places filled."""
    blocks = {
        "user_prompt": lambda: prompts.request(moment.user_prompt),
        "chat_context_summary": lambda: _quoted("chat_context_summary", _said(moment.entries)),
        "cached_state": lambda: _quoted("cached_state", moment.state),
        "runtime_directive": lambda: _quoted("runtime_directive", moment.directive),
        "KnowledgeBase_Dictionary": lambda: _quoted("KnowledgeBase_Dictionary", dictionary(moment.knowledge)),
        "service_index": lambda: _quoted("service_index", services(moment.knowledge, moment.state)),
        "previous_stage_outputs": lambda: _quoted("previous_stage_outputs", moment.outputs),
        "request_id": lambda: moment.request_id,
        "workflow_id": lambda: moment.workflow,
    }
    blocks |= {"user_text": blocks["user_prompt"], "chat_summary": blocks["chat_context_summary"]}

    def fill(found: re.Match[str]) -> str:
        name = found[1].removeprefix("input.")
        return blocks[name]() if name in blocks else found[0]

    return PLACE.sub(fill, prompt)


def normalized(text: str) -> str:
    """What a person has written, without what nobody can see."""
    composed = unicodedata.normalize("NFC", text)
    seen = (sign for sign in composed if sign in "\n\t" or unicodedata.category(sign) not in INVISIBLE)
    return "".join(seen).strip()


def dictionary(knowledge: Mapping[str, Any]) -> dict[str, Any]:
    """Who there is and what is whose: the knowledge without its services."""
    return {
        "org_metadata": knowledge.get("org_metadata", {}),
        "routing_table": knowledge.get("routing_table", []),
        "agencies": knowledge.get("index", []),
    }


def services(knowledge: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any]:
    """The services of the agencies that were found, or of all."""
    agencies: Mapping[str, Any] = knowledge.get("agencies", {})
    said = json.dumps(state.get("stages", {}), ensure_ascii=False)
    named = {name: one for name, one in agencies.items() if f'"{name}"' in said}
    return dict(named or agencies)


def _said(entries: Sequence[Mapping[str, Any]]) -> str:
    return "\n".join(f"{entry['speaker']}: {entry['text']}" for entry in entries) or "(nothing was said before)"


def _quoted(title: str, value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return prompts.quoted(title, text[:LONGEST])
