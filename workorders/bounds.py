"""What a request may hold. Pure: each check returns in silence or raises OrderInvalid with a pointer."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from agents.checks.kinds import ChecksInvalid

from . import criteria as criteria_of
from .errors import OrderInvalid

MESSAGE_AT_MOST = 50_000
FILES_AT_MOST = 50
ATTACHMENTS_AT_MOST = 10
FILE_AT_MOST = 1_000_000
CRITERIA_AT_MOST = 50
CRITERION_AT_MOST = 2_100
CHECK_AT_MOST = 20_000
BUDGET_AT_MOST = Decimal(1_000_000)
SMALLEST = Decimal("0.000000001")
CHANNELS = frozenset({"api", "cli", "chat", "telegram", "webgui", "internal"})
NOT_TEXT = re.compile("[\0\ud800-\udfff]")
WORKFLOWS = frozenset({"", "default"})
"""By name, how an order is carried out. The default draws a plan of its own."""


def check_text(text: str, pointer: str, *, at_most: int = MESSAGE_AT_MOST, may_be_empty: bool = False) -> None:
    """Refuse what says nothing, says too much, or is not text."""
    if not may_be_empty and not text.strip():
        raise OrderInvalid("This must not be empty", pointer=pointer, reason="empty")
    if len(text) > at_most:
        raise OrderInvalid(f"This has at most {at_most} characters", pointer=pointer, reason="too_long")
    # Postgres stores neither NUL nor half of a surrogate pair; refused here, not there.
    if NOT_TEXT.search(text):
        raise OrderInvalid("This holds a character that is not text", pointer=pointer, reason="not_text")


def check_files(files: Sequence[Mapping[str, str]]) -> None:
    """Refuse too many files, one without a name, or one that is no text."""
    if len(files) > FILES_AT_MOST:
        raise OrderInvalid(f"An order has at most {FILES_AT_MOST} files", pointer="/files", reason="too_many")
    for place, file in enumerate(files):
        check_text(file["name"], f"/files/{place}/name", at_most=200)
        check_text(file["content"], f"/files/{place}/content", at_most=FILE_AT_MOST, may_be_empty=True)


def check_attachments(attachments: Sequence[str]) -> None:
    """Refuse too many attachments, or one that is named twice."""
    if len(attachments) > ATTACHMENTS_AT_MOST:
        says = f"An order has at most {ATTACHMENTS_AT_MOST} attachments"
        raise OrderInvalid(says, pointer="/attachments", reason="too_many")
    if len(set(attachments)) < len(attachments):
        raise OrderInvalid("An attachment is named twice", pointer="/attachments", reason="twice")


def check_criteria(criteria: Sequence[criteria_of.Criterion]) -> None:
    """Refuse too many criteria, one that says nothing, or one that nobody could decide."""
    if len(criteria) > CRITERIA_AT_MOST:
        raise OrderInvalid(
            f"An order has at most {CRITERIA_AT_MOST} criteria", pointer="/acceptance", reason="too_many"
        )
    for place, criterion in enumerate(criteria):
        pointer = f"/acceptance/{place}"
        if isinstance(criterion, str):
            check_text(criterion, pointer, at_most=CRITERION_AT_MOST)
        else:
            check_text(json.dumps(criterion, ensure_ascii=False), pointer, at_most=CHECK_AT_MOST)
        try:
            criteria_of.check_of(criterion, by="request", pointer=pointer)
        except ChecksInvalid as refusal:
            raise OrderInvalid(str(refusal), pointer=refusal.facts["pointer"], reason="check_invalid") from None


def check_choices(*, priority: int, workflow: str, channel: str) -> None:
    """Refuse what is not offered."""
    if not 0 <= priority <= 10:
        raise OrderInvalid("Priority is 0 to 10, higher first", pointer="/priority", reason="out_of_range")
    if workflow not in WORKFLOWS:
        raise OrderInvalid("There is no workflow of this name", pointer="/workflow", reason="unknown")
    if channel not in CHANNELS:
        raise OrderInvalid("There is no channel of this name", pointer="/channel", reason="unknown")


def check_budget(budget: Decimal | None) -> None:
    """Refuse what cannot be spent, or cannot be counted in nine decimal places."""
    if budget is None:
        return
    if not budget.is_finite() or not 0 < budget <= BUDGET_AT_MOST:
        says = f"A budget is more than 0 and at most {BUDGET_AT_MOST} US dollars"
        raise OrderInvalid(says, pointer="/budget_usd", reason="out_of_range")
    if budget.quantize(SMALLEST) != budget:
        raise OrderInvalid("A budget has at most 9 decimal places", pointer="/budget_usd", reason="too_precise")
