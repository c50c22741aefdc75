"""What people write to mean a commit, checked before any program or server sees it.

Rules: https://git-scm.com/docs/git-check-ref-format; narrower where a name could be taken for something else.
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from bot.source.tarball import show
from commands.base.errors import NotFound, UsageError

LONGEST = 244
"""What GitHub allows, and what fits a file name with `refs/heads/` before it."""
FORM = "write a branch, a tag, a commit's digits or #12 for a pull request, like feature/login"
_PULL = re.compile(r"#([1-9][0-9]{0,8})")
_DIGITS = re.compile(r"[0-9a-f]{7,40}")
_BAD = re.compile(r"\.\.|//|@\{|/\.|\.lock(?:/|$)")
_SIGNS = frozenset("/._-+=@#,%&!'()")
_FULL = ("refs/heads/", "refs/tags/")


@dataclass(frozen=True)
class Ref:
    """`pull` is a number or 0; `name` empty means the default branch; `digits` that it could be a commit's."""

    name: str = ""
    pull: int = 0

    @property
    def digits(self) -> str:
        return self.name.lower() if _DIGITS.fullmatch(self.name.lower()) else ""

    @property
    def full(self) -> list[str]:
        """The full names that it may mean, the likelier first."""
        return [self.name] if self.name.startswith(_FULL) else [f"{prefix}{self.name}" for prefix in _FULL]


def parse_ref(written: str) -> Ref:
    """Raises UsageError that says the right form."""
    name = written.strip()
    if name in ("", "HEAD"):
        return Ref()
    if found := _PULL.fullmatch(name):
        return Ref(pull=int(found[1]))
    if why := _why_not(name):
        raise UsageError(f"{show(name)} is no branch, tag or commit: {why}.", FORM)
    return Ref(name)


def parse_sha(sha: str) -> str:
    """Forty digits. Raises UsageError."""
    if not re.fullmatch(r"[0-9a-f]{40}", sha):
        raise UsageError(f"{show(sha)} is not a commit's 40 hexadecimal digits.", FORM)
    return sha


def _why_not(name: str) -> str:
    if len(name.encode("utf-8", "surrogateescape")) > LONGEST:
        return f"it has more than {LONGEST} characters"
    if odd := next((each for each in name if not _usual(each)), ""):
        return "it has a space" if odd.isspace() else f"it has the character {odd!a}"
    if name[0] in "-./#" or name.endswith((".", "/")) or name == "@" or _BAD.search(name):
        return "it begins, ends or is divided in a way that git does not allow"
    return ""


def _usual(sign: str) -> bool:
    """A letter or digit of any script, with its accents, or one of a few signs."""
    return sign.isalnum() or sign in _SIGNS or unicodedata.category(sign) in ("Mn", "Mc")


def unknown_ref(repository: str, written: str, names: Collection[str]) -> NotFound:
    """The error for a ref that is not there, with the nearest of those that are."""
    from rapidfuzz import fuzz, process  # loaded where it is used: a start without it is faster

    near = [str(found[0]) for found in process.extract(written, names, scorer=fuzz.WRatio, limit=3, score_cutoff=70)]
    hint = f"did you mean {' or '.join(near)}?" if near else f"it has {', '.join(sorted(names)[:5]) or 'no branch yet'}"
    return NotFound(f"{repository} has no branch, tag or commit {show(written)}.", hint)
