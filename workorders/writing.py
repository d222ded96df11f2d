"""New orders -> rows, in one statement however many. Every other change of an order is an update of a few columns."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.db import connection

from nexus.transactions import requires_transaction

from .models import WorkOrder

# Columns that are not named here are filled later in an order's life, and begin empty.
_WRITE = """
INSERT INTO workorders_workorder (
       public_id, project_id, run_id, message, files, attachments, acceptance, budget_usd, cap_at_quote, priority,
       workflow, channel, requester, brief, intent, difficulty, owner_role, relevant_files, requirements, question)
SELECT public_id, project_id, run_id, message, files, attachments, acceptance, budget_usd, cap_at_quote, priority,
       workflow, channel, requester, '', '', '', '', '[]', '[]', ''
  FROM ROWS FROM (jsonb_to_recordset(%s::jsonb) AS (
       public_id text, project_id bigint, run_id bigint, message text, files jsonb, attachments jsonb, acceptance jsonb,
       budget_usd numeric, cap_at_quote bool, priority int, workflow text, channel text, requester text))
       WITH ORDINALITY AS asked (public_id, project_id, run_id, message, files, attachments, acceptance,
                                 budget_usd, cap_at_quote, priority, workflow, channel, requester, place)
 ORDER BY place
RETURNING id, created_at
"""


@requires_transaction
def write(orders: Sequence[WorkOrder]) -> list[WorkOrder]:
    """Write orders that are not there yet; each is given its id and its time by the database."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [json.dumps([_columns(order) for order in orders], ensure_ascii=False)])
        written = cursor.fetchall()
    for order, (pk, created_at) in zip(orders, written, strict=True):
        order.pk, order.created_at = pk, created_at
        order._state.adding, order._state.db = False, connection.alias  # noqa: SLF001 - as the ORM does
    return list(orders)


def _columns(order: WorkOrder) -> dict[str, object]:
    return {
        "public_id": order.public_id,
        "project_id": order.project_id,
        "run_id": order.run_id,
        "message": order.message,
        "files": order.files,
        "attachments": order.attachments,
        "acceptance": order.acceptance,
        "budget_usd": None if order.budget_usd is None else str(order.budget_usd),
        "cap_at_quote": order.cap_at_quote,
        "priority": order.priority,
        "workflow": order.workflow,
        "channel": order.channel,
        "requester": order.requester,
    }
