"""Requests that were found in order, written together: one transaction, a handful of statements however many.

What is not plainly so is left out of the batch, and None is answered for it: the ordinary view then judges it, in
a transaction of its own, and says what there is to say.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import close_old_connections, connection

from apps.accounts.authentication import still_usable
from workorders.flow import intake

from . import idempotency
from .idempotency import Answer, Use
from .orders import filed

MOST_TOGETHER = 64
"""The day's counter is locked while a batch is written: other web processes wait for it."""

TRUSTED_FOR = 1.0
"""Seconds for which a connection that wrote a batch is not asked whether it is still there."""


class _Last(threading.local):
    """When this thread last wrote a batch, and so had a connection that was there."""

    written_at = -math.inf


_last = _Last()


@dataclass(frozen=True, kw_only=True)
class Filing:
    """One request: what is asked, with which API key, under which Idempotency-Key."""

    asked: intake.Asked
    api_key_id: int
    use: Use | None = None


def file_together(filings: Sequence[Filing]) -> list[Answer | None]:
    """Write what can be written; no two of `filings` have the same use. Return an answer for each when it is committed.

    What raises has rolled back all of them, or the outcome of the COMMIT is unknown: see problems.database_is_away.
    """
    close_old_connections()  # as Django does around every request
    if time.monotonic() - _last.written_at < TRUSTED_FOR:
        connection.health_check_done = True  # type: ignore[attr-defined]  # Django's, and nobody typed it
    try:
        with idempotency.one_transaction():
            answers = _write(filings)
    finally:
        close_old_connections()
    _last.written_at = time.monotonic()
    return answers


def _write(filings: Sequence[Filing]) -> list[Answer | None]:
    # A key that was revoked since its holder was looked up files nothing: this statement sees it, whoever revoked it.
    usable = still_usable({filing.api_key_id for filing in filings})
    uses = [filing.use for filing in filings if filing.use is not None]
    is_fresh = dict(zip(uses, idempotency.fresh(uses), strict=True))
    fit = [
        filing.api_key_id in usable and (filing.use is None or is_fresh[filing.use])
        for filing in filings
    ]  # fmt: skip
    chosen = [filing for filing, is_fit in zip(filings, fit, strict=True) if is_fit]
    if not chosen:
        return [None] * len(filings)
    answers = [filed(order) for order in intake.accept_many([filing.asked for filing in chosen])]
    idempotency.keep(
        [(filing.use, answer) for filing, answer in zip(chosen, answers, strict=True) if filing.use is not None]
    )
    given = iter(answers)
    return [next(given) if is_fit else None for is_fit in fit]
