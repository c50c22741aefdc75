"""Tests marked with a real part run where that part is; elsewhere they are skipped with the reason.

Made-up input is never judged by the time that it takes: the machine may be busy with something else. Where nothing may
be skipped, the checks' own machine, it is the same each time: what is new there comes from the change alone. `make
quick` makes up less of it (`tests/madeup.py`) and other input each time.

A test against a real part that fails is run once more: nodes, engines and browsers stall now and then on a busy
machine. Whatever needed it is listed at the end as RERUN, and a test that fails twice fails. Tests without a real part
get one try.
"""

import gc
import os

import pytest
from hypothesis import HealthCheck, settings

from tests.madeup import FULL, QUICK
from tests.parts import PARTS, missing

_SAME = bool(os.environ.get("TESSERA_SKIP_NOTHING"))
_LONGEST = 100
settings.register_profile(FULL, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=_SAME)
settings.register_profile(QUICK, settings.get_profile(FULL), max_examples=20)
settings.load_profile(FULL)
gc.disable()  # until all is collected


def pytest_make_parametrize_id(val: object) -> str | None:
    """A text of a million letters names its test by its beginning and its length."""
    if isinstance(val, str | bytes) and len(val) > _LONGEST:
        return f"{val[:40]!a}…{len(val)}"
    return None


def pytest_collection_finish() -> None:
    """What was collected stays: to look through it for garbage in each test took a tenth of the time."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        marks = {mark.name for mark in item.iter_markers()}
        parts = [name for name in PARTS if name in marks]
        if parts:
            item.add_marker(pytest.mark.flaky(reruns=1))
        for reason in filter(None, map(missing, parts)):
            item.add_marker(pytest.mark.skip(reason=reason))
