"""What Tessera adds to a build, beside `docker build` and `docker push` by hand on the same engine."""

import os
import secrets
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx

from bot.building import builds
from bot.settings import Settings
from bot.state.memory import MemoryState
from bot.wiring import SystemClock
from commands.base.building import STAGES, build_image
from commands.base.checklist import Checklist
from commands.base.journal import Journal
from commands.base.ports import NOBODY, Audience, Builds, Clock
from explainers.builds.binding import Binding
from explainers.builds.running import REVISION, SOURCE
from tests.bench.figures import Figure, paired_ratio, seconds_of

DOCKERFILE = """FROM python:3.11
COPY requirements.txt .
RUN sleep 4 && head -c 20000000 /dev/urandom > /layer
COPY app.py .
CMD ["python3", "app.py"]
"""


@dataclass(frozen=True)
class Bench:
    """A repository whose commits differ, and where their images go."""

    builds: Builds
    repository: Path
    image: str

    def change(self, path: str) -> None:
        """A commit that changes one file: `requirements.txt` leaves no layer cached, `app.py` all but the last."""
        (self.repository / path).write_text(f"# {secrets.token_hex(8)}\n")
        git(self.repository, "add", ".")
        git(self.repository, "commit", "-q", "-m", f"Change {path}")

    def by_tessera(self) -> None:
        binding = Binding(str(self.repository), self.image)
        commit = self.builds.code.commit(binding.repository, "")
        board = Checklist(_Nobody(), "", STAGES)
        build_image(self.builds, binding, commit, Journal(MemoryState(), "bench"), board, lambda: False)

    def by_hand(self) -> None:
        subprocess.run(["docker", "push", "-q", self.built_by_hand()], check=True, capture_output=True)

    def built_by_hand(self) -> str:
        """The tag of the newest commit's image, built by the engine or found in its cache.

        It has the labels that an image of ours has: to the classic builder each is an instruction of its own.
        """
        sha = git(self.repository, "rev-parse", "HEAD").strip()
        tag = f"{self.image}:by-hand-{sha[:7]}"
        archive = subprocess.Popen(["git", "-C", str(self.repository), "archive", sha], stdout=subprocess.PIPE)
        labels = [f"--label={name}={value}" for name, value in ((REVISION, sha), (SOURCE, str(self.repository)))]
        words = ["docker", "build", "-q", "-t", tag, *labels, "-"]
        subprocess.run(words, stdin=archive.stdout, check=True, capture_output=True)
        archive.wait()
        return tag

    def checked_by_hand(self) -> None:
        """The engine's own check that it has all of it, and one question to the registry."""
        host, _, rest = self.built_by_hand().partition("/")
        name, _, tag = rest.rpartition(":")
        accepted = {"Accept": "application/vnd.docker.distribution.manifest.v2+json"}
        httpx.head(f"http://{host}/v2/{name}/manifests/{tag}", headers=accepted).raise_for_status()

    def clean(self) -> None:
        """Take away the images by hand; until then they are the cache, as for anybody who builds by hand."""
        names = ["docker", "images", "--format", "{{.Repository}}:{{.Tag}}", self.image]
        found = subprocess.run(names, check=True, capture_output=True, text=True).stdout.split()
        if found:
            subprocess.run(["docker", "rmi", *found], check=True, capture_output=True)


class _Nobody:
    """What a checklist needs, for nobody who looks."""

    clock: Clock = SystemClock()
    audience: Audience = NOBODY


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=bench", "-c", "user.email=bench@example.com", "-c", "init.defaultBranch=main"]
    return subprocess.run(
        ["git", "-C", str(folder), *identity, *words], capture_output=True, text=True, check=True
    ).stdout


@contextmanager
def bench() -> Iterator[Bench]:
    registry = os.environ.get("TESSERA_REGISTRY", "").replace("127.0.0.1", "localhost")
    with tempfile.TemporaryDirectory() as folder:
        repository = Path(folder) / "shop"
        repository.mkdir()
        git(repository, "init", "-q")
        (repository / "Dockerfile").write_text(DOCKERFILE)
        (repository / "app.py").write_text("")
        settings = Settings(docker_host="unix:///var/run/docker.sock", git_root=Path(folder))
        found = builds(settings)
        assert found is not None
        made = Bench(found, repository, f"{registry}/bench-{secrets.token_hex(3)}")
        yield made
        made.clean()


def figures(runs: int) -> Iterator[Figure]:
    """The whole way from commit to pushed digest, with a cold cache, a warm one, and nothing to do."""
    runs = min(runs, 5)
    with bench() as one:
        for name, path, times in (("cold", "requirements.txt", runs), ("warm", "app.py", 4 * runs)):
            one.change(path)
            one.by_hand()
            pairs = [_pair(one, path, number % 2 == 0) for number in range(times)]
            ratio = median(ours / theirs for ours, theirs in pairs)
            ours, theirs = (median(side) for side in zip(*pairs, strict=True))
            yield Figure(
                f"commit to digest / docker build and push, {name} cache",
                ratio,
                1.03,
                "×",
                f"{ours:.2f} s / {theirs:.2f} s",
            )
        one.by_hand()
        ratio, ours, theirs = paired_ratio(one.by_tessera, one.checked_by_hand, 3 * runs)
        shown = f"{ours:.2f} s / {theirs:.2f} s"
        yield Figure("an unchanged commit / the engine's cache check and a HEAD", ratio, 1.5, "×", shown)


def _pair(one: Bench, path: str, ours_first: bool) -> tuple[float, float]:
    """Seconds of ours and theirs, one right after the other; in turn the one first, then the other."""
    if ours_first:
        return _fresh(one, path, one.by_tessera), _fresh(one, path, one.by_hand)
    theirs = _fresh(one, path, one.by_hand)
    return _fresh(one, path, one.by_tessera), theirs


def _fresh(one: Bench, path: str, build: Callable[[], None]) -> float:
    one.change(path)
    return seconds_of(build)
