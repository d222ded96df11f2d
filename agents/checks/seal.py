"""The hash of a list of checks, compared before every review: what was agreed is what is checked. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from nexus.errors import NexusError

from .result import Check


class ChecksChanged(NexusError):
    """The checks are not those that were agreed before the work."""

    code = "checks_changed"


def seal(checks: Sequence[Check]) -> str:
    """The same for the same checks in the same order, on every machine."""
    written = json.dumps([dict(one) for one in checks], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def compare(checks: Sequence[Check], *seals: str) -> None:
    """Raise ChecksChanged unless every seal is theirs, and there is one."""
    now = seal(checks)
    if not seals or any(one != now for one in seals):
        raise ChecksChanged(agreed=sorted(set(seals)), found=now)
