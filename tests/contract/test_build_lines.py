"""The lines that are shown do what the engines do: run as printed, they give the same image."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.builds.address import Address
from bot.builds.buildkit import BuildKitEngine
from bot.builds.docker import DockerEngine
from explainers.builds.model import Order
from explainers.builds.steps import BuildctlBuild, DockerBuild, DockerPush
from tests.contract.build_places import BASE, REGISTRY, DockerPlace, Place, context, image_configuration, never
from tests.contract.buildkit_server import buildkitd

SOURCE = f"""\
FROM {BASE} AS other
RUN echo other > /other
FROM {BASE} AS wanted
ARG WHO
ENV WHO=$WHO
COPY --from=other /other /other
COPY file /file
RUN echo $WHO > /who
FROM {BASE} AS unwanted
RUN exit 1
"""


@pytest.fixture
def orders() -> tuple[Order, Order]:
    """The same image under two names: for the engine, and for the line."""
    marker = DockerPlace("").marker
    common: dict[str, Any] = {
        "dockerfile": "build/Docker file",
        "labels": {"quote": 'it\'s "$HOME" `id`\nand $(id)', "test": marker},
        "arguments": {"WHO": f"me; {marker}"},
        "target": "wanted",
    }
    return Order(f"{REGISTRY}/{marker}:engine", **common), Order(f"{REGISTRY}/{marker}:line", **common)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "Docker file").write_text(SOURCE)
    (tmp_path / "file").write_text("content\n")
    for path in [tmp_path / "file", tmp_path / "build", tmp_path / "build" / "Docker file"]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return tmp_path


def run(line: str, folder: Path) -> None:
    """As a person pastes it."""
    subprocess.run(["bash", "-c", line], cwd=folder, check=True, capture_output=True, timeout=120)


def compare(by_engine: Order, by_line: Order) -> None:
    ours, theirs = image_configuration(by_engine.image), image_configuration(by_line.image)
    assert ours["config"]["Labels"] == theirs["config"]["Labels"]
    assert dict(by_engine.labels).items() <= ours["config"]["Labels"].items()
    assert ours["config"]["Env"] == theirs["config"]["Env"]
    assert ours["rootfs"]["diff_ids"] == theirs["rootfs"]["diff_ids"]


@pytest.mark.docker
@pytest.mark.registry
def test_docker(orders: tuple[Order, Order], checkout: Path) -> None:
    by_engine, by_line = orders
    engine = DockerEngine(Address("unix:///var/run/docker.sock"))
    archive = context(SOURCE, {"file": "content\n"}, by_engine.dockerfile)
    events = list(engine.build(by_engine, archive, [], never))
    assert events[-1].digest, events[-1].error
    try:
        run(DockerBuild(by_line).line(), checkout)
        run(DockerPush(by_line).line(), checkout)
    finally:
        subprocess.run(["docker", "rmi", by_line.image], check=False, capture_output=True)
    compare(by_engine, by_line)
    place: Place = DockerPlace("docker", by_line.labels["test"])
    assert place.remains(engine) == []


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with buildkitd(REGISTRY) as running:
        yield running


@pytest.mark.buildkit
@pytest.mark.registry
def test_buildctl(orders: tuple[Order, Order], checkout: Path, address: str) -> None:
    by_engine, by_line = orders
    archive = context(SOURCE, {"file": "content\n"}, by_engine.dockerfile)
    events = list(BuildKitEngine(Address(address)).build(by_engine, archive, [], never))
    assert events[-1].digest, events[-1].error
    run(BuildctlBuild(by_line, address).line(), checkout)
    compare(by_engine, by_line)
