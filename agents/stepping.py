"""Near the end of a budget a role works with the model of the tier below it, if its data allow it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from agents.models import ModelRequest, Role
from billing import budgets, outlook
from billing.budgets import Scope
from billing.conf import thresholds
from billing.models import Budget
from nexus import engine

STEPPED_DOWN = "call.stepped_down"


def for_budgets(role: Role, scopes: Sequence[Scope], *, chosen: bool) -> tuple[Role, Role | None]:
    """The role as it works now, and the role as it is where these are not the same.

    Where a person has `chosen` the model, it stays.
    """
    if chosen or not role.steps_down_to or not is_time(budgets.of(scopes)):
        return role, None
    lower = Role.objects.filter(name=role.steps_down_to).first()
    return (role, None) if lower is None else (stepped(role, lower), role)


def is_time(found: Collection[Budget]) -> bool:
    """Has any of these budgets spent the share from which on roles step down?"""
    at = thresholds().step_down
    return any(outlook.is_nearly_used(total=one.limit, taken=one.spent, at=at) for one in found)


def stepped(role: Role, lower: Role) -> Role:
    """`role` with the model of `lower`: its name, its words and its duty stay. One tier, never two."""
    return Role(
        name=role.name,
        provider=lower.provider,
        model=lower.model,
        effort=lower.effort,
        max_output_tokens=min(role.max_output_tokens, lower.max_output_tokens),
        system_prompt=role.system_prompt,
        version=role.version,
    )


def tell(context: engine.Context, row: ModelRequest) -> None:
    """Say in the feed that this call was stepped down; most are not, and say nothing."""
    if row.stepped_from:
        context.tell(STEPPED_DOWN, {"role": row.role, "from_model": row.stepped_from, "to_model": row.model})
