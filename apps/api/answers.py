"""What goes out, described. The domains build the answers; a test holds them against these shapes."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers as s

from workorders.states import OrderState, ReviewOutcome

Shape = s.Serializer[Any]
ORDER_STATES = [state.value for state in OrderState]
TASK_STATES = ["pending", "ready", "running", "waiting_approval", "completed", "failed", "cancelled"]


class ProblemError(Shape):
    """One thing that is wrong."""

    pointer = s.CharField(
        help_text="`#/files/0/name` in the body, `?after` in the query, `header:Name` in the headers."
    )
    detail = s.CharField()
    code = s.CharField()


class Problem(Shape):
    """RFC 9457."""

    type = s.CharField()
    title = s.CharField()
    status = s.IntegerField()
    detail = s.CharField()
    instance = s.CharField()
    code = s.CharField(help_text="For machines; docs/reference/http-api.md lists them.")
    request_id = s.CharField()
    errors = ProblemError(many=True)  # type: ignore[assignment]  # a field, as every other name here


class Tokens(Shape):
    """Input counts all of the prompt, cached or not."""

    input = s.IntegerField()
    output = s.IntegerField()


class Attempt(Shape):
    """One execution of a task."""

    number = s.IntegerField()
    worker = s.CharField()
    outcome = s.CharField(allow_null=True)
    started_at = s.DateTimeField()
    finished_at = s.DateTimeField(allow_null=True)
    error = s.DictField(allow_null=True)


class Progress(Shape):
    """How far a running task has come."""

    fraction = s.FloatField()
    note = s.CharField(allow_blank=True)


class Task(Shape):
    """One piece of work."""

    key = s.CharField()
    title = s.CharField(allow_blank=True)
    type = s.CharField()
    queue = s.CharField()
    role = s.CharField(allow_null=True)
    model = s.CharField(allow_null=True)
    state = s.ChoiceField(TASK_STATES)
    depends_on = s.ListField(child=s.CharField())
    priority = s.IntegerField()
    attempts = Attempt(many=True)
    tokens = Tokens()
    cost_usd = s.CharField()
    waiting_for = s.CharField(allow_null=True)
    progress = Progress(allow_null=True)


class Deliverable(Shape):
    """What came of an order."""

    name = s.CharField()
    content_type = s.CharField()
    text = s.CharField()
    sha256 = s.CharField()
    url = s.CharField()


class Review(Shape):
    """What review came to."""

    outcome = s.ChoiceField([outcome.value for outcome in ReviewOutcome if outcome])
    drafts = s.IntegerField(help_text="How many drafts it has seen.")


class Quote(Shape):
    """What an order is expected to cost."""

    p50_usd = s.CharField(help_text="Half of the orders like it cost at most this.")
    p90_usd = s.CharField(help_text="Nine of ten cost at most this.")
    basis = s.ChoiceField(["history", "list_price"])
    samples = s.IntegerField(help_text="How many orders like it were looked at; 0 where the list price speaks.")
    intent = s.CharField()
    difficulty = s.CharField()
    owner_role = s.CharField()
    sections = s.IntegerField(allow_null=True, help_text="Of the plan; null before there is one.")


class WorkOrder(Shape):
    """A work order and everything under it."""

    id = s.CharField()
    status = s.ChoiceField(ORDER_STATES)
    message = s.CharField()
    attachments = s.ListField(child=s.CharField(), help_text="Ids of files that came with it.")
    project = s.CharField()
    brief = s.CharField(allow_blank=True)
    intent = s.CharField(allow_blank=True)
    difficulty = s.CharField(allow_blank=True)
    owner_role = s.CharField(allow_blank=True)
    created_at = s.DateTimeField()
    finished_at = s.DateTimeField(allow_null=True)
    sandbox = s.BooleanField(help_text="True where the sandbox answered for a model provider.")
    cost_usd = s.CharField()
    tokens = Tokens()
    budget_usd = s.CharField(allow_null=True)
    quote = Quote(allow_null=True)
    deliverable = Deliverable(allow_null=True)
    question = s.CharField(allow_null=True)
    review = Review(allow_null=True, help_text="What review came to; null before a draft was reviewed.")
    waiting_for = s.CharField(allow_null=True, help_text="Why it does not move, in one sentence.")
    last_seq = s.IntegerField()
    tasks = Task(many=True)


class WorkOrderLine(Shape):
    """A work order in a list."""

    id = s.CharField()
    status = s.ChoiceField(ORDER_STATES)
    message = s.CharField(help_text="The first 200 characters.")
    project = s.CharField()
    intent = s.CharField(allow_blank=True)
    difficulty = s.CharField(allow_blank=True)
    owner_role = s.CharField(allow_blank=True)
    priority = s.IntegerField()
    created_at = s.DateTimeField()
    finished_at = s.DateTimeField(allow_null=True)
    cost_usd = s.CharField()
    tokens = Tokens()


class WorkOrderPage(Shape):
    """A page of work orders."""

    results = WorkOrderLine(many=True)
    next = s.URLField(allow_null=True)
    previous = s.URLField(allow_null=True)


class Event(Shape):
    """Something that happened to an order."""

    seq = s.IntegerField()
    kind = s.CharField()
    task = s.CharField(allow_null=True)
    data = s.DictField()  # type: ignore[assignment]  # a field, as every other name here
    at = s.DateTimeField()


class EventList(Shape):
    """A stretch of the feed, and how far the feed goes."""

    results = Event(many=True)
    last_seq = s.IntegerField()


class Canvas(Shape):
    """A Celery canvas."""

    kind = s.ChoiceField(["single", "chain", "chord"])
    shape = s.JSONField()
    rung_at = s.DateTimeField()


class CanvasList(Shape):
    """The canvases of an order."""

    results = Canvas(many=True)


class LedgerLine(Shape):
    """What one physical request to a model cost."""

    request_id = s.UUIDField()
    kind = s.CharField()
    quality = s.ChoiceField(["reported", "estimated"])
    amount_usd = s.CharField()
    provider = s.CharField()
    model = s.CharField()
    role = s.CharField()
    task = s.CharField()
    input_tokens = s.IntegerField()
    output_tokens = s.IntegerField()
    heard_ms = s.IntegerField(help_text="Milliseconds of a recording, where a model is paid by its length.")
    at = s.DateTimeField()


class LedgerList(Shape):
    """The ledger of an order."""

    results = LedgerLine(many=True)
    total_usd = s.CharField()
