"""A thousand events of mixed priority, and one worker."""

from __future__ import annotations

import pytest
from django.db import transaction

from apps.studio import publish
from apps.studio.models import EventMapping, Film
from nexus import engine
from nexus.execution.runner import deliver
from tests.support import films
from tests.support.people import a_cast
from tests.support.runs import ALICE

pytestmark = pytest.mark.django_db(transaction=True)

PRIORITIES = (10, 8, 5, 3, 1)


def test_a_thousand_events_of_mixed_priority_are_done_by_one_worker_in_order():
    film = films.begun(a_cast().alice)
    for priority in PRIORITIES:
        EventMapping.objects.create(event_type=f"LOOK_{priority}", task_type="CHECK_CONSISTENCY", priority=priority)
    with transaction.atomic():
        film = publish.locked(Film.objects.all()).get(pk=film.pk)
        for number in range(1000):
            said = {"type": f"LOOK_{PRIORITIES[number * 7 % 5]}", "payload": {"number": number}}
            publish.keep(film, said, actor="alice")
    looks = engine.tasks.filter(run_id=film.order.run_id, type="CHECK_CONSISTENCY")
    urgent_last = looks.filter(priority=1).latest("id")

    while looks.filter(state="ready").exists():  # a delivery goes on for a minute at most
        deliver(task_id=urgent_last.pk, queue="nexus.tools", holder=ALICE)

    done = list(
        looks.filter(state="completed").order_by("started_at").values_list("priority", "input__payload__number")
    )
    assert len(done) == 1000
    assert done == sorted(done, key=lambda one: (-one[0], one[1]))
