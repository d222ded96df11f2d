"""What is refused of a request to an address that somebody else named."""

from __future__ import annotations

from nexus.errors import NexusError


class FetchRefused(NexusError):
    """This address is not asked."""

    code = "fetch_refused"


class FetchFailed(NexusError):
    """The server gave no answer that can be used."""

    code = "fetch_failed"
    disposition = "retry"

    def __init__(self, message: str | None = None, *, sent: bool = False) -> None:
        """`sent`: a part of the request may have arrived."""
        super().__init__(message)
        self.sent = sent
