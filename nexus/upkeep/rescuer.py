"""Take back what dead workers held."""

from __future__ import annotations

import logging

from nexus.conf import dials
from nexus.errors import LeaseLost
from nexus.execution import ending
from nexus.settlement.settle import settle
from nexus.tasks import statements
from nexus.tasks.claims import Claim, Holder

log = logging.getLogger("nexus.upkeep")
BATCH = 200
EXPIRED = """
SELECT nexus_told(t, r.tenant, r.subject) AS told, l.holder AS lost_by
  FROM nexus_lease l JOIN nexus_task t ON t.id = l.task_id AND t.fence = l.fence JOIN nexus_run r ON r.id = t.run_id
 WHERE l.expires_at < clock_timestamp() - make_interval(secs => %s)
 ORDER BY l.expires_at, l.task_id LIMIT %s
"""


def rescue_once() -> int:
    """End the executions whose lease ran out; return how many this rescuer ended.

    Two rescuers may read the same lease, and its worker may be settling at this moment. Each ends it
    by the fence: one row changes, the others are fenced and stop here. A heartbeat cannot come between:
    it never extends an expired lease.
    """
    rescued = 0
    for row in statements.rows(EXPIRED, [dials().grace, BATCH]):
        held = Claim.of(row["told"])
        try:
            settle(held, ending.lost(held), Holder(worker="rescuer"), go_on=False)
        except LeaseLost:
            continue
        rescued += 1
        log.warning("rescued task=%s fence=%s from %s", held.task_id, held.fence, row["lost_by"])
    return rescued
