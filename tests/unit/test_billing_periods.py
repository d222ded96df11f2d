"""Days of a time zone: around midnight, and where its clocks are set."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from billing import periods

ZURICH, SANTIAGO, SHANGHAI = ZoneInfo("Europe/Zurich"), ZoneInfo("America/Santiago"), ZoneInfo("Asia/Shanghai")


def today(text: str, zone: ZoneInfo) -> str:
    return str(periods.named("today", now=datetime.fromisoformat(text), zone=zone).first)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-21T22:59:59.999999+00:00", "2026-11-21"), ("2026-11-21T23:00:00+00:00", "2026-11-22"),
        ("2026-11-22T22:59:59+00:00", "2026-11-22"),
        # Clocks go from 02:00 to 03:00 on 29 March and back on 25 October.
        ("2026-03-28T22:59:59+00:00", "2026-03-28"), ("2026-03-28T23:00:00+00:00", "2026-03-29"),
        ("2026-03-29T21:59:59+00:00", "2026-03-29"), ("2026-03-29T22:00:00+00:00", "2026-03-30"),
        ("2026-10-25T22:59:59+00:00", "2026-10-25"), ("2026-10-25T23:00:00+00:00", "2026-10-26"),
    ],
)  # fmt: skip
def test_today_begins_at_midnight_of_the_zone(moment: str, day: str) -> None:
    assert today(moment, ZURICH) == day


def test_one_moment_is_two_days_in_two_zones() -> None:
    assert today("2026-11-21T17:00:00+00:00", SHANGHAI) == "2026-11-22"
    assert today("2026-11-21T17:00:00+00:00", ZURICH) == "2026-11-21"


def test_a_week_is_seven_days_and_a_month_thirty_whatever_clocks_do() -> None:
    now = datetime(2026, 3, 30, 12, tzinfo=UTC)
    spans = {name: periods.named(name, now=now, zone=ZURICH) for name in periods.NAMES}
    assert {name: (str(one.first), str(one.last)) for name, one in spans.items()} == {
        "today": ("2026-03-30", "2026-03-30"), "week": ("2026-03-24", "2026-03-30"),
        "month": ("2026-03-01", "2026-03-30"), "all": ("None", "None"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        ("2026-03-29", ZURICH, 23), ("2026-10-25", ZURICH, 25), ("2026-11-22", ZURICH, 24),
        # Clocks of Santiago are set at midnight: 6 September begins at 01:00, 4 April lasts an hour longer.
        ("2026-09-06", SANTIAGO, 23), ("2026-04-04", SANTIAGO, 25),
    ],
)  # fmt: skip
def test_a_day_may_have_23_or_25_hours(day: str, zone: ZoneInfo, hours: int) -> None:
    first = date.fromisoformat(day)
    begin, end = (periods.midnight(one, zone=zone) for one in (first, first + timedelta(days=1)))
    assert end - begin == timedelta(hours=hours)
    assert periods.day_of(begin, zone=zone) == first
    assert periods.day_of(begin - timedelta(microseconds=1), zone=zone) == first - timedelta(days=1)
