"""When a schedule of cron is due next."""

from datetime import UTC, datetime

import pytest

from explainers.diagnosis.views.schedules import next_due

NOW = datetime(2026, 12, 1, 2, 20, tzinfo=UTC)  # a Tuesday


@pytest.mark.parametrize(
    ("schedule", "due"),
    [
        ("0 3 * * *", "2026-12-01T03:00"),
        ("20 2 * * *", "2026-12-02T02:20"),
        ("*/5 * * * *", "2026-12-01T02:25"),
        ("5/20 * * * *", "2026-12-01T02:25"),
        ("15 2-4/2 * * 1-5", "2026-12-01T04:15"),
        ("0 0 1,15 * 5", "2026-12-04T00:00"),
        ("0 0 * * 7", "2026-12-06T00:00"),
        ("@weekly", "2026-12-06T00:00"),
        ("0 2 31 2 *", ""),
        ("0 0 * * MON", ""),
        ("0 25 * * *", ""),
        ("@every 5m", ""),
        ("", ""),
    ],
)
def test_the_next_time(schedule: str, due: str) -> None:
    found = next_due(schedule, NOW)
    assert (f"{found:%Y-%m-%dT%H:%M}" if found else "") == due
