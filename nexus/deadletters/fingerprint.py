"""What makes two failures the same: the task type, the error's code, and its words without the numbers."""

from __future__ import annotations

import hashlib
import re

VARIES = re.compile(r"0x[0-9a-f]+|[0-9a-f]{8}-[0-9a-f-]{27}|\d+", re.IGNORECASE)


def fingerprint(*, task_type: str, code: str, message: str) -> str:
    """64 hexadecimal digits, equal for failures that a person would call the same."""
    return hashlib.sha256(f"{task_type}\n{code}\n{VARIES.sub('#', message)[:500]}".encode()).hexdigest()
