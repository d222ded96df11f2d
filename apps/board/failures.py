"""Dead letters by failure, and driving one again: try it on one task, then on the rest at a pace."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, re_path, reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from nexus import engine
from nexus.errors import NexusError
from workorders import mending

from .failure_form import Change
from .readonly import Shown
from .refusals import remember

MAY_DRIVE = "nexus.change_deadletter"


class Failures(Shown):
    """The pages beside the list of letters. Whoever may see letters sees them; driving takes a permission more."""

    def get_urls(self) -> list[URLPattern]:
        """Two pages, before Django's own."""
        wrap = self.admin_site.admin_view
        return [
            path("failures/", wrap(self.failures), name="nexus_deadletter_failures"),
            re_path(r"^failures/(?P<fingerprint>[0-9a-f]{64})/$", wrap(self.failure), name="nexus_deadletter_failure"),
            *super().get_urls(),
        ]

    def failures(self, request: HttpRequest) -> HttpResponse:
        """Every failure that waits for a person, the largest first."""
        self._may_look(request)
        rows = [
            [
                {"url": _url(group.fingerprint), "title": group.fingerprint[:12]},
                group.count,
                ", ".join(group.types),
                _said(group.error),
                _when(group.first_at),
                _when(group.last_at),
            ]
            for group in engine.groups()
        ]
        return self._page(request, "board/failures.html", title=_("Failures"), groups=rows)

    def failure(self, request: HttpRequest, fingerprint: str) -> HttpResponse:
        """One failure with its tasks; a POST changes them and drives one of them, or all."""
        self._may_look(request)
        form = Change(request.POST if request.method == "POST" else None)
        if request.method == "POST":
            if not request.user.has_perm(MAY_DRIVE):
                raise PermissionDenied
            if form.is_valid() and _driven(request, fingerprint, form):
                left = engine.groups(fingerprint=fingerprint)
                return redirect(_url(fingerprint) if left else reverse("admin:nexus_deadletter_failures"))
        found = engine.groups(fingerprint=fingerprint)
        if not found:
            raise Http404
        letters = engine.letters(fingerprint=fingerprint)
        return self._page(
            request, "board/failure.html", title=_("Failure"), group=found[0], error=_said(found[0].error), form=form,
            letters=_letters(letters), may_drive=request.user.has_perm(MAY_DRIVE),
            back=reverse("admin:nexus_deadletter_failures"),
        )  # fmt: skip

    def _may_look(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _page(self, request: HttpRequest, template: str, **told: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.model._meta, **told}
        return render(request, template, context)


def _driven(request: HttpRequest, fingerprint: str, form: Change) -> bool:
    """Drive, and say what came of it; False where it was refused."""
    wanted: dict[str, Any] = {
        "fingerprint": fingerprint,
        "tenants": None,
        "mend": form.mend(),
        "actor": request.user.get_username(),
        "reason": form.cleaned_data["reason"],
    }
    try:
        if form.cleaned_data["one"]:
            with transaction.atomic():
                driven = mending.try_one(**wanted)
        else:
            driven = mending.drive_rest(rate=form.cleaned_data["rate"], **wanted)
    except NexusError as refused:
        remember(request, "task.redriven", refused)
        messages.error(request, str(refused))
        return False
    messages.success(request, _("Driven again: %(n)s") % {"n": driven})
    return True


def _letters(found: list[engine.DeadLetter]) -> dict[str, Any]:
    rows = [
        [letter.task.run.subject, letter.task.key, letter.task.attempt, _said(letter.error), _when(letter.buried_at)]
        for letter in found
    ]
    return {"headers": [_("Order"), _("Task"), _("Attempts spent"), _("Error"), _("Buried")], "rows": rows}


def _url(fingerprint: str) -> str:
    return reverse("admin:nexus_deadletter_failure", args=[fingerprint])


def _said(error: dict[str, Any]) -> str:
    return str(error.get("message") or error.get("code") or "")[:300]


def _when(moment: Any) -> str:
    return date_format(localtime(moment), "Y-m-d H:i:s")
