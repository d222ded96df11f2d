"""Each function that writes says its part in the transaction with one of two words."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import transaction

P = ParamSpec("P")
R = TypeVar("R")


def opens_transaction(act: Callable[P, R]) -> Callable[P, R]:
    """For entry points: open one, commit it, and refuse to run inside another."""

    @wraps(act)
    def inside(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction.atomic(durable=True):
            return act(*args, **kwargs)

    return inside


def requires_transaction(act: Callable[P, R]) -> Callable[P, R]:
    """For everything below: refuse, before anything is written, when the caller opened none."""

    @wraps(act)
    def inside(*args: P.args, **kwargs: P.kwargs) -> R:
        if not transaction.get_connection().in_atomic_block:
            raise RuntimeError(f"{act.__qualname__}() works inside its caller's transaction")
        return act(*args, **kwargs)

    return inside
