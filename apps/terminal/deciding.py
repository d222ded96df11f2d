"""What an order needs a person for, and the command that gives it."""

from __future__ import annotations

import re
from typing import Any

Json = dict[str, Any]
_APPROVAL = re.compile(r"Approval (\d+) ")
_BUDGET = re.compile(r"The (order|project|role|day) budget of \$")
_ASKS = "triage"
"""The task that parks with a question."""


def question_of(order: Json) -> str:
    """Return the question that waits for an answer; empty when none does."""
    is_open = any(task["key"] == _ASKS and task["state"] == "waiting_approval" for task in order["tasks"])
    return str(order["question"] or "") if is_open else ""


def what_is_needed(order: Json) -> tuple[str, str]:
    """Return why a blocked order waits, and what a person does about it."""
    public_id, states = order["id"], {task["state"] for task in order["tasks"]}
    if question := question_of(order):
        return question, f'Answer it: bin/nexus answer {public_id} "…"'
    reason = str(order["waiting_for"] or "a person is needed")
    if asked := _APPROVAL.match(reason):
        return reason, f"Look at it: bin/nexus approvals {asked[1]}, then approve, revise or reject it"
    if money := _BUDGET.search(reason):
        return reason, f"Raise it: bin/nexus budget set {money[1]} … (bin/nexus budget waiting says what is needed)"
    if "waiting_approval" in states:
        return reason, f"Decide, then: bin/nexus release {public_id} (or cancel it)"
    if "failed" in states:
        return reason, f"Mend the cause, then: bin/nexus redrive {public_id} (or cancel it)"
    return reason, f"bin/nexus show {public_id} says more"
