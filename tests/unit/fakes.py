"""The ports of building, as far as commands that only ask a registry need them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO

from commands.base.errors import NotFound, TesseraError, Unavailable
from commands.base.ports import Builds, Context, ImageRegistry, Stop
from explainers.builds.model import BuildEvent, Commit, Credentials, Order


@dataclass(frozen=True)
class FakeRegistry:
    """A registry that holds these references with their digests; `fails` is raised for everything."""

    images: Mapping[str, str]
    fails: TesseraError | None = None

    def digest(self, reference: str) -> str | None:
        self._answer()
        return self.images.get(reference)

    def labels(self, reference: str) -> Mapping[str, str] | None:
        self._answer()
        return {} if reference in self.images else None

    def tags(self, repository: str) -> list[str]:
        self._answer()
        return [one.removeprefix(f"{repository}:") for one in self.images if one.startswith(f"{repository}:")]

    def may_push(self, repository: str) -> None:
        self._answer()

    def _answer(self) -> None:
        if self.fails:
            raise self.fails


class NoCode:
    """No repository."""

    def commit(self, repository: str, ref: str) -> Commit:
        raise NotFound(f"I know no repository `{repository}`.")

    def archive(self, repository: str, sha: str) -> AbstractContextManager[IO[bytes]]:
        raise NotFound(f"I know no repository `{repository}`.")

    def files(self, repository: str, sha: str) -> list[str]:
        return []

    def dockerfiles(self, repository: str, sha: str) -> list[str]:
        return []

    def changed(self, repository: str, sha: str) -> list[str]:
        return []

    def behind(self, repository: str, sha: str, ref: str) -> int | None:
        return None

    def repositories(self) -> Sequence[str]:
        return []


class NoEngine:
    """No engine."""

    name = "none"
    buildkit = False

    def check(self) -> None:
        raise Unavailable("There is no engine.")

    def build(
        self, order: Order, context: IO[bytes], credentials: Sequence[tuple[str, Credentials]], stop: Stop
    ) -> Iterator[BuildEvent]:
        raise Unavailable("There is no engine.")


class NoSecrets:
    """No login."""

    def registry(self, host: str) -> Credentials | None:
        return None


def unpacked(_archive: IO[bytes], _folder: str, _dockerfile: str) -> AbstractContextManager[Context]:
    raise NotFound("There is nothing to build.")


def builds_with(registry: ImageRegistry) -> Builds:
    """The ports of building with this registry."""
    return Builds(NoCode(), unpacked, NoEngine(), registry, NoSecrets())
