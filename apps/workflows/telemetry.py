"""What a workflow tells of itself: events of the feed, in the words that its readers know, without secrets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from nexus import engine
from nexus.telemetry.log import redact

from .models import Execution

STAGE_START = "workflow.stage_started"
STAGE_END = "workflow.stage_ended"
INVALID = "workflow.stage_validation_failed"
GUARD = "workflow.guarded"
CACHE = "workflow.cached"
BRIDGE = "workflow.bridged"

TYPES = {
    STAGE_START: "StageStart",
    STAGE_END: "StageEnd",
    INVALID: "StageValidationFailed",
    GUARD: "GuardEvent",
    CACHE: "CacheEvent",
    BRIDGE: "BridgeSummary",
}
SENSITIVE = {
    STAGE_START: ("user_input.raw", "user_input.normalized", "prompt.system", "prompt.body_preview", "state_snapshot"),
    STAGE_END: ("result.output_excerpt", "state_diff"),
    INVALID: ("output_excerpt",),
    GUARD: (),
    CACHE: (),
    BRIDGE: (),
}
"""What of each event people have said, or may have been said about them."""
PREVIEW = 400
EXCERPT = 2_000
Json = dict[str, Any]


def tell(context: engine.Context, execution: Execution, kind: str, *, stage: str = "", **facts: Any) -> None:
    """Append one event to the feed of the order."""
    source = f"{execution.workflow}@{execution.version}"
    common = {
        "timestamp": timezone.now().isoformat(), "event_type": TYPES[kind], "request_id": execution.request_id,
        "convo_id": execution.chat_id, "session_id": execution.session_id, "iteration": context.attempt,
        "stage_id": stage, "metadata": {"channel": execution.order.channel, "source": source},
        "sensitive": list(SENSITIVE[kind]),
    }  # fmt: skip
    context.tell(kind, {**common, **clean(facts)})


def clean(value: Any) -> Any:
    """The value without secrets."""
    match value:
        case str():
            return redact(value).replace("\x00", "")
        case Mapping():
            return {str(key): clean(one) for key, one in value.items()}
        case list() | tuple():
            return [clean(one) for one in value]
        case _:
            return value


def excerpt(value: Any, most: int = EXCERPT) -> str:
    """The beginning of it, as text."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= most else text[: most - 1] + "…"


def found(run_ids: Iterable[int], *, after: int = 0, most: int = 1000) -> list[engine.Event]:
    """Events of workflows in these runs, oldest first, from the one after the row `after` on."""
    rows = engine.events.filter(run_id__in=list(run_ids), kind__in=list(TYPES), id__gt=after)
    return list(rows.order_by("id")[:most])


def wire(event: engine.Event, order: str) -> Json:
    """An event on its own, as it is searched and exported."""
    return {"kind": event.kind, "order": order, "seq": event.seq, **event.data}
