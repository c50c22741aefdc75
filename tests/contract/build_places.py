"""The engines that the contract is tested on, and how to see what each has made and left."""

import io
import json
import secrets
import tarfile
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker
import httpx

from bot.builds.address import Address
from bot.builds.buildkit import BuildKitEngine
from bot.builds.docker import DockerEngine
from bot.builds.watch import Patience
from commands.base.ports import BuildEngine
from explainers.builds.model import BuildEvent, Credentials, Order
from tests.contract.fakes.engine import FakeEngine

REGISTRY = "localhost:5000"
PRIVATE = "localhost:5001"
LOGIN = (PRIVATE, Credentials("tessera", "tessera"))
BASE = "busybox:1.36"
QUICK = Patience(poll=0.05, silence=0.5, answer=3.0, tries=2)
_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json"


def context(dockerfile: str, files: Mapping[str, str] | None = None, path: str = "Dockerfile") -> io.BytesIO:
    """A build context: a plain tar archive."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, text in {path: dockerfile, **(files or {})}.items():
            data = text.encode()
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o644
            archive.addfile(entry, io.BytesIO(data))
    packed.seek(0)
    return packed


def never() -> bool:
    return False


@dataclass
class Place(ABC):
    """One kind of engine. `marker` is a word that nobody else's work has."""

    name: str
    marker: str = field(default_factory=lambda: f"test-{secrets.token_hex(5)}")

    @abstractmethod
    def engine(self, url: str = "") -> BuildEngine:
        """The engine; at another address than its own, if given."""

    @property
    @abstractmethod
    def socket(self) -> str:
        """The path of the engine's socket; empty where it has none."""

    def order(self, registry: str = REGISTRY, **more: Any) -> Order:
        return Order(f"{registry}/{self.marker}:v1", **more)

    def build(self, engine: BuildEngine, dockerfile: str, order: Order | None = None) -> list[BuildEvent]:
        """All events of a build that nobody stops."""
        return list(engine.build(order or self.order(), context(dockerfile), [LOGIN], never))

    def digest(self, engine: BuildEngine, order: Order) -> str:
        """What the registry says it stored; empty for nothing."""
        return _manifest(order.image)[0]

    def configuration(self, engine: BuildEngine, order: Order) -> dict[str, Any]:
        """Labels, and the variables of the environment, of what the registry stored."""
        configuration: dict[str, Any] = image_configuration(order.image)["config"]
        return configuration

    def remains(self, engine: BuildEngine) -> list[str]:
        """What this test's builds have left running or named."""
        return processes(self.marker)


@dataclass
class DockerPlace(Place):
    """A Docker Engine."""

    @property
    def socket(self) -> str:
        return "/var/run/docker.sock"

    def engine(self, url: str = "") -> BuildEngine:
        return DockerEngine(Address(url or f"unix://{self.socket}"), QUICK)

    def remains(self, engine: BuildEngine) -> list[str]:
        with docker.APIClient(f"unix://{self.socket}", version="1.41") as client:
            left = [one["Id"] for one in client.containers(all=True) if self.marker in one["Command"]]
            left += [tag for one in client.images() for tag in one["RepoTags"] or [] if self.marker in tag]
            left += [tag for one in client.images() for tag in one["RepoDigests"] or [] if self.marker in tag]
        return left + super().remains(engine)

    def images(self) -> list[str]:
        """Ids of the engine's images that instructions with the marker made."""
        with docker.APIClient(f"unix://{self.socket}", version="1.41") as client:
            made = []
            for one in client.images(all=True, quiet=True):
                try:
                    detail = client.inspect_image(one)
                except docker.errors.NotFound:  # somebody else's, gone meanwhile
                    continue
                if self.marker in json.dumps(detail.get("ContainerConfig")):
                    made.append(one)
        return made


@dataclass
class BuildKitPlace(Place):
    """A buildkitd of our own."""

    address: str = ""

    @property
    def socket(self) -> str:
        return self.address.removeprefix("unix://")

    def engine(self, url: str = "") -> BuildEngine:
        return BuildKitEngine(Address(url or self.address), QUICK)


@dataclass
class FakePlace(Place):
    """The engine in memory."""

    @property
    def socket(self) -> str:
        return ""

    def engine(self, url: str = "") -> BuildEngine:
        return FakeEngine(away="no such file" if url else "")

    def digest(self, engine: BuildEngine, order: Order) -> str:
        assert isinstance(engine, FakeEngine)
        return engine.images[order.image].digest if order.image in engine.images else ""

    def configuration(self, engine: BuildEngine, order: Order) -> dict[str, Any]:
        assert isinstance(engine, FakeEngine)
        image = engine.images[order.image]
        return {"Labels": image.labels, "Env": [f"{name}={value}" for name, value in image.arguments.items()]}

    def remains(self, engine: BuildEngine) -> list[str]:
        assert isinstance(engine, FakeEngine)
        return ["a build under way"] * engine.working


def processes(marker: str) -> list[str]:
    """The command lines on this machine that have the marker."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # ended meanwhile
            continue
        if marker in words:
            found.append(words)
    return found


def _url(image: str) -> tuple[str, str, str]:
    host, _, rest = image.partition("/")
    name, _, tag = rest.rpartition(":")
    return f"http://{host}/v2/{name}", tag, host


def _get(url: str, host: str, accept: str) -> httpx.Response:
    login = (LOGIN[1].username, LOGIN[1].password) if host == PRIVATE else None
    return httpx.get(url, headers={"Accept": accept}, auth=login, follow_redirects=True)


def _manifest(image: str) -> tuple[str, dict[str, Any]]:
    base, tag, host = _url(image)
    answer = _get(f"{base}/manifests/{tag}", host, _MANIFEST)
    return (answer.headers["Docker-Content-Digest"], answer.json()) if answer.is_success else ("", {})


def image_configuration(image: str) -> dict[str, Any]:
    """The image's configuration as its registry has it: `config`, `rootfs`, `history`."""
    base, _, host = _url(image)
    blob = _manifest(image)[1]["config"]["digest"]
    configuration: dict[str, Any] = _get(f"{base}/blobs/{blob}", host, "*/*").raise_for_status().json()
    return configuration
