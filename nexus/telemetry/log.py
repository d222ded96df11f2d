"""One line per event, cut at 2 KB, with anything that looks like a secret removed after rendering."""

from __future__ import annotations

import logging
import re

LONGEST = 2048
SECRETS = re.compile(
    r"(?P<url>://[^:/@\s]*:)[^@\s/]+(?=@)"
    r"|(?P<keep>bearer\s+|(?:api[_-]?key|token|password|secret)[\"']?\s*[:=]\s*[\"']?)[^\s\"'@&,}]{4,}"
    r"|\b(?:sk-[\w-]{8,}|nx_[A-Za-z0-9]+_[A-Za-z0-9]{8,})"
    r"|(?<=bot)[0-9]{5,}(?::|%3A)[\w-]{20,}|\b[0-9]{5,}:[\w-]{20,}",
    re.IGNORECASE,
)
"""URL passwords, bearer tokens, key=value pairs, and the key shapes of providers, of Telegram and of Nexus."""


def redact(text: str) -> str:
    """Return `text` with every secret replaced by ***."""
    return SECRETS.sub(lambda found: (found["url"] or found["keep"] or "") + "***", text)


class Formatter(logging.Formatter):
    """`2026-11-22T03:40:00Z INFO nexus.dispatch rang 3 tasks run=12`; tracebacks follow, redacted too."""

    def __init__(self) -> None:
        """Set the line's shape."""
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S%z")

    def format(self, record: logging.LogRecord) -> str:
        """Render, then redact, then cut: what a traceback prints is covered too."""
        line = redact(super().format(record))
        longest = LONGEST * 4 if record.exc_info else LONGEST
        return line if len(line) <= longest else line[:longest] + "…"
