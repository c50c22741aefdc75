"""The nearest names: what was probably meant."""

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from explainers.patterns import pattern

LEAST = 0.6
"""The likeness from which on two words count as near."""
_PARTS = pattern(r"[-_.]+")
_WORDS = pattern(r"[-_]+")
"""Between the words of a name; what is behind a dot is of another kind."""
_NUMBERED = pattern(r"([a-z]*)(\d+)")
_VERSION = pattern(r"\d|v\d+\.")
"""How a tag or a version begins: one number in it is as good a guess as another."""
_MADE_UP = pattern(r"[bcdfghjklmnpqrstvwxz2456789]{5,10}")
"""The endings that Kubernetes and kustomize make up, which nobody mistypes.

Source: https://github.com/kubernetes/apimachinery/blob/master/pkg/util/rand/rand.go
"""
_SHORT = {"cfg": "config", "conf": "config", "db": "database", "pg": "postgres", "svc": "service"}
_OPPOSED = frozenset({
    "dev", "development", "test", "testing", "stage", "staging", "preprod", "prod", "production", "internal",
    "external", "inbound", "outbound", "ingress", "egress",
})  # fmt: skip
"""Words that are no slips for each other, however much alike they are written, unless they begin alike."""


_ASIDE = frozenset({
    "backup", "backups", "canary", "dev", "development", "exporter", "metrics", "monitoring", "preprod", "readonly",
    "replica", "replicas", "ro", "stage", "staging", "standby", "test", "testing",
})  # fmt: skip
"""Words that make of a name another thing, beside the one or in its place: nobody leaves them out by mistake."""


def nearest(word: str, candidates: Iterable[str], least: float = LEAST) -> list[str]:
    """Candidates that resemble `word`, best first, at most three.

    A name counts as near when its letters are (ratio ≥ `least`) or when one is a dashed part of the other
    (`pg` for `pg-main`); not when a part of it is another word or another number (`data-1` is not `data-0`).
    """
    scored = [(-_likeness(word, name), name) for name in set(candidates) if name != word and not _other(word, name)]
    return [name for score, name in sorted(scored) if -score >= least][:3]


def _likeness(one: str, other: str) -> float:
    ratio = _ratio(one.lower(), other.lower())
    return max(ratio, 0.75) if _more(one, other) is not None else ratio


def nearest_one(word: str, candidates: Iterable[str], least: float = LEAST) -> str:
    """The nearest name, or an empty string: also where two are equally near."""
    return sole(word, nearest(word, candidates, least))


def sole(word: str, near: Sequence[str]) -> str:
    """The first of near names, best first; an empty string where it is as good a guess as another: `api-auth` and
    `api-web` each have a word more than `api`."""
    more = [len(extra) if (extra := _more(word, one)) is not None else 0 for one in near[:2]]
    return "" if not near or (len(more) > 1 and more[0] == more[1] > 0) else near[0]


def _more(one: str, other: str) -> frozenset[str] | None:
    """The words that one of two names has more than the other, if the other has no words but these; else None."""
    parts, others = (frozenset(_WORDS.split(name.lower())) for name in (one, other))
    return parts ^ others if parts <= others or others <= parts else None


def a_word_apart(one: str, other: str) -> bool:
    """Whether one of two names is the other with more words, so that no slip of letters is between them."""
    return bool(_more(one, other))


def most_like(word: str, candidates: Iterable[str]) -> str:
    """The most similar of them, however little it resembles; an empty string where there is none."""
    return min(set(candidates), key=lambda one: (-_likeness(word, one), one), default="")


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


def _other(one: str, other: str) -> bool:
    """Whether two names of as many parts mean different things: a part of one is no slip for the part of the other."""
    parts, others = (_PARTS.split(name.lower()) for name in (one, other))
    if len(parts) != len(others):
        return bool(_ASIDE & (_more(one, other) or set()))
    if sorted(parts) == sorted(others) or _VERSION.match(one):
        return False
    differing = [pair for pair in zip(parts, others, strict=True) if pair[0] != pair[1]]
    return not all(_meant(part, instead, len(parts) > 1) for part, instead in differing)


def _meant(one: str, other: str, among: bool) -> bool:
    """Whether one part may be a slip for the other, or short for it. A part `among` others has to be near by itself."""
    if (first := _NUMBERED.fullmatch(one)) and (second := _NUMBERED.fullmatch(other)):
        return _near(first[1], second[1]) and _same_number(first[1], first[2], second[2])
    if {one, other} <= _OPPOSED and one[:3] != other[:3]:
        return False
    if _short_for(one, other) or (_MADE_UP.fullmatch(one) and _MADE_UP.fullmatch(other)):
        return True
    return not among or _near(one, other)


def _same_number(letters: str, number: str, other: str) -> bool:
    """Whether a part's number is meant by the other: the same, with two digits in the wrong order (`amd46`), or that of
    another version of the same thing (`v2`)."""
    swapped = len(letters) > 1 and sorted(number) == sorted(other)
    return number.lstrip("0") == other.lstrip("0") or swapped or letters == "v"


def _near(one: str, other: str) -> bool:
    return sorted(one) == sorted(other) or _ratio(one, other) >= LEAST


def _short_for(one: str, other: str) -> bool:
    """Whether one is an abbreviation of the other: how it begins (`prod`), or a usual one (`db`)."""
    short, long = sorted((one, other), key=len)
    whole = _SHORT.get(long, long) if short in _SHORT else long
    return whole.startswith(_SHORT.get(short, short)) and len(short) > 1
