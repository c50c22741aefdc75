"""Where the entries that are checked come from: files and folders, or the namespace of a broker."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.terminal.connecting import live
from bot.terminal.mistakes import FAILED
from commands.base.errors import TesseraError, UsageError
from commands.base.ports import Audience, Cluster
from explainers.catalog.assembling import Read
from explainers.catalog.files import ENDINGS, mentions_catalog, sources_of
from explainers.catalog.labels import is_entry
from explainers.catalog.lint import Rules, lint
from explainers.catalog.model import Problem
from explainers.catalog.reading import read_source
from explainers.catalog.sources import Source, source
from explainers.diagnosis.access import refused
from explainers.kinds import CONFIG_MAP, kind_named
from explainers.operations.base import Answer, Operation
from explainers.operations.reads import GetMetadata, List

FORM = "for example `tessera catalog lint entries/` or `tessera catalog lint -n NAMESPACE`"


@dataclass
class Beside:
    """The cluster beside a catalog; what cannot be seen is noted once."""

    cluster: Cluster
    unseen: list[str] = field(default_factory=list)

    def exists(self, kind: str, namespace: str, name: str) -> bool | None:
        known = kind_named(kind)
        if known is None:
            return None
        operation = GetMetadata(known, namespace, name)
        answer = self.cluster.run(operation)
        if answer.ok or answer.absent:
            return answer.ok
        told = f"{kind} {namespace}/{name}: {_why(operation, answer)}"
        if told not in self.unseen:
            self.unseen.append(told)
        return None


@dataclass(frozen=True)
class Found:
    """What was looked at, and what is wrong with it."""

    entries: int
    objects: int
    problems: tuple[Problem, ...]
    unseen: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        return 1 if self.problems else FAILED if self.unseen else 0

    def lines(self) -> list[str]:
        """As compilers print it, so that editors and people find the place."""
        looked = f"{_many(self.entries, 'entry', 'entries')} and {_many(self.objects, 'object', 'objects')}"
        wrong = _many(len(self.problems), "mistake", "mistakes")
        last = f"✗ {wrong} in {looked}." if self.problems else f"✓ Nothing is wrong with {looked}."
        if self.unseen and not self.problems:
            last = f"? No mistake was found in {looked}, but not everything could be checked."
        unseen = [f"Not checked: {each}" for each in self.unseen]
        return [*(str(problem) for problem in self.problems), *unseen, last]

    def data(self) -> dict[str, object]:
        problems = [
            {"source": one.source, "line": one.line, "where": one.where, "message": one.message, "team": one.team}
            for one in self.problems
        ]
        counted = {"entries": self.entries, "objects": self.objects}
        return {**counted, "problems": problems, "unchecked": list(self.unseen)}


def linted(paths: Sequence[str], rules: Rules, context: str, probe_image: str) -> Found:
    """Raises UsageError for what is not there to be read, TesseraError when the cluster cannot be read."""
    if not paths and not rules.namespace:
        raise UsageError("What should I check?", FORM)
    sources, problems = _files(paths)
    beside = None
    if rules.namespace:
        cluster = live(context, Audience(), probe_image).cluster
        beside = Beside(cluster)
        sources += _configmaps(cluster, rules.namespace) if not paths else []
    reads = [read_source(one) for one in sources]
    found = tuple(sorted({*lint(reads, rules, beside), *problems}))
    entries = sum(is_entry(read.source.labels) for read in reads)
    if not found and not entries and not _objects(reads):
        where = " ".join(f"`{path}`" for path in paths) or f"the namespace `{rules.namespace}`"
        raise UsageError(
            f"There is no catalog in {where}: no ConfigMap has the label `mesitis/kind: catalog-entry`.", FORM
        )
    return Found(entries, _objects(reads), found, tuple(beside.unseen) if beside else ())


def _objects(reads: Sequence[Read]) -> int:
    return sum(read.template is not None for read in reads)


def _files(paths: Sequence[str]) -> tuple[list[Source], list[Problem]]:
    """A file that was named is always read; those of a folder as far as they look like a catalog."""
    sources: list[Source] = []
    problems: list[Problem] = []
    for path, named in _listed(paths):
        text = _text(path)
        found, wrong = sources_of(str(path), text)
        sources += found
        problems += wrong if named or mentions_catalog(text) else []
        if named and not found and not wrong:
            problems.append(Problem(str(path), 0, "", "This holds no ConfigMap and no entry."))
    return sources, problems


def _listed(paths: Sequence[str]) -> list[tuple[Path, bool]]:
    listed: dict[Path, bool] = {}
    for each in paths:
        path = Path(each)
        if path.is_dir():
            for file in sorted(path.rglob("*")):
                if file.suffix in ENDINGS and file.is_file():
                    listed.setdefault(file, False)
        elif path.exists():
            listed[path] = True
        else:
            raise UsageError(f"There is no file or folder `{each}`.", FORM)
    return list(listed.items())


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise UsageError(f"`{path}` cannot be read: {error.strerror}.", FORM) from error


def _configmaps(cluster: Cluster, namespace: str) -> list[Source]:
    operation = List(CONFIG_MAP, namespace)
    answer = cluster.run(operation)
    if not answer.ok:
        raise TesseraError(f"The ConfigMaps of `{namespace}` cannot be read: {_why(operation, answer)}", FORM)
    items = answer.object.get("items")
    return [source(item) for item in items] if isinstance(items, list) else []


def _why(operation: Operation, answer: Answer) -> str:
    """What keeps it from being read, and the line that grants it."""
    if not answer.forbidden:
        return answer.problem or f"the API answered {answer.status}"
    missing = refused(operation, answer)
    return f"needs {missing.missing}; grant: {missing.grant}"


def _many(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"
