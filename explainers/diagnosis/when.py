"""Times as people say them."""

from datetime import datetime, timedelta


def moment(text: object) -> datetime | None:
    """Parse an RFC 3339 time of the API; None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        parsed = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return parsed if parsed.tzinfo else None


def span(length: timedelta) -> str:
    """`45 s`, `18 min`, `3 h`, `4 days`."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 100:
        return f"{seconds} s"
    if seconds < 100 * 60:
        return f"{round(seconds / 60)} min"
    if seconds < 48 * 3600:
        return f"{round(seconds / 3600)} h"
    return f"{round(seconds / 86400)} days"


def ago(now: datetime, then: datetime | None) -> str:
    """`18 min ago`; empty when the time is not known."""
    return f"{span(now - then)} ago" if then else ""
