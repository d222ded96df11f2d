"""What a person changes in tasks that died of one failure, before they are driven again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from agents import roles
from agents.errors import UnknownRole
from nexus import engine
from nexus.errors import NexusError
from nexus.transactions import requires_transaction

from . import limits
from .models import WorkOrder


@dataclass(frozen=True, kw_only=True)
class Mend:
    """The change, the same for every task of the group. What is None or not named stays."""

    input: dict[str, Any] = field(default_factory=dict)
    """Laid over the task's input, key by key."""
    role: str | None = None
    """Who does it."""
    model: str | None = None
    """With which model, in place of the role's; answers that are stored are replayed, whoever gave them."""
    budget_usd: Decimal | None = None
    """What the task's order may cost in all."""
    max_attempts: int | None = None
    priority: int | None = None

    def check(self) -> None:
        """Raise UnknownRole or UnknownPrice where a task so changed could only die again."""
        try:
            roles.check(role=self.role, model=self.model)
        except NexusError as error:
            error.facts["pointer"] = "/role" if error.code == UnknownRole.code else "/model"
            raise

    def edit(self) -> engine.Edit:
        """As the engine takes it."""
        named = {name: said for name, said in (("role", self.role), ("model", self.model)) if said is not None}
        return engine.Edit(input={**self.input, **named}, max_attempts=self.max_attempts, priority=self.priority)


@requires_transaction
def try_one(*, fingerprint: str, tenants: Collection[str] | None, mend: Mend, actor: str = "", reason: str = "") -> int:
    """Drive the oldest task of the group with the caller's transaction; return how many: 1. Raise NotThere."""
    mend.check()
    engine.redrive_one(
        fingerprint=fingerprint,
        tenants=tenants,
        edit=mend.edit(),
        beside=_budget(mend, actor=actor, reason=reason),
        actor=actor,
        reason=reason,
    )
    return 1


def drive_rest(
    *,
    fingerprint: str,
    tenants: Collection[str] | None,
    mend: Mend,
    rate: int | None = None,
    actor: str = "",
    reason: str = "",
) -> int:
    """Drive every task of the group, `rate` of them a minute; return how many. Raise NotThere."""
    mend.check()
    return engine.redrive_group(
        fingerprint=fingerprint,
        tenants=tenants,
        edit=mend.edit(),
        rate=rate,
        beside=_budget(mend, actor=actor, reason=reason),
        actor=actor,
        reason=reason,
    )


def _budget(mend: Mend, *, actor: str, reason: str) -> Any:
    if mend.budget_usd is None:
        return None

    def beside(task: engine.Task) -> None:
        order = WorkOrder.objects.filter(run_id=task.run_id).values_list("public_id", flat=True).first()
        if order is not None:  # a run of somebody's own task types has no order, and no budget of one
            limits.change_of_order(order, limit=mend.budget_usd, actor=actor, reason=reason)

    return beside
