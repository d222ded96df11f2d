"""When a cron expression fires: against the calendar, and when clocks change."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workorders.schedules.cron import Cron, next_after, read, zone_of
from workorders.schedules.errors import ScheduleInvalid

ZURICH = ZoneInfo("Europe/Zurich")


def ticks(expression: str, after: str, times: int = 1, zone: str = "UTC") -> list[str]:
    moment, cron, found = datetime.fromisoformat(after), read(expression), []
    for _ in range(times):
        moment = next_after(cron, moment, ZoneInfo(zone))
        found.append(moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M"))
    return found


@pytest.mark.parametrize(
    ("expression", "after", "wanted"),
    [
        ("* * * * *", "2026-02-17T09:30:00+00:00", ["2026-02-17 09:31", "2026-02-17 09:32"]),
        ("*/15 8-9 * * *", "2026-02-17T09:40:00+00:00", ["2026-02-17 09:45", "2026-02-18 08:00"]),
        ("30 7 * * mon-fri", "2026-02-20T07:30:00+00:00", ["2026-02-23 07:30", "2026-02-24 07:30"]),
        ("0 0 29 feb *", "2026-01-01T00:00:00+00:00", ["2028-02-29 00:00", "2032-02-29 00:00"]),
        ("0 12 13 * 5", "2026-02-01T00:00:00+00:00", ["2026-02-06 12:00", "2026-02-13 12:00"]),
        ("0 12 */2 * 7", "2026-02-01T12:00:00+00:00", ["2026-02-15 12:00", "2026-03-01 12:00"]),
        ("5,10 1 1 1,7 *", "2026-01-01T01:05:00+00:00", ["2026-01-01 01:10", "2026-07-01 01:05"]),
        ("10/20 * * * *", "2026-02-17T09:30:00+00:00", ["2026-02-17 09:50", "2026-02-17 10:10"]),
        ("@weekly", "2026-02-17T09:30:00+00:00", ["2026-02-22 00:00", "2026-03-01 00:00"]),
        ("@YEARLY", "2026-02-17T09:30:00+00:00", ["2027-01-01 00:00", "2028-01-01 00:00"]),
    ],
)
def test_it_fires_when_it_says(expression, after, wanted):
    assert ticks(expression, after, 2) == wanted


def test_when_clocks_go_forward_a_tick_that_they_leave_out_comes_at_the_end_of_it():
    found = ticks("30 2 * * *", "2026-03-28T00:00:00+00:00", 3, "Europe/Zurich")
    assert found == ["2026-03-28 02:30", "2026-03-29 03:00", "2026-03-30 02:30"]


def test_when_clocks_go_back_a_tick_comes_once():
    cron = read("30 2 * * *")
    first = next_after(cron, datetime(2026, 10, 24, 12, tzinfo=UTC), ZURICH)
    second = next_after(cron, first, ZURICH)
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert second == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_where_the_hour_is_a_star_it_goes_on_by_real_time():
    for begin in (datetime(2026, 10, 24, 23, 45, tzinfo=UTC), datetime(2026, 3, 29, 0, 45, tzinfo=UTC)):
        cron, moment = read("*/15 * * * *"), begin
        for _ in range(16):
            following = next_after(cron, moment, ZURICH)
            assert (following - moment).total_seconds() == 900
            moment = following


BAD = [
    "", "*", "* * * *", "* * * * * *", "31 2 *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 13 *",
    "* * * * 8", "a * * * *", "*/0 * * * *", "5-1 * * * *", "1--2 * * * *", "-1 * * * *", "1,,2 * * * *", ", * * * *",
    "* * * foo *", "١ * * * *", "@often", "1" * 300 + " * * * *", "* * * * *;ls", "@reboot",
]  # fmt: skip


@pytest.mark.parametrize("expression", BAD)
def test_what_is_no_expression_is_refused(expression):
    with pytest.raises(ScheduleInvalid):
        read(expression)


@pytest.mark.parametrize("expression", ["0 0 31 2 *", "0 0 30 feb *", "0 0 31 4,6,9,11 *"])
def test_what_never_fires_is_refused(expression):
    with pytest.raises(ScheduleInvalid, match="never"):
        next_after(read(expression), datetime(2026, 1, 1, tzinfo=UTC), ZURICH)


@pytest.mark.parametrize("name", ["", "Europe/Zuerich", "../../etc/passwd", "UTC\0", "utc+1"])
def test_what_is_no_zone_is_refused(name):
    with pytest.raises(ScheduleInvalid):
        zone_of(name)


FIELD = st.sampled_from(["*", "*/7", "0", "3", "1-5", "2,4", "5/2"])


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.builds(lambda *fields: " ".join(fields), FIELD, FIELD, FIELD.filter(lambda f: f != "0"), st.just("*"), FIELD),
    st.integers(1_704_067_200, 1_893_456_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.sampled_from([ZURICH, ZoneInfo("UTC"), ZoneInfo("America/St_Johns"), ZoneInfo("Australia/Lord_Howe")]),
)
def test_the_next_tick_is_after_now_and_fits(expression, moment, zone):
    cron: Cron = read(expression)
    tick = next_after(cron, moment, zone)
    local = tick.astimezone(zone)

    assert tick > moment
    assert cron.is_on(local.date())
    fits = local.minute in cron.minutes and local.hour in cron.hours
    assert fits or not cron.any_hour  # at the end of a gap, it may not
