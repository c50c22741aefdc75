"""Cron schedules: `*/5 3 * * 1-5`, in UTC."""

from __future__ import annotations

from datetime import datetime, timedelta

_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_NAMED = {"@hourly": "0 * * * *", "@daily": "0 0 * * *", "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *"}
_HORIZON = 366 * 24 * 60


def next_after(schedule: str, moment: datetime) -> datetime | None:
    """Give the first scheduled minute after a moment, or None if there is none within a year or it cannot be read."""
    allowed = _allowed(schedule)
    if allowed is None:
        return None
    minute = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
    for _ in range(_HORIZON):
        place = (minute.minute, minute.hour, minute.day, minute.month, minute.isoweekday() % 7)
        if all(value in values for value, values in zip(place, allowed, strict=True)):
            return minute
        # A whole hour or day that cannot match is stepped over at once.
        minute += _step(minute, place, allowed)
    return None


def is_readable(schedule: str) -> bool:
    """Tell whether a text is a schedule at all."""
    return _allowed(schedule) is not None


def _allowed(schedule: str) -> list[set[int]] | None:
    fields = _NAMED.get(schedule, schedule).split()
    if len(fields) != len(_RANGES):
        return None
    try:
        return [_values(text, *bounds) for text, bounds in zip(fields, _RANGES, strict=True)]
    except ValueError:
        return None


def _step(minute: datetime, place: tuple[int, ...], allowed: list[set[int]]) -> timedelta:
    if any(place[index] not in allowed[index] for index in (2, 3, 4)):
        return timedelta(days=1) - timedelta(hours=minute.hour, minutes=minute.minute)
    if place[1] not in allowed[1]:
        return timedelta(minutes=60 - minute.minute)
    return timedelta(minutes=1)


def _values(text: str, low: int, high: int) -> set[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        begin, end = (low, high) if span == "*" else (int(first), int(last or (high if step else first)))
        found |= {value % 7 if high == 6 else value for value in range(begin, end + 1, int(step or 1))}
    return found
