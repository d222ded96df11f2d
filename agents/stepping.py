"""Near the end of a budget a role works with the model of the tier below it, if its data allow it."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from agents.models import ModelRequest, Role
from billing import outlook
from billing.conf import thresholds
from nexus import engine

STEPPED_DOWN = "call.stepped_down"
Taken = tuple[Decimal | None, Decimal]
"""A budget's limit, and how much of it is spent."""


def for_budgets(role: Role, lower: Role | None, taken: Collection[Taken]) -> tuple[Role, Role | None]:
    """The role as it works now, and the role as it is where these are not the same.

    `lower` is the role that it steps down to, `taken` how its budgets stand. Ask only where nobody has chosen a model.
    """
    return (role, None) if lower is None or not is_time(taken) else (stepped(role, lower), role)


def is_time(taken: Collection[Taken]) -> bool:
    """Has any of these budgets spent the share from which on roles step down?"""
    at = thresholds().step_down
    return any(outlook.is_nearly_used(total=limit, taken=spent, at=at) for limit, spent in taken)


def stepped(role: Role, lower: Role) -> Role:
    """`role` with the model of `lower`: its name, its words and its duty stay. One tier, never two."""
    return Role(
        name=role.name,
        provider=lower.provider,
        model=lower.model,
        chain=lower.chain,
        effort=lower.effort,
        max_output_tokens=min(role.max_output_tokens, lower.max_output_tokens),
        system_prompt=role.system_prompt,
        version=role.version,
    )


def tell(context: engine.Context, row: ModelRequest) -> None:
    """Say in the feed that this call was stepped down; most are not, and say nothing."""
    if row.stepped_from:
        context.tell(STEPPED_DOWN, {"role": row.role, "from_model": row.stepped_from, "to_model": row.model})
