"""Write an entry that no table writes by itself: an act that was refused, or one outside of the engine."""

from __future__ import annotations

from typing import Any, Literal

from .models import AuditEntry

Status = Literal["success", "failure", "warning", "info"]
LONGEST_REASON = 2_000


def record(
    *,
    action: str,
    actor: str,
    status: Status = "success",
    channel: str = "",
    project: int | str | None = None,
    order: str = "",
    session: str = "",
    **details: Any,
) -> AuditEntry:
    """Append an entry with the caller's transaction, or by itself where there is none.

    `project` is the project's number; None for what concerns the whole installation. No secret belongs into `details`.
    What the engine, budgets, roles and keys of providers tell is here already: see sql/.
    """
    kept = {name: _short(said) for name, said in details.items() if said not in (None, "")}
    return AuditEntry.objects.create(
        action=action[:64], actor=actor[:200] or "nobody", status=status, channel=channel[:32],
        project="" if project is None else str(project), order=order[:128], session=session[:128], details=kept,
    )  # fmt: skip


def _short(said: Any) -> Any:
    """Text that PostgreSQL can hold, no longer than a reason."""
    if not isinstance(said, str):
        return said
    return said.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")[:LONGEST_REASON]
