"""A sample of the failures provoked now, on the parts that are here: what is stored is still what they say."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from explainers.builds.errors import explain
from tests.builds.cases import CASES
from tests.builds.cases.case import Case, Parts
from tests.builds.programs import BuildKit, Engine, buildkitd, clear
from tests.builds.provoke import bridge

SAMPLE = (
    "dockerfile_syntax/unknown-instruction", "needs_buildkit/mount", "copy_source_missing/file", "run_failed/not-found",
    "run_failed/exit", "no_shell/scratch", "exec_format/arm-program", "oom_killed/limit", "rate_limited/hub",
    "base_not_found/platform", "tls_untrusted/base-unknown-authority", "registry_refused/base", "push_denied/gar",
    "push_unauthorized/ghcr", "proxy_limit_or_timeout/413",
)  # fmt: skip


def sample(program: str) -> list[Case]:
    return [case for case in CASES if case.name in {f"{name}-{program}" for name in SAMPLE}]


def of_git() -> list[Case]:
    return [case for case in CASES if case.program == "git"]


def judge(case: Case, parts: Parts) -> None:
    captured = case.provoke(parts)
    output = captured.output
    trouble = explain(output.phase, output.error, output.tail, output.code, output.dockerfile)
    assert (trouble.kind, trouble.retry) == (captured.kind, captured.retry), (trouble, output)
    assert not [name for name in captured.names if name not in trouble.headline], trouble.headline


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


@pytest.fixture(scope="module")
def real_engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    clear(engine)


@pytest.fixture(scope="module")
def real_buildkit() -> Iterator[BuildKit]:
    with buildkitd() as started:
        yield started


@pytest.mark.docker
@pytest.mark.registry
@pytest.mark.parametrize("case", sample("docker"), ids=lambda case: case.name)
def test_the_classic_builder_still_says_so(case: Case, folder: Path, real_engine: Engine) -> None:
    judge(case, Parts(real_engine, BuildKit(""), folder, bridge(real_engine)))


@pytest.mark.docker
@pytest.mark.registry
@pytest.mark.buildkit
@pytest.mark.parametrize("case", sample("buildkit"), ids=lambda case: case.name)
def test_buildkit_still_says_so(case: Case, folder: Path, real_buildkit: BuildKit) -> None:
    engine = Engine()
    judge(case, Parts(engine, real_buildkit, folder, bridge(engine)))


@pytest.mark.parametrize("case", of_git(), ids=lambda case: case.name)
def test_git_still_says_so(case: Case, folder: Path) -> None:
    judge(case, Parts(Engine(), BuildKit(""), folder, "127.0.0.1"))
