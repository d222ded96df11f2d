"""Counts in the side bar: what waits for a person, and no number where nothing does."""

from __future__ import annotations

from django.http import HttpRequest

from workorders.inbox.item import Kind

from .inbox import LOOKS, counted


def inbox(request: HttpRequest) -> str:
    """Everything that this person sees there."""
    return _shown(request, *LOOKS)


def approvals(request: HttpRequest) -> str:
    """Decisions that wait."""
    return _shown(request, "approval")


def failures(request: HttpRequest) -> str:
    """Failures that wait."""
    return _shown(request, "failure")


def money(request: HttpRequest) -> str:
    """Budgets that work waits for."""
    return _shown(request, "money")


def _shown(request: HttpRequest, *kinds: Kind) -> str:
    seen = [kind for kind in kinds if request.user.has_perm(LOOKS[kind])]
    number = sum(counted(request)[kind] for kind in seen) if seen else 0
    return str(number or "")
