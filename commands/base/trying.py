"""Every part of a binding, tried: the repository and branch, the Dockerfile and context, the push, the container."""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass

from commands.base.errors import NotFound, TesseraError, UsageError
from commands.base.ports import Builds
from commands.base.workloads import Workload
from explainers.builds.binding import Binding, container_for, containers
from explainers.builds.model import Commit
from explainers.diagnosis.near import nearest
from explainers.document import Evidence

SHOWN = 5


@dataclass(frozen=True)
class Tried:
    """What came of it: what holds, and what does not by the part's name, in the order of the parts."""

    rows: tuple[Evidence, ...]
    problems: Mapping[str, TesseraError]

    def need(self) -> tuple[Evidence, ...]:
        """What holds. Raises the first problem."""
        for problem in self.problems.values():
            raise problem
        return self.rows


def tried(builds: Builds, binding: Binding, workload: Workload) -> Tried:
    """Try each part of a binding; one that fails keeps none of the others from being tried."""
    rows: list[Evidence] = []
    problems: dict[str, TesseraError] = {}
    container = container_for(binding, workload.object)
    if not container:
        names = ", ".join(f"`{name}`" for name in containers(workload.object))
        problems["container"] = UsageError("Which container gets the image?", f"say `--container NAME`: {names}")
    commit = _commit(builds, binding, problems)
    if commit:
        rows.append(Evidence("repository", f"`{binding.repository}` is at `{commit.short}` {commit.subject}"))
        _files(builds, binding, commit, rows, problems)
    try:
        builds.registry.may_push(binding.image)
        rows.append(Evidence("image", f"`{binding.image}` may be pushed"))
    except TesseraError as error:
        problems["image"] = error
    rows.append(Evidence("container", f"`{container}` gets the image"))
    return Tried(tuple(rows), problems)


def _commit(builds: Builds, binding: Binding, problems: dict[str, TesseraError]) -> Commit | None:
    """The head of the branch; else whether the branch is the problem, or the repository."""
    try:
        return builds.code.commit(binding.repository, binding.branch)
    except TesseraError as error:
        problems["branch" if binding.branch and _there(builds, binding.repository) else "repository"] = error
    return None


def _there(builds: Builds, repository: str) -> bool:
    try:
        builds.code.commit(repository, "")
    except TesseraError:
        return False
    return True


def _files(
    builds: Builds, binding: Binding, commit: Commit, rows: list[Evidence], problems: dict[str, TesseraError]
) -> None:
    """Dockerfile and context, which are paths in the repository."""
    try:
        there = builds.code.files(binding.repository, commit.sha)
    except TesseraError as error:
        problems["repository"] = error
        return
    if posixpath.normpath(binding.dockerfile) not in there:
        some = ", ".join(f"`{path}`" for path in builds.code.dockerfiles(binding.repository, commit.sha)[:SHOWN])
        problems["dockerfile"] = NotFound(
            f"`{commit.short}` has no file `{binding.dockerfile}`.", f"Dockerfiles there: {some or 'none'}"
        )
    folder = posixpath.normpath(binding.context or ".")
    folders = {".", *(part for path in there for part in _above(path))}
    if folder not in folders:
        near = nearest(folder, folders - {"."})
        hint = f"did you mean {' or '.join(f'`{one}`' for one in near)}?" if near else "leave it empty for the root"
        problems["context"] = NotFound(f"`{commit.short}` has no folder `{binding.context}`.", hint)
    if not {"dockerfile", "context"} & set(problems):
        rows.append(Evidence("Dockerfile", f"`{binding.dockerfile}`, context `{binding.context or '.'}`"))


def _above(path: str) -> list[str]:
    """The folders that a file is in."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[: number + 1]) for number in range(len(parts))]
