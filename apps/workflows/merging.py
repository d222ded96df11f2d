"""What of a stage's answer stays: the fields that it saves, merged into the conversation's state. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import paths

Json = dict[str, Any]


def slice_of(answer: Mapping[str, Any], saves: Sequence[str]) -> Json:
    """The fields of `saves` as the answer has them; the others are forgotten."""
    kept: Json = {}
    for path in saves:
        steps = path.split(".")
        found = paths.found(answer, path)
        if "*" in steps or not found:
            continue
        place = kept
        for step in steps[:-1]:
            place = place.setdefault(step, {})
        place[steps[-1]] = found[0][1]
    return kept


def merged(state: Mapping[str, Any], stage: str, output: Mapping[str, Any], *, user_prompt: str) -> Json:
    """The state after a stage; the state before it is left as it was."""
    kept = output["slice"]
    guard = state.get("guard") or {"violations": 0, "locked_until": None}
    inquiry = paths.value_at(kept, "judgements.inquiry")
    return {
        **state,
        "user_prompt": user_prompt,
        "inquiry": inquiry if isinstance(inquiry, bool) else state.get("inquiry"),
        "stages": {**state.get("stages", {}), stage: kept},
        "nextStep": output["next"],
        "guard": {**guard, "violations": guard["violations"] + output.get("violations", 0)},
        "response_id": output["response_id"],
        "latest_response_id": output["response_id"],
    }
