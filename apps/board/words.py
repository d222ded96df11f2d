"""States in words and colours. Colour is never the only sign: the word is always there."""

from __future__ import annotations

from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, Any] = {
    "queued": _("queued"),
    "in_progress": _("in progress"),
    "paused": _("paused"),
    "blocked": _("blocked"),
    "completed": _("completed"),
    "failed": _("failed"),
    "cancelled": _("cancelled"),
    "open": _("open"),
    "pending": _("pending"),
    "ready": _("ready"),
    "running": _("running"),
    "waiting_approval": _("waits for a person"),
    "retry": _("failed, tried again"),
    "given_back": _("given back"),
    "parked": _("parked"),
    "lost": _("lost"),
    "trivial": _("trivial"),
    "normal": _("normal"),
    "complex": _("complex"),
    "unclear": _("unclear"),
    "reported": _("reported by the provider"),
    "estimated": _("estimated"),
    "CHARGE": _("charge"),
    "ADJUST": _("adjustment"),
    "order": _("order"),
    "day": _("day"),
    "role": _("role"),
    "project": _("project"),
}

LABELS: dict[str, Any] = {
    "public_id": _("Id"),
    "subject": _("Order"),
    "order": _("Order"),
    "run": _("Run"),
    "key": _("Key"),
    "name": _("Name"),
    "title": _("Title"),
    "type": _("Type"),
    "kind": _("Kind"),
    "state": _("State"),
    "status": _("Status"),
    "queue": _("Queue"),
    "priority": _("Priority"),
    "attempt": _("Attempts spent"),
    "max_attempts": _("Attempts at most"),
    "number": _("Attempt"),
    "worker": _("Worker"),
    "fence": _("Fence"),
    "outcome": _("Outcome"),
    "error": _("Error"),
    "traceback": _("Traceback"),
    "task": _("Task"),
    "task_key": _("Task"),
    "seq": _("Number"),
    "data": _("Data"),
    "at": _("At"),
    "open_tasks": _("Open tasks"),
    "failed_tasks": _("Failed tasks"),
    "last_seq": _("Events"),
    "on_failure": _("When a task dies"),
    "tenant": _("Project"),
    "paused_at": _("Paused"),
    "cancel_requested_at": _("Cancel requested"),
    "deps_left": _("Parents that are not done"),
    "not_before": _("Not before"),
    "ring_at": _("Rung next"),
    "rings": _("Rung"),
    "canvas": _("Canvas"),
    "input": _("Input"),
    "output": _("Output"),
    "wait": _("Waits for"),
    "timeout": _("Seconds at most"),
    "fingerprint": _("Fingerprint"),
    "buried_at": _("Buried"),
    "published_at": _("Published"),
    "raised_at": _("Raised"),
    "created_at": _("Created"),
    "started_at": _("Started"),
    "finished_at": _("Finished"),
    "project": _("Project"),
    "message": _("Request"),
    "brief": _("Brief"),
    "question": _("Question"),
    "intent": _("Intent"),
    "difficulty": _("Difficulty"),
    "owner_role": _("Owner"),
    "channel": _("Channel"),
    "requester": _("Requester"),
    "budget_usd": _("Budget"),
    "workflow": _("Workflow"),
    "files": _("Files"),
    "acceptance": _("Acceptance criteria"),
    "quality": _("Quality"),
    "role": _("Role"),
    "model": _("Model"),
    "provider": _("Provider"),
    "price": _("Price"),
    "amount": _("Amount"),
    "input_tokens": _("Tokens in"),
    "output_tokens": _("Tokens out"),
    "cache_write_5m": _("Written to cache, 5 min"),
    "cache_write_1h": _("Written to cache, 1 h"),
    "cache_read": _("Read from cache"),
    "day": _("Day"),
    "request_id": _("Request id"),
    "n": _("Line"),
    "run_id": _("Run"),
    "task_id": _("Task id"),
    "period": _("Period"),
    "limit": _("Limit"),
    "spent": _("Spent"),
    "reserved": _("Reserved"),
    "effort": _("Effort"),
    "max_output_tokens": _("Tokens out at most"),
    "system_prompt": _("Prompt"),
    "version": _("Version"),
    "user": _("User"),
    "scopes": _("Scopes"),
    "expires_at": _("Expires"),
    "revoked_at": _("Revoked"),
    "last_used_at": _("Last used"),
}
"""Columns and fields of every page; the models below know only their own names."""

COLOURS = {
    "completed": "success",
    "in_progress": "info",
    "running": "info",
    "open": "info",
    "paused": "warning",
    "retry": "warning",
    "given_back": "warning",
    "parked": "warning",
    "blocked": "danger",
    "waiting_approval": "danger",
    "failed": "danger",
    "lost": "danger",
}
"""As unfold names them; a state that is not here is grey."""


def said(state: str | None) -> tuple[str, Any]:
    """A state as unfold's labels take it: the key of its colour, and its word."""
    state = state or "running"
    return state, WORDS.get(state, state)


def dollars(amount: Any) -> str:
    """An amount for people: four places, or all nine where fewer would say zero."""
    amount = amount or 0
    places = 4 if amount == 0 or abs(amount) >= 0.0001 else 9
    return f"${number_format(amount, places, use_l10n=False)}"
