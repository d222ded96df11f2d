"""Errors of every process, kept in the database beside the lines that it prints: what broke, where, with its trace.

They are written by a thread of their own, many in one statement: whoever logs an error waits for nothing. A database
that is away costs rows here and no line of the output. What looks like a secret is removed before it is kept.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import traceback
from typing import Any

from nexus.lines import Line
from nexus.telemetry.log import redact

log = logging.getLogger("nexus.syslog")
OWN = "nexus.syslog"
PAUSE = 0.2
"""Seconds between two writes: a storm of errors is written in few statements."""
MOST = 1_000
"""Rows that wait at most; the oldest go first."""
MESSAGE_AT_MOST, TRACE_AT_MOST = 2_000, 16_000
Row = dict[str, Any]


class Handler(logging.Handler):
    """Keeps what is logged as an error."""

    def __init__(self, level: int | str = logging.ERROR) -> None:
        """Nothing waits yet."""
        super().__init__(level)

    def emit(self, record: logging.LogRecord) -> None:
        """Put it in line, unless nothing is kept here."""
        from django.conf import settings

        if settings.NEXUS_SYSTEM_LOG_DAYS <= 0 or record.name == OWN or _is_said_elsewhere(record):
            return
        try:
            _line.put(row_of(record))
        except Exception:  # noqa: BLE001 - whoever logs an error must not get another one for it
            self.handleError(record)


def row_of(record: logging.LogRecord) -> Row:
    """What is kept of it."""
    from apps.api.middleware import CURRENT

    trace = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
    return {
        "level": record.levelname,
        "source": record.name[:100],
        "message": _clean(redact(record.getMessage()))[:MESSAGE_AT_MOST],
        "trace": _clean(redact(trace))[-TRACE_AT_MOST:],
        "request_id": CURRENT.get()[:100],
        "task_id": _number(record, "task_id"),
        "run_id": _number(record, "run_id"),
        "process": f"{socket.gethostname()}/{record.process or os.getpid()}"[:100],
    }


def _number(record: logging.LogRecord, name: str) -> int | None:
    value = getattr(record, name, None)
    return value if isinstance(value, int) else None


def _clean(text: str) -> str:
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def _is_said_elsewhere(record: logging.LogRecord) -> bool:
    """Django's line about a status: the error behind it has been told by whoever met it."""
    return record.name == "django.request" and not record.exc_info


def _write(rows: list[Row]) -> None:
    """Write them; a connection is held for no longer than that, but by who ends the process."""
    from django.db import DatabaseError, InterfaceError, connection

    from .models import SystemLog

    try:
        SystemLog.objects.bulk_create([SystemLog(**row) for row in rows])
    except (DatabaseError, InterfaceError) as error:
        log.warning("%s errors not kept: %s", len(rows), type(error).__name__)
    finally:
        if threading.current_thread().name == LINE:
            connection.close()


LINE = "nexus-syslog"
_line: Line[Row] = Line(_write, name=LINE, most=MOST, pause=PAUSE)


def flush() -> None:
    """Write what waits, now."""
    _line.flush()
