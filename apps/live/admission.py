"""Who may listen to an order. Both doors ask here, and ask again while they are open."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError
from django.http import QueryDict
from rest_framework.exceptions import APIException, NotFound, PermissionDenied

from apps.accounts import access
from apps.accounts.access import Caller
from apps.accounts.models import ORDERS_READ, ApiKey, User

from .hub import Pass
from .table import on_threads

LARGEST_SEQ = 2**63 - 1


class BadPosition(APIException):
    """The place to go on from is not one."""

    status_code = 400
    default_code = "bad_parameter"

    def __init__(self, detail: str, pointer: str, code: str | None = None) -> None:
        """`pointer` is `?after` or `header:Last-Event-ID`."""
        super().__init__(detail, code)
        self.pointer = pointer


@dataclass(frozen=True)
class Admitted:
    """A caller who may listen to a run, by what they came in with."""

    run_id: int
    order_id: int
    caller: Caller
    on: Pass
    session_id: int = 0
    """The conversation, where it is one and no order."""
    project_id: int = 0
    """The project, where neither is asked for by itself."""


def admit(caller: Caller, public_id: str, *, session: str | None = None) -> Admitted:
    """Return the admission, or raise PermissionDenied or NotFound as the API does."""
    if not caller.has(ORDERS_READ):
        raise PermissionDenied("The API key lacks the scope orders:read.", "missing_scope")
    order = access.orders(caller).named(public_id).values_list("pk", "run_id").first()
    if order is None:
        raise NotFound("There is no such work order.")
    on = Pass(key=caller.key.pk) if caller.key is not None else Pass(session=session)
    return Admitted(run_id=order[1], order_id=order[0], caller=caller, on=on)


@on_threads
def still_holds(admitted: Admitted) -> bool:
    """May the caller still see the order, as everything stands now? A database that is away says nothing new."""
    try:
        caller = _afresh(admitted.caller)
        if caller is None:
            return False
        if admitted.session_id:
            return access.sessions(caller).filter(pk=admitted.session_id).exists()
        if admitted.project_id:
            return access.readable(caller).filter(pk=admitted.project_id).exists()
        return access.orders(caller).filter(pk=admitted.order_id).exists()
    except (DatabaseError, InterfaceError):
        return True


def _afresh(caller: Caller) -> Caller | None:
    if caller.key is None:
        user = User.objects.filter(pk=caller.user.pk, is_active=True).first()
        return Caller(user=user) if user else None
    key = ApiKey.objects.usable().with_owner().filter(pk=caller.key.pk).first()
    return Caller(user=key.user, key=key) if key and ORDERS_READ in key.scopes else None


def position(query: QueryDict, *, known: Collection[str] = ("after",), last_event_id: str | None = None) -> int:
    """Return the seq to go on after. What a browser remembers is newer than what the page once asked for."""
    for name in query:
        if name not in known:
            raise BadPosition("This parameter is not known.", f"?{name[:64]}", "unknown_parameter")
    if last_event_id:
        return _whole(last_event_id, "header:Last-Event-ID")
    return _whole(query.get("after", "0"), "?after")


def _whole(text: str, pointer: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= LARGEST_SEQ):
        raise BadPosition("This is the seq of an event, 0 or higher.", pointer)
    return int(text)
