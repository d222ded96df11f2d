"""Today, this week, this month: days of a time zone, whatever the clocks of that zone do. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal, get_args

Name = Literal["today", "week", "month", "all"]
NAMES: tuple[Name, ...] = get_args(Name)
_DAYS = {"today": 1, "week": 7, "month": 30}


@dataclass(frozen=True, kw_only=True)
class Period:
    """From one day to another, both included; an end that is None is open."""

    name: Name
    first: date | None
    last: date | None


def named(name: Name, *, now: datetime, zone: tzinfo) -> Period:
    """Today begins at midnight; a week is today and the six days before, a month today and the 29 before.

    `now` is a moment; which day it falls in is for `zone` to say.
    """
    if name == "all":
        return Period(name=name, first=None, last=None)
    today = day_of(now, zone=zone)
    return Period(name=name, first=today - timedelta(days=_DAYS[name] - 1), last=today)


def day_of(now: datetime, *, zone: tzinfo | None = None) -> date:
    """The day that the moment `now` falls in."""
    return now.astimezone(zone).date()


def midnight(day: date, *, zone: tzinfo) -> datetime:
    """The moment a day begins, in UTC: where clocks are set at midnight, the first moment that there is."""
    # A midnight that clocks skip (from 23:59 to 01:00) is read with the offset from before, which is the very moment of
    # the change; one that comes twice is read as its first time.
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
