"""Each function that writes says its part in the transaction with one of three words; readers ask for one snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import transaction

P = ParamSpec("P")
R = TypeVar("R")


@contextmanager
def one_snapshot() -> Iterator[None]:
    """Read everything in the block as it stood at one moment, so that parts add up to their totals.

    Inside a caller's transaction the block reads what that transaction sees: its isolation is the caller's.
    """
    if transaction.get_connection().in_atomic_block:
        yield
        return
    with transaction.atomic():
        with transaction.get_connection().cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def opens_transaction(act: Callable[P, R]) -> Callable[P, R]:
    """For entry points: open one, commit it, and refuse to run inside another."""

    @wraps(act)
    def inside(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction.atomic(durable=True):
            return act(*args, **kwargs)

    return inside


def commits_by_itself(act: Callable[P, R]) -> Callable[P, R]:
    """As `opens_transaction`, for what writes by one statement: that is a transaction, and takes one round trip."""

    @wraps(act)
    def alone(*args: P.args, **kwargs: P.kwargs) -> R:
        if transaction.get_connection().in_atomic_block:
            raise RuntimeError(f"{act.__qualname__}() commits by itself, and works outside of transactions")
        return act(*args, **kwargs)

    return alone


def requires_transaction(act: Callable[P, R]) -> Callable[P, R]:
    """For everything below: refuse, before anything is written, when the caller opened none."""

    @wraps(act)
    def inside(*args: P.args, **kwargs: P.kwargs) -> R:
        if not transaction.get_connection().in_atomic_block:
            raise RuntimeError(f"{act.__qualname__}() works inside its caller's transaction")
        return act(*args, **kwargs)

    return inside
