"""The dialog of an act: a GET asks, a POST acts."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache

from apps.board.refusals import remember
from nexus.errors import NexusError

from .act import Act, Target
from .known import ACTS

LATE = frozenset({"illegal_move", "not_waiting", "already_decided", "already_voted", "superseded"})
"""Somebody, or time, was first."""
NOT_THEIRS = frozenset({"four_eyes", "not_an_approver"})


@never_cache
def act(request: HttpRequest, noun: str, name: str, key: str) -> HttpResponse:
    """Ask whether, and do it; 403 for whoever may not, 404 for what there is not, 409 where somebody was first."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "POST"])
    known = ACTS.get((noun, name))
    if known is None:
        raise Http404
    if not known.is_open_to(request):
        raise PermissionDenied
    target = None if "\x00" in key else known.find(key)
    if target is None:
        raise Http404
    form = known.form(request.POST if request.method == "POST" else None, initial=target.initial)
    if request.method == "POST" and form.is_valid():
        return _done(request, known, target, form)
    return _shown(request, known, target, form)


def _done(request: HttpRequest, known: Act, target: Target, form: Form) -> HttpResponse:
    try:
        told = known.do(target, request, form.cleaned_data)
    except NexusError as refused:
        remember(request, known.action, refused, order=target.order, project=target.project)
        return _shown(request, known, target, form, refused=refused)
    messages.success(request, told or gettext("Done: %(act)s") % {"act": known.title})
    return redirect(_next(request) or target.back)


def _shown(
    request: HttpRequest, known: Act, target: Target, form: Form, *, refused: NexusError | None = None
) -> HttpResponse:
    status = HTTPStatus.OK if refused is None else _status(refused)
    told: dict[str, Any] = {
        **admin.site.each_context(request), "title": known.title, "act": known, "target": target, "form": form,
        "refused": refused, "is_late": status == HTTPStatus.CONFLICT, "next": _next(request),
        "back": _next(request) or target.back,
    }  # fmt: skip
    return render(request, "board/act.html", told, status=status)


def _status(refused: NexusError) -> HTTPStatus:
    if refused.code in LATE:
        return HTTPStatus.CONFLICT
    return HTTPStatus.FORBIDDEN if refused.code in NOT_THEIRS else HTTPStatus.UNPROCESSABLE_ENTITY


def _next(request: HttpRequest) -> str:
    """Where the person came from, if that is here."""
    asked = (request.POST if request.method == "POST" else request.GET).get("next", "")
    is_ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=None) and asked.startswith("/")
    return asked if is_ours else ""
