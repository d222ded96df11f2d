"""The last task: the reply becomes the deliverable, and the conversation remembers what was said."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db.models.functions import Now

from billing import money, reports
from nexus import engine
from nexus.transactions import opens_transaction
from workorders.models import Deliverable

from . import memory, starting, telemetry
from .merging import merged
from .models import Chat, ChatEntry, Execution
from .opening import blank

NAME = "reply.md"
Json = dict[str, Any]


def close_session(context: engine.Context) -> engine.Outcome:
    """Store the reply and the state, then write the last entries to Redis. Done again after a crash, it is the same."""
    execution = starting.of_run(context.run_id)
    outputs = context.outputs()
    order = [step["stage"] for step in execution.definition["workflow"]["stages"] if step["stage"] in outputs]
    reply = reply_of([outputs[stage]["data"] for stage in order])
    said = outputs["open"]["user_prompt"]
    _store(context, execution, reply, said, [(stage, outputs[stage]) for stage in order])
    if execution.definition["workflow"]["needs_context"]:
        entries = memory.remember(execution.chat_id)
        telemetry.tell(
            context, execution, telemetry.CACHE, op="save", key=memory.key_of(execution.chat_id), entries=entries
        )
    totals = reports.of_order(execution.order.public_id)
    telemetry.tell(
        context, execution, telemetry.BRIDGE, mode="whole", chunks=1,
        tokens_total=totals.input_tokens + totals.output_tokens, token_in=totals.input_tokens,
        token_out=totals.output_tokens, pricing_usd=money.text(totals.cost_usd), latency_ms_total=_took(execution),
    )  # fmt: skip
    return engine.Done(output={"reply": reply, "stages": order})


def reply_of(answers: list[Json]) -> str:
    """The last assistantReply that was given; the last answer whole, where the stages give none."""
    replies = [answer["assistantReply"] for answer in answers if isinstance(answer.get("assistantReply"), str)]
    if said := [reply for reply in replies if reply.strip()]:
        return str(said[-1])
    return json.dumps(answers[-1] if answers else {}, ensure_ascii=False, indent=2)


@opens_transaction
def _store(
    context: engine.Context, execution: Execution, reply: str, said: str, outputs: list[tuple[str, Json]]
) -> None:
    order = execution.order
    body = reply.encode()
    facts: Json = {"deliverable": NAME, "sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body)}
    # A worker may die after this commit and before the task's end; whoever comes next finds the row.
    if Deliverable.objects.filter(order=order, name=NAME).exists():
        return
    # The feed locks the run, hold() the task: in this order, as everywhere in the engine.
    engine.tell(run_id=context.run_id, task_id=context.task_id, kind="order.delivered", data=facts)
    context.hold()
    Deliverable.objects.create(order=order, name=NAME, body=reply, sha256=facts["sha256"])
    _remember(execution, reply, said, outputs)


def _remember(execution: Execution, reply: str, said: str, outputs: list[tuple[str, Json]]) -> None:
    Chat.objects.get_or_create(chat_id=execution.chat_id, defaults={"project": execution.project})
    # Two orders of one conversation may end together: each merges into what the other has left.
    chat = Chat.objects.select_for_update().get(chat_id=execution.chat_id)
    state = dict(chat.cached_state)
    if execution.anew:
        state = {}
        last = chat.entries.order_by("-id").values_list("id", flat=True).first()
        chat.begins_after = last or 0
    state = {**blank(execution), **state}
    for stage, output in outputs:
        state = merged(state, stage, output, user_prompt=said)
    Chat.objects.filter(pk=chat.pk).update(cached_state=state, begins_after=chat.begins_after, updated_at=Now())
    ChatEntry.objects.bulk_create(
        ChatEntry(chat=chat, order=execution.order.public_id, speaker=speaker, text=text)
        for speaker, text in (("user", said), ("assistant", reply))
    )


def _took(execution: Execution) -> int:
    """Milliseconds since the order was filed."""
    run = engine.runs.filter(pk=execution.order.run_id).annotate(now=Now()).values("created_at", "now").get()
    return round((run["now"] - run["created_at"]).total_seconds() * 1000)
