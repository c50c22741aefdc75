"""The nearest names: what was probably meant."""

from collections.abc import Iterable
from difflib import SequenceMatcher


def nearest(word: str, candidates: Iterable[str], least: float = 0.6) -> list[str]:
    """Candidates that resemble `word`, best first, at most three.

    A name counts as near when its letters are (ratio ≥ `least`) or when one is a dashed part of the other
    (`pg` for `pg-main`).
    """
    scored = [(-_likeness(word, name), name) for name in set(candidates) if name != word]
    return [name for score, name in sorted(scored) if -score >= least][:3]


def _likeness(one: str, other: str) -> float:
    ratio = SequenceMatcher(None, one.lower(), other.lower()).ratio()
    one_parts, other_parts = set(one.lower().split("-")), set(other.lower().split("-"))
    if one_parts <= other_parts or other_parts <= one_parts:
        return max(ratio, 0.75)
    return ratio


def nearest_one(word: str, candidates: Iterable[str], least: float = 0.6) -> str:
    """The nearest name, or an empty string."""
    found = nearest(word, candidates, least)
    return found[0] if found else ""
