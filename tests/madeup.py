"""How much input is made up for one test: all of it in the full check, a share in `make quick`, which runs all day."""

import os
import random
from collections.abc import Sequence
from typing import TypeVar

from hypothesis import settings

T = TypeVar("T")

FULL, QUICK = "tessera", "quick"
_SHARE, _FEWEST = 5, 10


def made_up(count: int) -> settings:
    """The setting for `count` examples; in `make quick` a fifth of them, and no fewer than ten."""
    return settings(max_examples=min(count, max(count // _SHARE, _FEWEST)) if _quick() else count)


def a_share(of: Sequence[T]) -> list[T]:
    """What is varied in a made-up way: all of it; in `make quick` a fifth, another in each run, the same in all its
    processes."""
    run = random.Random(os.environ.get("PYTEST_XDIST_TESTRUNUID"))  # nosec B311 - no secret
    return [one for one in of if run.randrange(_SHARE) == 0] if _quick() else list(of)


def _quick() -> bool:
    return settings.get_current_profile_name() == QUICK
