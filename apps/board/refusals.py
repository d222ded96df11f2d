"""What was refused is kept: in the audit log, as a failure of whoever tried."""

from __future__ import annotations

from django.http import HttpRequest

from nexus.errors import NexusError
from workorders import audit


def remember(request: HttpRequest, action: str, refused: NexusError, *, order: str = "", project: str = "") -> None:
    """Write who tried what, and why it was refused."""
    audit.record(
        action=action, actor=request.user.get_username(), status="failure", channel="board", project=project or None,
        order=order, error={"code": refused.code, "message": str(refused)},
    )  # fmt: skip
