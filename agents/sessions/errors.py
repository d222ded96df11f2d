"""What is refused of conversations."""

from __future__ import annotations

from nexus.errors import NexusError


class SessionClosed(NexusError):
    """This conversation is over; begin another."""

    code = "session_closed"


class SessionBusy(NexusError):
    """The agent is still answering."""

    code = "session_busy"


class MessageInvalid(NexusError):
    """This cannot be said."""

    code = "message_invalid"
