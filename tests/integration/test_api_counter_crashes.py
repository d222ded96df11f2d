"""The web process dies in the middle of a batch, or has no Redis: no answered order is lost, none is filed twice."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from apps.api.models import IdempotencyKey
from nexus import engine
from tests.support.people import Cast, a_cast
from tests.support.web_process import WebProcess, a_web_process
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db(transaction=True)
KEYS = [f"k-{number}" for number in range(40)]


@pytest.fixture
def cast() -> Cast:
    return a_cast()


def all_at_once(web: WebProcess, cast: Cast) -> dict[str, str | None]:
    """File one order per key, many of them at a time; what was answered for each."""
    with ThreadPoolExecutor(16) as crowd:
        return dict(zip(KEYS, crowd.map(lambda key: web.files(cast.alice, f"Order {key}", key=key), KEYS), strict=True))


@pytest.mark.parametrize("point", ["K1", "K2"])
def test_a_process_that_dies_in_a_batch_loses_no_answered_order_and_files_none_twice(cast, point):
    with a_web_process(NEXUS_CRASH=f"{point}:2") as web:
        first = all_at_once(web, cast)
        assert web.process.wait(30) == -signal.SIGKILL
    answered = {key: order for key, order in first.items() if order}
    stored = set(WorkOrder.objects.values_list("public_id", flat=True))

    assert 0 < len(answered) < len(KEYS)
    # Before the COMMIT of the second batch nothing of it stands; after it all of it does, though nobody was told.
    assert stored == set(answered.values()) if point == "K1" else stored > set(answered.values())
    assert len(stored) == engine.runs.count() == engine.tasks.count() == IdempotencyKey.objects.count()

    with a_web_process() as web:
        again = all_at_once(web, cast)

    assert {key: again[key] for key in answered} == answered
    assert stored <= set(again.values())
    assert len(set(again.values())) == WorkOrder.objects.count() == len(KEYS)


def test_without_redis_orders_are_taken_in_as_ever(cast):
    with a_web_process() as web, ThreadPoolExecutor(16) as crowd:
        filed = list(crowd.map(lambda number: web.files(cast.alice, f"Order {number}"), range(100)))

    assert None not in filed
    assert len(set(filed)) == WorkOrder.objects.count() == engine.tasks.filter(state="ready").count() == 100
