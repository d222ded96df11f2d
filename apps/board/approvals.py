"""What needs a person: approvals, and the Board's decision about each."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from nexus import engine

from . import words
from .readonly import Shown
from .refusals import remember

DECIDE = "nexus.decide_approval"
BUTTONS: tuple[tuple[str, Any], ...] = (
    ("approve", _("Approve")),
    ("edit_and_approve", _("Edit and approve")),
    ("revise", _("Send back")),
    ("reject", _("Refuse")),
    ("respond", _("Answer")),
)


class Decision(forms.Form):
    """What a dialog posts."""

    decision = forms.ChoiceField(choices=BUTTONS)
    hash = forms.CharField(max_length=64)
    reason = forms.CharField(max_length=20_000, required=False)
    content = forms.JSONField(required=False)


class IsDecided(admin.SimpleListFilter):
    """Does it wait?"""

    title = _("Decision")
    parameter_name = "decided"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Waiting or decided."""
        return [("no", _("waits for a person")), ("yes", _("decided"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those that were chosen."""
        return queryset.filter(outcome__isnull=self.value() == "no") if self.value() else queryset


@admin.register(engine.Approval)
class Approvals(Shown):
    """What people have to decide, what waits first; and a dialog for each decision."""

    heading = _("Approvals")
    list_display = ("shown_order", "shown_message", "shown_state", "shown_agreed", "asked_at", "expires_at")
    list_display_links = ("shown_message",)
    list_filter = (IsDecided,)
    search_fields = ("run__subject", "message", "decided_by")
    ordering = ("decided_at", "id")
    list_select_related = ("run", "task")
    change_form_outer_after_template = "board/approval.html"
    fields = (
        "checkpoint", "quorum", "votes", "requester", "asked_at", "expires_at", "decided_by", "decided_at", "reason",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> Any:
        """Without what may be long."""
        return super().get_queryset(request).defer("proposed")

    def get_urls(self) -> list[Any]:
        """The pages, and where the dialogs lead."""
        decide = self.admin_site.admin_view(self.decide)
        return [path("<int:number>/decide/", decide, name="nexus_approval_decide"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The approval, what it is about, and the dialogs for whoever may decide."""
        approval = self.get_object(request, object_id) if self.has_view_permission(request) else None
        beside = _beside(request, approval) if approval is not None else {}
        response: HttpResponse = super().change_view(request, object_id, form_url, {**(extra_context or {}), **beside})
        return response

    def decide(self, request: HttpRequest, number: int) -> HttpResponse:
        """Take what a dialog posts; say what came of it on the approval's page. The feed keeps who it was."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not (self.has_view_permission(request) and request.user.has_perm(DECIDE)):
            raise PermissionDenied
        said = Decision(request.POST)
        if not said.is_valid():
            messages.error(request, "; ".join(f"{name}: {wrong[0]}" for name, wrong in said.errors.items()))
        else:
            _take(request, number, said.cleaned_data)
        return redirect(reverse("admin:nexus_approval_change", args=[number]))

    @display(description=_("Order"))
    def shown_order(self, approval: engine.Approval) -> str:
        """What its run is about."""
        return approval.run.subject

    @display(description=_("What is asked"))
    def shown_message(self, approval: engine.Approval) -> str:
        """The first words."""
        return " ".join(approval.message.split())[:100]

    @display(description=_("State"), label=words.COLOURS, ordering="outcome")
    def shown_state(self, approval: engine.Approval) -> tuple[str, Any]:
        """In words and colour."""
        return words.said(approval.outcome or "waiting_approval")

    @display(description=_("Agreed"))
    def shown_agreed(self, approval: engine.Approval) -> str:
        """How many of how many."""
        return f"{approval.votes} / {approval.quorum}"


def _take(request: HttpRequest, number: int, said: dict[str, Any]) -> None:
    if said["decision"] != "edit_and_approve":
        said["content"] = None
    try:
        engine.decide(approval_id=number, actor=request.user.get_username(), channel="board", **said)
    except engine.NexusError as refused:
        remember(request, "approval.decided", refused)
        messages.error(request, str(refused))
    else:
        messages.success(request, gettext("Your decision is kept."))


def _beside(request: HttpRequest, approval: engine.Approval) -> dict[str, Any]:
    """The context of board/approval.html."""
    may = approval.outcome is None and request.user.has_perm(DECIDE)
    votes = engine.Vote.objects.filter(approval=approval).order_by("id")
    return {
        "approval": approval,
        "approval_content": json.dumps(approval.content, ensure_ascii=False, indent=2),
        "approval_buttons": [button for button in BUTTONS if may and button[0] in approval.allows],
        "approval_said": {
            "headers": [gettext("Who"), gettext("Decision"), gettext("Why"), gettext("At")],
            "rows": [[vote.actor or "–", _word(vote.word), vote.reason or "–", _when(vote)] for vote in votes],
        },
    }


def _when(vote: engine.Vote) -> str:
    return date_format(localtime(vote.at), "Y-m-d H:i:s")


def _word(word: str) -> str:
    return str(dict(BUTTONS).get(word, word))
