"""What a provider refuses: the reason, before it is put into the provider's own error shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(kw_only=True, eq=False)
class Problem(Exception):
    """A refusal. What is left empty is filled in by the wire, from its status."""

    status: int
    message: str = ""
    type: str | None = None
    details: dict[str, Any] | None = None
    code: str | None = None
    param: str | None = None


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> Problem:
    """A refusal of the request itself."""
    return Problem(status=400, message=message, param=param, code=code)
