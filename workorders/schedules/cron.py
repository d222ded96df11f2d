"""Five fields and a zone -> the next moment. Pure.

minute hour day-of-month month day-of-week, each a star, numbers, ranges, steps, lists; names of months and days; 7 is
Sunday too. Where both kinds of day are named, either is enough, as cron has always had it.

When clocks go forward, a tick in the hour that is left out comes at the end of it. When they go back, a tick comes
once, at the first of the two. Where the hour is a star it goes on by real time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from .errors import ScheduleInvalid

LONGEST = 200
YEARS = 9
"""As far as it is looked: there may be eight years between two days of the 29th of February."""
MONTHS = {name: n for n, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)}
DAYS = {name: n for n, name in enumerate("sun mon tue wed thu fri sat".split())}
FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("minute", 0, 59, {}), ("hour", 0, 23, {}), ("day", 1, 31, {}), ("month", 1, 12, MONTHS), ("weekday", 0, 7, DAYS),
)  # fmt: skip
SHORT = {
    "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
}  # fmt: skip
PART = re.compile(r"(?:(\*)|(\w{1,3})(?:-(\w{1,3}))?)(?:/([0-9]{1,2}))?")


@dataclass(frozen=True)
class Cron:
    """What the five fields say."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    """0 is Sunday."""
    any_hour: bool
    any_day: bool
    any_weekday: bool

    def is_on(self, day: date) -> bool:
        """Is this a day of it?"""
        if day.month not in self.months:
            return False
        by_number, by_name = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        if self.any_day or self.any_weekday:
            return by_number and by_name
        return by_number or by_name


def read(expression: str) -> Cron:
    """Read an expression, or raise ScheduleInvalid."""
    written = SHORT.get(expression.strip().lower(), expression)
    fields = written.split()
    if len(written) > LONGEST or len(fields) != 5:
        raise ScheduleInvalid("A cron expression has five fields: minute hour day month weekday", pointer="/cron")
    sets = [_field(text, *of) for text, of in zip(fields, FIELDS, strict=True)]
    minutes, hours, days, months, weekdays = sets
    return Cron(
        minutes=minutes, hours=hours, days=days, months=months, weekdays=frozenset(day % 7 for day in weekdays),
        any_hour=fields[1].startswith("*"), any_day=fields[2].startswith("*"), any_weekday=fields[4].startswith("*"),
    )  # fmt: skip


def zone_of(name: str) -> ZoneInfo:
    """The zone of this name, or raise ScheduleInvalid."""
    if name not in available_timezones():
        raise ScheduleInvalid("There is no such zone; they are named as Europe/Zurich", pointer="/zone")
    return ZoneInfo(name)


def next_after(cron: Cron, moment: datetime, zone: ZoneInfo) -> datetime:
    """The first tick after `moment`, in UTC. Raise ScheduleInvalid where there is none for years."""
    first = moment.astimezone(zone).date() - timedelta(days=1)
    for ahead in range(YEARS * 366):
        day = first + timedelta(days=ahead)
        if cron.is_on(day):
            for tick in sorted(set(_ticks(cron, day, zone))):
                if tick > moment:
                    return tick
    raise ScheduleInvalid("It would never fire", pointer="/cron")


def _ticks(cron: Cron, day: date, zone: ZoneInfo) -> Iterator[datetime]:
    for hour in cron.hours:
        for minute in cron.minutes:
            yield from _moments(datetime.combine(day, time(hour, minute)), zone, real=cron.any_hour)


def _moments(local: datetime, zone: ZoneInfo, *, real: bool) -> Iterator[datetime]:
    """When clocks in `zone` show `local`: once, twice, or never."""
    first = local.replace(tzinfo=zone).astimezone(UTC)
    second = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) != local:  # clocks never show it
        if not real:
            yield _end_of_gap(local, zone)
        return
    yield first
    if real and second != first:
        yield second


def _end_of_gap(local: datetime, zone: ZoneInfo) -> datetime:
    """The first moment after the hour that clocks leave out."""
    while True:
        local += timedelta(minutes=1)
        moment = local.replace(tzinfo=zone).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None) == local:
            return moment


def _field(text: str, name: str, least: int, most: int, names: dict[str, int]) -> frozenset[int]:
    found: set[int] = set()
    for part in text.lower().split(","):
        read_part = PART.fullmatch(part)
        if read_part is None:
            raise _bad(name, text)
        star, begin, end, step = read_part.groups()
        low = least if star else _number(begin, names, name, text)
        high = most if star or (step and end is None) else _number(end or begin, names, name, text)
        if not least <= low <= high <= most or step == "0" or (step and int(step) == 0):
            raise _bad(name, text)
        found |= set(range(low, high + 1, int(step or 1)))
    return frozenset(found)


def _number(text: str, names: dict[str, int], name: str, field: str) -> int:
    if text in names:
        return names[text]
    if not (text.isascii() and text.isdigit()):
        raise _bad(name, field)
    return int(text)


def _bad(name: str, text: str) -> ScheduleInvalid:
    return ScheduleInvalid(f"{text[:40]!r} is no {name} of a cron expression", pointer="/cron")
