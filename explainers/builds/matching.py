"""Which repository a workload is probably built from, by names alone: a proposal for a person, never a fact."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from explainers.builds.binding import containers, repository_of
from explainers.diagnosis.views.pods import Json, table, text
from explainers.kinds import Ref

LEAST = 85
"""The lowest score that is a guess, of 100."""
APART = 3
"""So much better than the second the best has to be."""
_WORDS = re.compile(r"[a-z0-9]+")
ROLES = frozenset(
    _WORDS.findall("api app backend client cron deploy deployment frontend job server service srv svc ui web worker")
)
"""Last words of a name that say what a part does, not what it is part of."""
SUFFIX, PREFIX, OWNER, BOTH = 5, 3, 4, 2
"""Points off for a role or a team on one side only, and added for an owner or both names that agree."""
_DIGITS = re.compile(r"\d+")
_ADDRESS = re.compile(r"(?:[a-z]+://)?(?:[^/@]+@)?github\.com[/:]|(?:[a-z]+://)(?:[^/@]+@)?|[^/@]+@", re.IGNORECASE)


@dataclass(frozen=True)
class Subject:
    """A workload by its names: its own, the image repository in use, and those of its team or application, which
    may stand before its own."""

    name: str
    image: str = ""
    teams: tuple[str, ...] = ()


@dataclass(frozen=True)
class Guess:
    """A repository with its score, at most 100, and why."""

    repository: str
    score: int
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class _Form:
    """One way to read a name: what it is about, its role, and the points off for what was left out."""

    core: str
    role: str
    off: int = 0


class Repositories:
    """The repositories that are known, read once for any number of workloads."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = {_plain(one): one for one in sorted(set(known), key=len, reverse=True)}
        self._forms: dict[str, list[tuple[str, _Form]]] = {}
        for plain in self._known:
            owner, _, name = plain.rpartition("/")
            for form in _forms(name, (_last(owner),)):
                self._forms.setdefault(form.core, []).append((plain, form))
        self._cores = list(self._forms)

    def guess(self, subject: Subject) -> Guess | None:
        """The repository that fits best; None where none fits well, or two do equally."""
        path = _path(subject.image)
        by_name = self._scores(_forms(subject.name, subject.teams))
        by_image = self._scores(_forms(_last(path), (*subject.teams, _last(path.rpartition("/")[0]))))
        total = {one: _total(by_name.get(one, 0), by_image.get(one, 0), one, path) for one in {*by_name, *by_image}}
        ranked = sorted(total, key=lambda one: (-total[one], one))
        if not ranked or total[ranked[0]] < LEAST:
            return None
        if ranked[1:] and total[ranked[0]] - total[ranked[1]] < APART:
            return None
        best = ranked[0]
        reasons = [
            f"its name {_how(by_name.get(best, 0), subject.name)}" if best in by_name else "",
            f"its image {_how(by_image.get(best, 0), path)}" if best in by_image else "",
            f"both belong to `{_owner(best)}`" if _same_owner(best, path) else "",
        ]
        return Guess(self._known[best], min(total[best], 100), tuple(filter(None, reasons)))

    def _scores(self, forms: Iterable[_Form]) -> dict[str, int]:
        """The best score of each repository whose name is near enough."""
        from rapidfuzz import fuzz, process  # loaded where it is used: a start without it is faster

        found: dict[str, int] = {}
        for mine in forms:
            near = process.extract(mine.core, self._cores, scorer=fuzz.ratio, score_cutoff=LEAST, limit=None)
            for core, ratio, _ in near:
                if _DIGITS.findall(core) != _DIGITS.findall(mine.core):
                    continue
                for plain, theirs in self._forms[core]:
                    score = int(ratio) - mine.off - theirs.off - _role(mine.role, theirs.role)
                    if score > max(found.get(plain, 0), LEAST - OWNER - 1):
                        found[plain] = score
        return found


def subject_of(ref: Ref, workload: Json) -> Subject:
    """A workload by its names; its namespace and its application count as a team."""
    labels = table(workload, "metadata", "labels")
    teams = (ref.namespace, text(labels, "app.kubernetes.io/part-of"))
    return Subject(ref.name, container_of(ref, workload)[1], tuple(filter(None, teams)))


def container_of(ref: Ref, workload: Json) -> tuple[str, str]:
    """The container that gets the image (empty for the only one), and the image repository in use; of several the one
    that is called as the workload."""
    images = containers(workload)
    if len(images) == 1:
        return "", repository_of(next(iter(images.values())))
    return (ref.name, repository_of(images[ref.name])) if ref.name in images else ("", "")


def best_dockerfile(subject: Subject, repository: str, paths: Sequence[str]) -> str:
    """The Dockerfile of the workload among those of a repository; empty when that is not clear.

    The only one, else the one whose folder or own name fits best, else the one at the root of a repository that is
    called as the workload is.
    """
    if len(paths) <= 1:
        return paths[0] if paths else ""
    named: Mapping[str, str] = {part: path for path in reversed(paths) for part in [_part(path)] if part}
    guess = Repositories(named).guess(Subject(subject.name, subject.image, (*subject.teams, _last(_plain(repository)))))
    if guess:
        same = [path for path in paths if _part(path) == guess.repository]
        return same[0] if len(same) == 1 else next((path for path in same if path.endswith("/Dockerfile")), "")
    mine = Repositories([repository]).guess(Subject(subject.name))
    return "Dockerfile" if mine and "Dockerfile" in paths else ""


def _part(path: str) -> str:
    """What a Dockerfile is for: `shop` of `services/shop/Dockerfile`, `shop/docker/Dockerfile`, `Dockerfile.shop`."""
    folder, _, name = path.rpartition("/")
    words = [word for word in re.split(r"\.", name) if word.lower() not in ("dockerfile", "containerfile")]
    usual = ("docker", "build", "deploy", "src")
    folders = [each for each in folder.split("/") if each and each.lower() not in usual]
    return folders[-1] if folders else "-".join(words)


def _plain(repository: str) -> str:
    """A repository without protocol, login, GitHub's host and `.git`, so that the same one is known once."""
    return _ADDRESS.sub("", repository.strip(), count=1).rstrip("/").removesuffix(".git").lower()


def _path(image: str) -> str:
    """An image repository without its registry's host."""
    first, slash, rest = image.partition("/")
    return rest if slash and (set(".:") & set(first) or first == "localhost") else image


def _last(path: str) -> str:
    return path.rpartition("/")[2]


def _owner(repository: str) -> str:
    return _last(repository.rpartition("/")[0])


def _same_owner(repository: str, path: str) -> bool:
    return bool(_owner(repository)) and _owner(repository) in path.lower().split("/")[:-1]


def _forms(name: str, teams: tuple[str, ...]) -> set[_Form]:
    """The ways to read a name: as it is, and without a team before it; each without its role."""
    words = _WORDS.findall(name.lower())
    found = {(0, tuple(words))}
    for team in teams:
        before = _WORDS.findall(team.lower())
        if before and words[: len(before)] == before and words[len(before) :]:
            found.add((PREFIX, tuple(words[len(before) :])))
    return {_Form(" ".join(core), role, off) for off, some in found for core, role in [_split(some)] if core}


def _split(words: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """A name's words, and the role that ends them."""
    end = len(words)
    while end > 1 and words[end - 1] in ROLES:
        end -= 1
    return words[:end], " ".join(words[end:])


def _role(mine: str, theirs: str) -> int:
    """Points off: none for the same role, some for one on one side only; two that differ are two things."""
    if mine == theirs:
        return 0
    return SUFFIX if not mine or not theirs else 100


def _total(by_name: int, by_image: int, repository: str, path: str) -> int:
    both = BOTH if by_name and by_image else 0
    return max(by_name, by_image) + both + (OWNER if _same_owner(repository, path) else 0)


def _how(score: int, word: str) -> str:
    return f"`{word}` is the same" if score == 100 else f"`{word}` is nearly the same"
