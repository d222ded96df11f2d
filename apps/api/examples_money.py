"""The shapes of money, filled in."""

from __future__ import annotations

from .examples import AT, ID, MESSAGE, answered, asked

WAITING = answered(
    "Twelve tasks wait for one budget",
    {
        "results": [
            {
                "kind": "project",
                "key": "default",
                "limit_usd": "5.000000000",
                "spent_usd": "4.912000000",
                "reserved_usd": "0.000000000",
                "needed_usd": "0.126300000",
                "needed_in_all_usd": "1.515600000",
                "tasks": 12,
                "orders": 3,
                "since": AT,
                "going_on": False,
            }
        ]
    },
)
STATUS = answered(
    "Two thirds used, half done",
    {
        "kind": "order",
        "key": ID,
        "total": "3.000000000",
        "used": "2.000000000",
        "reserved": "0.120000000",
        "remaining": "1.000000000",
        "usage_percent": 66.67,
        "predicted_total": "4.000000000",
        "predicted_overrun": "1.000000000",
        "status": "CRITICAL",
    },
)
_COST = {
    "key": "director",
    "cost_usd": "0.412300000",
    "estimated_usd": "0.000000000",
    "requests": 31,
    "input_tokens": 90_312,
    "output_tokens": 23_160,
}
COSTS = answered(
    "A week, by role",
    {
        "period": "week",
        "first": "2026-02-11",
        "last": "2026-02-17",
        "by": "role",
        "total": {**_COST, "key": ""},
        "results": [_COST],
        "cut": False,
    },
)
COST_SHEET = answered(
    "Two roles",
    "role,cost_usd,estimated_usd,requests,input_tokens,output_tokens\r\n"
    "director,0.412300000,0.000000000,31,90312,23160\r\nintern,0.020100000,0.000000000,12,30100,9020\r\n",
    media_type="text/csv",
)
QUOTE_IN = asked("A sentence", {"message": MESSAGE})
QUOTE = answered(
    "From forty orders like it",
    {
        "p50_usd": "0.061200000",
        "p90_usd": "0.118400000",
        "basis": "history",
        "samples": 40,
        "intent": "documentation",
        "difficulty": "normal",
        "owner_role": "director",
        "sections": None,
    },
)

_SPAN = {"prompt_tokens": 90312, "completion_tokens": 23160, "total_tokens": 113472, "total_cost": "0.412300000"}
COST_TOTALS = answered("A young installation", dict.fromkeys(("today", "week", "month", "all"), _SPAN))
