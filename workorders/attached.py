"""What came with a request beside its words: pictures and documents as models see them, voice notes as words."""

from __future__ import annotations

from collections.abc import Sequence

from agents.attachments import blocks, hearing, keeping
from agents.attachments.models import Attachment
from agents.providers.messages import Block
from nexus import engine
from nexus.transactions import opens_transaction

from .models import WorkOrder


def files_of(order: WorkOrder) -> list[Attachment]:
    """Its attachments, in the order they were named in."""
    return keeping.of_project(str(order.project_id), order.attachments) if order.attachments else []


def seen(order: WorkOrder) -> tuple[Block, ...]:
    """Its pictures and documents."""
    return blocks.blocks(files_of(order))


def lines(order: WorkOrder) -> list[str]:
    """A line about each, for the deliverable."""
    return [blocks.told(row) for row in files_of(order)]


def listen(context: engine.Context, order: WorkOrder) -> None:
    """Have its voice notes written down; their words are part of the request from then on. Once, whoever comes back."""
    if not order.attachments:
        return
    words = [_quoted(row) for row in hearing.listen(context, files_of(order)) if row.transcript]
    missing = [each for each in words if each not in order.message]
    if missing:
        _add(context, order, missing)


def _quoted(row: Attachment) -> str:
    return f"[{row.name}] {row.transcript}"


@opens_transaction
def _add(context: engine.Context, order: WorkOrder, words: Sequence[str]) -> None:
    context.hold()
    order.message = "\n\n".join((order.message, *words))
    WorkOrder.objects.filter(pk=order.pk).update(message=order.message)
