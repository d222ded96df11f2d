"""The routes that ask nobody who they are. Everything else does; a test compares this with the resolver."""

from __future__ import annotations

PUBLIC = frozenset({"healthz", "readyz", "api-schema", "api-docs", "set_language"})
"""By the names of their routes."""
