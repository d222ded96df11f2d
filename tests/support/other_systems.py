"""Webhooks, schedules and inlets, and what came of each."""

from __future__ import annotations

from uuid import uuid4

from django.utils import timezone

from apps.webhooks.models import Attempt, Delivery, Subscription
from workorders.models import Arrival, Firing, Inlet, Project, Schedule


def some(project: Project) -> None:
    """One of each."""
    now = timezone.now()
    hook = Subscription.objects.create(public_id=f"hook-{uuid4()}", project=project, url="https://example.com/")
    sent = Delivery.objects.create(public_id=f"msg_{uuid4().hex}", subscription=hook, kind="run.completed", body="{}")
    Attempt.objects.create(delivery=sent, number=1, status=500, excerpt="<script>alert(2)</script>")
    clock = Schedule.objects.create(
        public_id=f"sched-{uuid4()}", project=project, name="x", cron="@daily", template={"message": "x"}, next_at=now
    )
    Firing.objects.create(schedule=clock, due_at=now, outcome="filed")
    inlet = Inlet.objects.create(public_id=f"inlet-{uuid4()}", project=project, name="x", sealed="y", template={})
    Arrival.objects.create(inlet=inlet, delivery_id="1")
