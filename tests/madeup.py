"""How much input is made up for one test: all of it in the full check, a share in `make quick`, which runs all day."""

from hypothesis import settings

FULL, QUICK = "tessera", "quick"
_SHARE, _FEWEST = 5, 10


def made_up(count: int) -> settings:
    """The setting for `count` examples; in `make quick` a fifth of them, and no fewer than ten."""
    quick = settings.get_current_profile_name() == QUICK
    return settings(max_examples=min(count, max(count // _SHARE, _FEWEST)) if quick else count)
