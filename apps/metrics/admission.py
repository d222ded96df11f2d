"""Who may ask for metrics: they tell of every project, so a project's key is not enough."""

from __future__ import annotations

import hmac
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest
from rest_framework.exceptions import PermissionDenied

from apps.accounts.authentication import caller_for
from apps.accounts.models import ORDERS_READ

FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via")
"""Who sends one of these asks for somebody else: a loopback address then says nothing."""
PERMISSION = "metrics.view_figure"


def admit(request: HttpRequest) -> None:
    """Return for METRICS_TOKEN, for this machine where METRICS_LOOPBACK says so, and for the Board; raise for others.

    The first two ask no database: it may be what is being looked at.
    """
    if _has_token(request) or (settings.METRICS_LOOPBACK and _is_from_here(request)):
        return
    caller = caller_for(request)
    bound = caller.key is not None and caller.key.project_id is not None
    if bound or not caller.has(ORDERS_READ) or not caller.user.has_perm(PERMISSION):
        raise PermissionDenied(f"Metrics are for the Board: they need the permission {PERMISSION}.", "board_only")


def _has_token(request: HttpRequest) -> bool:
    scheme, _, said = request.headers.get("Authorization", "").partition(" ")
    wanted = str(settings.METRICS_TOKEN)
    return bool(wanted) and scheme.lower() == "bearer" and hmac.compare_digest(said.encode(), wanted.encode())


def _is_from_here(request: HttpRequest) -> bool:
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ip_address(str(request.META.get("REMOTE_ADDR", ""))).is_loopback
    except ValueError:
        return False
