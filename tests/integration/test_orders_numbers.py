"""Public ids: counted per day in the database, never given twice."""

from __future__ import annotations

import datetime
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection, transaction

from tests.support.rivals import Rival, wait_until_blocked
from tests.support.stories import a_project, an_order
from workorders.models import DailySerial


def next_id() -> str:
    """Take a number as the statement that writes orders does, without writing one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT workorders_numbers(1, %s)", [settings.TIME_ZONE])
        return cursor.fetchone()[0][0]


pytestmark = pytest.mark.django_db(transaction=True)


def test_orders_of_a_day_are_counted_from_one():
    today = datetime.datetime.now(datetime.UTC).strftime("%Y%m%d")
    assert [an_order().public_id for _ in range(3)] == [f"WO-{today}-{n:04d}" for n in (1, 2, 3)]


def test_counting_goes_on_where_the_database_says_whatever_restarts():
    an_order()
    DailySerial.objects.update(last=41)
    assert an_order().public_id.endswith("-0042")


def test_the_ten_thousandth_order_of_a_day_gets_a_fifth_digit():
    an_order()
    DailySerial.objects.update(last=9_998)
    assert [an_order().public_id.split("-")[2] for _ in range(3)] == ["9999", "10000", "10001"]


def test_another_day_counts_from_one_again():
    DailySerial.objects.create(day=datetime.date(2020, 1, 1), last=500)
    assert an_order().public_id.endswith("-0001")


@pytest.mark.parametrize(("zone", "hours"), [("Pacific/Kiritimati", 14), ("Pacific/Pago_Pago", -11)])
def test_the_day_is_the_one_of_the_place(settings, zone, hours):
    settings.TIME_ZONE = zone
    with transaction.atomic():
        public_id = next_id()
    there = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=hours)))
    assert public_id.startswith(f"WO-{there:%Y%m%d}-")


def test_a_refused_order_leaves_no_hole():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        next_id()
        raise ZeroDivisionError
    assert an_order().public_id.endswith("-0001")


def test_many_intakes_at_once_get_different_ids():
    project = a_project()

    def file(_: int) -> str:
        try:
            return an_order(project=project).public_id
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(file, range(40)))

    assert sorted(one.split("-")[2] for one in ids) == [f"{n:04d}" for n in range(1, 41)]


def test_the_second_of_two_waits_for_the_first_and_counts_on():
    project = a_project()
    late = Rival(lambda: an_order(project=project).public_id)
    with transaction.atomic():
        first = next_id()
        late.start()
        wait_until_blocked()
    assert first.endswith("-0001")
    assert late.ended().endswith("-0002")


def test_the_second_of_two_takes_the_number_that_the_first_gave_back():
    project = a_project()
    late = Rival(lambda: an_order(project=project).public_id)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        next_id()
        late.start()
        wait_until_blocked()
        raise ZeroDivisionError
    assert late.ended().endswith("-0001")
