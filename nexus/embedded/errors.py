"""What the machine room refuses, in sentences for the person who typed the command."""

from __future__ import annotations


class ServerError(Exception):
    """A server of this home does not start; the message says why and what to do."""
