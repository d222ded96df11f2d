"""Approvals on the wire: what comes in, what goes out; and the way to find them for a caller."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers as s
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from apps.accounts.access import caller_of, readable, writable
from nexus import engine
from workorders.models import Project

from .answers import Problem, Shape
from .errors import ReadOnlyMember
from .fields import StrictSerializer, Text

DECISIONS = ["approve", "edit_and_approve", "revise", "reject", "respond"]
STATES = ["waiting", "approved", "edited", "revised", "rejected", "responded", "withdrawn"]
HEXADECIMAL = r"\A[0-9a-f]{64}\Z"


class ApprovalLine(Shape):
    """Something that people have to decide, in a list."""

    id = s.IntegerField()
    order = s.CharField(help_text="The work order that waits for it.")
    task = s.CharField(help_text="The key of the task that waits for it.")
    title = s.CharField(allow_blank=True)
    checkpoint = s.CharField(allow_blank=True)
    message = s.CharField(help_text="What is asked.")
    state = s.ChoiceField(STATES)
    hash = s.CharField(help_text="Of what is decided; a decision names it.")
    allows = s.ListField(child=s.ChoiceField(DECISIONS))
    approvers = s.ListField(child=s.CharField(), help_text="Who may decide; empty: owners and editors of the project.")
    quorum = s.IntegerField(help_text="How many have to approve the same content.")
    votes = s.IntegerField(help_text="How many have.")
    requester = s.CharField(allow_blank=True)
    four_eyes = s.BooleanField(help_text="The requester may not decide.")
    asked_at = s.DateTimeField()
    expires_at = s.DateTimeField(allow_null=True)
    on_timeout = s.ChoiceField(["stay", "approve", "reject"])
    on_reject = s.ChoiceField(["end_run", "end_task", "run_again"])
    decided_by = s.CharField(allow_null=True, help_text="None where time decided, or nobody has.")
    decided_at = s.DateTimeField(allow_null=True)
    reason = s.CharField(allow_blank=True)


class ApprovalVote(Shape):
    """What somebody said."""

    actor = s.CharField(allow_null=True, help_text="None: time did.")
    decision = s.CharField()
    reason = s.CharField(allow_blank=True)
    hash = s.CharField()
    channel = s.CharField(allow_blank=True)
    at = s.DateTimeField()


class Approval(ApprovalLine):
    """Something that people have to decide, with what it is about and what was said."""

    content = s.DictField(help_text="What is decided.")
    proposed = s.DictField(help_text="What was asked for, before anybody edited it.")
    said = ApprovalVote(many=True)


class ApprovalPage(Shape):
    """A page of approvals."""

    results = ApprovalLine(many=True)
    next = s.URLField(allow_null=True)
    previous = s.URLField(allow_null=True)


class ApprovalStanding(Shape):
    """What stands."""

    approval = s.IntegerField()
    outcome = s.ChoiceField(STATES[1:], allow_null=True, help_text="None while it waits.")
    decided_by = s.CharField(allow_blank=True)
    decided_at = s.DateTimeField(allow_null=True)
    reason = s.CharField(allow_blank=True)
    hash = s.CharField()


class ApprovalProblem(Problem):
    """A decision that came too late, or was about something else: with what stands."""

    standing = ApprovalStanding(required=False)


class DecisionIn(StrictSerializer):
    """What somebody says about what they saw."""

    decision = s.ChoiceField(DECISIONS)
    hash = s.RegexField(HEXADECIMAL, help_text="Of the approval, as it was when it was read.")
    reason = Text(max_length=20_000, allow_blank=True, required=False, default="", help_text="Needed but to approve.")
    content = s.DictField(required=False, help_text="With edit_and_approve: what is approved instead.")

    def validate_content(self, given: dict[str, Any]) -> dict[str, Any]:
        """Fractions were read as decimals, for money; content is any JSON."""
        return dict(json.loads(json.dumps(given, default=float)))


EXAMPLE: dict[str, Any] = {
    "id": 17,
    "order": "WO-20260217-0001",
    "task": "send",
    "title": "Send the letter",
    "checkpoint": "",
    "message": "May this go out?",
    "state": "waiting",
    "hash": "7d4e" * 16,
    "allows": DECISIONS,
    "approvers": [],
    "quorum": 1,
    "votes": 0,
    "requester": "ann",
    "four_eyes": True,
    "asked_at": "2026-11-22T08:00:00+00:00",
    "expires_at": None,
    "on_timeout": "stay",
    "on_reject": "end_run",
    "decided_by": None,
    "decided_at": None,
    "reason": "",
}
WAITING = OpenApiExample(
    "One that waits",
    value={"results": [EXAMPLE], "next": None, "previous": None},
    response_only=True,
    status_codes=["200"],
)
ONE = OpenApiExample(
    "One letter",
    value={**EXAMPLE, "content": {"text": "Dear Ms Li, …"}, "proposed": {"text": "Dear Ms Li, …"}, "said": []},
    response_only=True,
    status_codes=["200"],
)
REVISE = OpenApiExample(
    "A revision",
    value={"decision": "revise", "hash": "7d4e" * 16, "reason": "Shorter, and no price."},
    request_only=True,
)


def seen_by(request: Request, *, to_change: bool = False) -> engine.ApprovalQuerySet:
    """The approvals of the projects that the caller may see, or change."""
    projects: QuerySet[Project] = (writable if to_change else readable)(caller_of(request))
    tenants = [str(pk) for pk in projects.values_list("pk", flat=True)]
    return engine.approvals.of_tenants(tenants).select_related("run", "task")


def find(request: Request, approval_id: int) -> engine.Approval:
    """Return the approval if the caller may see it. Unknown and somebody else's are the same 404."""
    found = seen_by(request).filter(pk=approval_id).first()
    if found is None:
        raise NotFound("There is no such approval.")
    return found


def find_to_change(request: Request, approval_id: int) -> engine.Approval:
    """As `find`, where the caller may change the project; 403 where they may only see it."""
    found = find(request, approval_id)
    if not seen_by(request, to_change=True).filter(pk=approval_id).exists():
        raise ReadOnlyMember
    return found


def line(row: engine.Approval) -> dict[str, Any]:
    """As a list shows it."""
    return {
        "id": row.pk,
        "order": row.run.subject,
        "task": row.task.key,
        "title": row.task.title,
        "checkpoint": row.checkpoint,
        "message": row.message,
        "state": row.outcome or "waiting",
        "hash": row.hash,
        "allows": row.allows,
        "approvers": row.approvers,
        "quorum": row.quorum,
        "votes": row.votes,
        "requester": row.requester,
        "four_eyes": row.four_eyes,
        "asked_at": row.asked_at.isoformat(),
        "expires_at": _time(row.expires_at),
        "on_timeout": row.on_timeout,
        "on_reject": row.on_reject,
        "decided_by": row.decided_by or None,
        "decided_at": _time(row.decided_at),
        "reason": row.reason,
    }


def shown(row: engine.Approval) -> dict[str, Any]:
    """In full."""
    said = [
        {
            "actor": vote.actor or None,
            "decision": vote.word,
            "reason": vote.reason,
            "hash": vote.hash,
            "channel": vote.channel,
            "at": vote.at.isoformat(),
        }
        for vote in engine.Vote.objects.filter(approval=row).order_by("id")
    ]
    return {**line(row), "content": row.content, "proposed": row.proposed, "said": said}


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
