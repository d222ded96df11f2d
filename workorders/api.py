"""The door for programs that embed Nexus: orders, people's words, money, and what the programs bring themselves.

    from workorders import api

    order = api.file("Draft a release checklist", project="shop", budget_usd=Decimal("0.50"))
    for event in api.watch(order):
        print(event.seq, event.kind)
    print(api.look(order)["deliverable"]["text"], api.costs(order).cost_usd)

Orders are named by their ids, as everywhere. Whoever calls these functions may see and change every order: who may
what is asked at the doors for users, such as apps/api. A Django that is set up is needed, and nothing else; the work is
done by workers, in whatever processes they run. docs/howto/embed.md has the whole of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from django.db import transaction

from agents import roles
from agents.tools import Output, ToolFailed, Where, tool
from billing import reports
from billing.reports import Totals
from nexus import engine
from nexus.engine import Approval, Context, Done, Outcome, Park, Refused, Retry, TaskSpec, handler
from nexus.errors import NexusError, NotThere

from . import queries, watching
from .flow import clarify, intake
from .models import Project, WorkOrder
from .watching import Event

__all__ = [
    "Approval", "Context", "Done", "Event", "NexusError", "Outcome", "Output", "Park", "Refused", "Retry", "TaskSpec",
    "ToolFailed", "Totals", "Where", "answer", "approvals", "cancel", "costs", "decide", "define_role", "file",
    "handler", "look", "pause", "report", "resume", "tool", "wait", "watch",
]  # fmt: skip

Decision = Literal["approve", "edit_and_approve", "revise", "reject", "respond"]


@transaction.atomic
def file(
    message: str,
    *,
    project: str = "default",
    files: Sequence[Mapping[str, str]] = (),
    acceptance: Sequence[str | dict[str, Any]] = (),
    tools: Sequence[str] = (),
    budget_usd: Decimal | None = None,
    priority: int = 5,
    requester: str = "",
) -> str:
    """Take in an order and return its id; it is worked on from the commit on, yours or ours. Raise OrderInvalid.

    `project` is a slug, and is created where there is none. `files` are {"name", "content"}.
    """
    found, _ = Project.objects.get_or_create(slug=project, defaults={"name": project})
    order = intake.accept(
        message=message, project=found, files=files, acceptance=acceptance, tools=tools, budget_usd=budget_usd,
        priority=priority, requester=requester, channel="internal",
    )  # fmt: skip
    return order.public_id


def look(order: str) -> dict[str, Any]:
    """The order as it stands: docs/reference/run-json.md says what each field means. Raise NotThere."""
    return queries.view(_order(order))


def report(order: str) -> dict[str, Any]:
    """The same, with every event and every ledger line."""
    return queries.report(_order(order))


def watch(order: str, *, after: int = 0, within: float | None = None) -> Iterator[Event]:
    """Every event of the order after the one with the number `after`, as it comes, up to its last.

    Raise TimeoutError when the order has not ended `within` seconds. One that waits for people has not.
    """
    return watching.events(_order(order).run_id, after=after, within=within)


def wait(order: str, *, within: float | None = None) -> dict[str, Any]:
    """Wait until the order has ended or needs a person; return it as it then stands. Raise TimeoutError."""
    found = _order(order)
    watching.until_it_rests(found, within=within)
    return queries.view(found)


def answer(order: str, text: str, *, actor: str = "") -> None:
    """Say what the order asked back. Raise NotWaiting."""
    clarify.answer(order=_order(order), text=text, actor=actor)


def approvals(order: str) -> list[Approval]:
    """What people have to decide before the order goes on, oldest first."""
    return list(engine.approvals.waiting().filter(run_id=_order(order).run_id).order_by("id"))


def decide(
    approval: Approval, decision: Decision, *, actor: str, reason: str = "", content: dict[str, Any] | None = None
) -> None:
    """Take `actor`'s word about the content that `approval` shows; the first that decides stands."""
    engine.decide(
        approval_id=approval.pk, decision=decision, hash=approval.hash, actor=actor, reason=reason, content=content,
        channel="python",
    )  # fmt: skip


def cancel(order: str, *, actor: str = "", reason: str = "") -> None:
    """End the order for good."""
    engine.cancel(run_id=_order(order).run_id, actor=actor, reason=reason)


def pause(order: str, *, actor: str = "", reason: str = "") -> None:
    """Let nothing new of it begin."""
    engine.pause(run_id=_order(order).run_id, actor=actor, reason=reason)


def resume(order: str, *, actor: str = "", reason: str = "") -> None:
    """Let it go on."""
    engine.resume(run_id=_order(order).run_id, actor=actor, reason=reason)


def costs(order: str) -> Totals:
    """What it has cost so far: the sum of its ledger lines."""
    return reports.of_order(_order(order).public_id)


def define_role(
    name: str,
    *,
    model: str,
    provider: str = "anthropic",
    system_prompt: str = "",
    max_output_tokens: int = 8_000,
    effort: str = "",
    tools: Sequence[str] = (),
    limits: Mapping[str, Any] | None = None,
) -> None:
    """Write down who may work; said again, nothing is changed. Raise UnknownPrice, UnknownProvider."""
    roles.define(
        name, actor="python", model=model, provider=provider, system_prompt=system_prompt, effort=effort,
        tools=list(tools), max_output_tokens=max_output_tokens, limits=dict(limits or {}),
    )  # fmt: skip


def _order(public_id: str) -> WorkOrder:
    found = WorkOrder.objects.named(public_id).select_related("run", "project").first()
    if found is None:
        raise NotThere(f"There is no order {public_id}", order=public_id)
    return found
