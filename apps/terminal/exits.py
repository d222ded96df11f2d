"""Exit codes (docs/reference/exit-codes.md), and errors that say what, why and what next."""

from __future__ import annotations

OK = 0
FAILED = 1
USAGE = 2
NOT_FOUND = 3
NOT_ALLOWED = 4
CONFLICT = 5
ORDER_FAILED = 6
WAITS_FOR_A_PERSON = 7
UNAVAILABLE = 8
TOOK_TOO_LONG = 124
INTERRUPTED = 130


class TerminalError(Exception):
    """A command cannot do what was asked; the message says why, the hint what to try."""

    def __init__(self, message: str, *, code: int = FAILED, hint: str = "") -> None:
        """Keep them."""
        super().__init__(message)
        self.code, self.hint = code, hint


def of_status(status: int) -> int:
    """Return the exit code for an answer of the API."""
    by_status = {401: NOT_ALLOWED, 403: NOT_ALLOWED, 404: NOT_FOUND, 409: CONFLICT, 400: USAGE, 422: USAGE}
    return by_status.get(status, UNAVAILABLE if status in (429, 502, 503, 504) else FAILED)


def of_order(status: str) -> int:
    """Return the exit code for how an order stands."""
    return {"completed": OK, "failed": ORDER_FAILED, "cancelled": ORDER_FAILED}.get(status, WAITS_FOR_A_PERSON)
