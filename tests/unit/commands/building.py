"""A sandbox cluster on which `/build` is tried, with code host, engine and registry of plain data."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from bot.sandbox.builder import build_cluster
from bot.sandbox.node.images import Exit, Image
from bot.sandbox.scenarios import parse
from bot.source.context import build_context
from bot.state.memory import MemoryState
from commands.base.ports import Audience, Builds, Services
from commands.base.request import Reply
from explainers.builds.model import Credentials, Order
from explainers.document import Document
from tests.contract.fakes.engine import Beat, FakeEngine
from tests.fakes.code_host import FakeCodeHost, FakeRepository
from tests.unit.bot.sandbox.clusters import DEPLOYMENTS, NOW, Bench, deployment
from tests.unit.sandboxed import Desk

IMAGE = "localhost:5000/shop"
NOTES = {"tessera.dev/repository": "team/shop", "tessera.dev/image": IMAGE}
DOCKERFILE = "FROM busybox\nRUN echo hello\n"
EMPTY = """
namespace: shop
images: {"acme/shop:*": {listens: [80]}}
timeline:
  - ago: 1d
    apply: [{apiVersion: v1, kind: Namespace, metadata: {name: shop}}]
"""


class Killed(BaseException):
    """The process ended here: nothing in it may catch this."""


class Mortal(MemoryState):
    """State that a killed process writes no more: what its `finally` would do does not happen."""

    dead = False

    def put(self, key: str, value: str, seconds: int | None) -> None:
        if not self.dead:
            super().put(key, value, seconds)

    def delete(self, key: str) -> None:
        if not self.dead:
            super().delete(key)

    @property
    def keys(self) -> list[str]:
        return list(self._values)


@dataclass
class World:
    """The parts of building, the desk, and what was shown meanwhile. `crashes` are digests whose program ends."""

    repository: FakeRepository
    engine: FakeEngine
    crashes: set[str] = field(default_factory=set)
    lies: str | None = ""
    logins: dict[str, Credentials] = field(default_factory=dict)
    shown: list[Document] = field(default_factory=list)
    on_show: Callable[[Document], None] | None = None

    def __post_init__(self) -> None:
        bench = Bench(build_cluster([parse("test", EMPTY)], "secret", NOW, pushed=self.pulled))
        probe = {"tcpSocket": {"port": 80}, "periodSeconds": 1}
        made = deployment("shop", "acme/shop:1", 2, readinessProbe=probe)
        made["metadata"]["annotations"] = dict(NOTES)
        bench.post(DEPLOYMENTS, made)
        bench.pass_time(60)
        code = FakeCodeHost({"team/shop": self.repository})
        self.desk = Watched(bench, builds=Builds(code, build_context, self.engine, self, self))
        self.desk.watcher = self.watch
        self.desk.state = self.state = Mortal()

    def pulled(self, reference: str) -> Image | None:
        digest = reference.partition("@")[2]
        if digest in self.crashes:
            return Image(reference, exit=Exit(0.5, 1, ("fatal: no config",)))
        return Image(reference, listens=(80,)) if reference.startswith(f"{IMAGE}@") else None

    def watch(self, document: Document) -> None:
        self.shown.append(document)
        if self.on_show:
            self.on_show(document)

    def digest(self, reference: str) -> str | None:
        """The registry: what the engine has pushed, or a lie."""
        if self.lies != "":
            return self.lies
        named = {**self.engine.images, **{f"{IMAGE}@{one.digest}": one for one in self.engine.images.values()}}
        return named[reference].digest if reference in named else None

    def labels(self, reference: str) -> Mapping[str, str] | None:
        return None

    def tags(self, repository: str) -> list[str]:
        return []

    def may_push(self, repository: str) -> None:
        return None

    def registry(self, host: str) -> Credentials | None:
        """The logins, by host."""
        return self.logins.get(host)

    def image(self) -> str:
        found = self.desk.bench.get(f"{DEPLOYMENTS}/shop")
        return str(found["spec"]["template"]["spec"]["containers"][0]["image"])

    def notes(self) -> dict[str, str]:
        found: dict[str, str] = self.desk.bench.get(f"{DEPLOYMENTS}/shop")["metadata"]["annotations"]
        return found

    def annotate(self, **labels: str) -> None:
        body = {"metadata": {"labels": {key.replace("_", "/"): value for key, value in labels.items()}}}
        self.desk.bench.patch(f"{DEPLOYMENTS}/shop", "merge-patch", body)

    def push(self, branch: str, dockerfile: str = DOCKERFILE) -> str:
        return self.repository.push(branch, {"Dockerfile": dockerfile}, f"Change {branch}")


class Watched(Desk):
    """A desk whose interim documents are looked at."""

    watcher: Callable[[Document], None]

    @property
    def services(self) -> Services:
        return replace(super().services, audience=Audience(self.said.append, self.watcher))


def shop_world() -> World:
    """Two branches: `main`, and `feature/login`."""
    made = World(FakeRepository(), FakeEngine())
    made.push("main")
    made.push("feature/login", DOCKERFILE.replace("hello", "login"))
    return made


def states(reply: Reply) -> dict[str, str]:
    return {stage.name: stage.state.value for stage in reply.document.stages}


def scripted(*beats: Beat) -> Callable[[Order, str], Iterable[Beat]]:
    return lambda _order, _dockerfile: beats


def with_image(image: str) -> dict[str, object]:
    """A patch that sets it."""
    return {"spec": {"template": {"spec": {"containers": [{"name": "shop", "image": image}]}}}}
