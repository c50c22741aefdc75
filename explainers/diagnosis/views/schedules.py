"""When a schedule of cron is due next.

Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
"""

from datetime import datetime, timedelta

_NAMED = {"@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
          "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *"}  # fmt: skip
_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_AHEAD = 400
"""Days that are looked at."""


def next_due(schedule: str, now: datetime) -> datetime | None:
    """The next time of a schedule by the clock of `now`; None for one with names of days or months, or that is not due
    within a year."""
    fields = _NAMED.get(schedule, schedule).split()
    if len(fields) != len(_BOUNDS):
        return None
    try:
        sets = [_numbers(field, *bounds) for field, bounds in zip(fields, _BOUNDS, strict=True)]
    except ValueError:
        return None
    minutes, hours = sorted(sets[0]), sorted(sets[1])
    for ahead in range(_AHEAD):
        day = (now + timedelta(days=ahead)).replace(hour=0, minute=0, second=0, microsecond=0)
        if not _on(day, fields, sets):
            continue
        times = (day.replace(hour=hour, minute=minute) for hour in hours for minute in minutes)
        if found := next((time for time in times if time > now), None):
            return found
    return None


def _on(day: datetime, fields: list[str], sets: list[set[int]]) -> bool:
    """Whether a day fits. Where both the day of the month and that of the week are given, one of them is enough."""
    by_month, by_week = day.day in sets[2], day.isoweekday() % 7 in {one % 7 for one in sets[4]}
    free = [fields[at][0] in "*?" for at in (2, 4)]
    fits = by_month and by_week if any(free) else by_month or by_week
    return fits and day.month in sets[3]


def _numbers(field: str, least: int, most: int) -> set[int]:
    """The numbers that one field names; raises ValueError for what is no number."""
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        start = least if span in ("*", "?") else int(first)
        end = most if span in ("*", "?") or (step and not last) else int(last or first)
        if not least <= start <= end <= most or int(step or 1) < 1:
            raise ValueError(field)
        found |= set(range(start, end + 1, int(step or 1)))
    return found
