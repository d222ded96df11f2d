"""The audit log and the state of the system, filled in."""

from __future__ import annotations

from workorders.states import OrderState

from .examples import AT, ID, answered

AUDIT = answered(
    "A refusal, by telephone",
    {
        "results": [
            {
                "id": 4711,
                "at": AT,
                "actor": "ann",
                "channel": "telegram",
                "action": "approval.decided",
                "status": "success",
                "project": "default",
                "order": ID,
                "session": None,
                "details": {"approval": 17, "decision": "reject", "reason": "Too dear.", "task": "send"},
            }
        ],
        "next": None,
        "previous": None,
    },
)
_NONE = dict.fromkeys((state.value for state in OrderState), 0)
STATUS = answered(
    "A quiet morning, for the Board",
    {
        "work_orders": {**_NONE, "queued": 5, "in_progress": 2, "completed": 100, "failed": 3},
        "last_day": {**_NONE, "queued": 5, "in_progress": 2, "completed": 11},
        "machinery": {
            "queues": [{"name": "nexus.agents", "ready": 4, "running": 2, "waiting": 0, "oldest_ready_s": 0.8}],
            "workers": [{"name": "agents@one/4711", "running": 2, "began_at": AT}],
            "dead_letters": 0,
            "approvals": 1,
            "dispatcher_seen_at": AT,
        },
        "timestamp": AT,
    },
)
