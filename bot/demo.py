"""`tessera demo`: the sandbox cluster with a broken shop, the verdict about it, and a service to build."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bot import offers, storefront, wiring
from bot.cluster.adapter import KubernetesClusters
from bot.sandbox.registry.server import PushRegistry
from bot.sandbox.server import Sandbox
from bot.settings import Settings, load
from bot.source.process import Failed
from commands.base import dispatch
from commands.base.errors import Unavailable, UsageError
from commands.base.ports import Clusters
from commands.base.request import Actor, Identity, Request
from commands.diagnose import diagnose
from explainers.document import Document

NAMESPACE = "shop"
BROKEN = "checkout"
PROBE_IMAGE = "busybox:1.36"
SOCKET = "unix:///var/run/docker.sock"
DIAGNOSES = (
    f"/diagnose {BROKEN}",
    "/diagnose trainer -n pending-cpu",
    "/diagnose migrate -n failed-job",
    "/diagnose catalog -n selector-mismatch",
    "/network backend -n default-deny",
)
BUILDS = tuple(f"/build {storefront.NAME} {branch.name}" for branch in storefront.branches()[1:])
CATALOG = ("/catalog", "/request platform/cache", "/request platform/postgres", "/services --mine")
TO_TRY = (*DIAGNOSES, *BUILDS, *CATALOG)


@contextmanager
def sandbox_clusters(namespace: str, scenarios: Sequence[str] | None = None) -> Iterator[KubernetesClusters]:
    """A sandbox with these scenarios (all by default), as a cluster that is read like any other."""
    with Sandbox(scenarios) as sandbox, _connected(sandbox, namespace) as clusters:
        yield clusters


@contextmanager
def _connected(sandbox: Sandbox, namespace: str) -> Iterator[KubernetesClusters]:
    with TemporaryDirectory() as folder:
        path = sandbox.write_kubeconfig(Path(folder) / "kubeconfig", namespace)
        clusters = KubernetesClusters.connect(str(path))
        try:
            yield clusters
        finally:
            clusters.close()


def verdict() -> Document:
    """What `tessera diagnose` says about the broken service, on a sandbox that holds its scenario alone."""
    with sandbox_clusters(NAMESPACE, ["shop"]) as clusters:
        services = wiring.live_services(clusters, Identity(), PROBE_IMAGE)
        request = Request("diagnose", BROKEN, Actor("demo"), namespace=NAMESPACE)
        return dispatch.run(diagnose, request, services).document


@dataclass(frozen=True)
class Stage:
    """The demo's cluster, and the settings with which its bot builds. `why` says why it cannot build, if so."""

    clusters: Clusters
    settings: Settings
    why: str


@contextmanager
def stage() -> Iterator[Stage]:
    """All scenarios, and the storefront with its repository and a registry on loopback that takes its images."""
    settings, why = engine_of(load())
    with TemporaryDirectory(prefix="tessera-demo-") as folder, PushRegistry() as registry:
        try:
            storefront.make_repository(Path(folder))
        except Failed as error:
            settings, why = settings.model_copy(update={"docker_host": ""}), error.said.strip()
        more = [storefront.scenario(f"{registry.host}/{storefront.NAME}"), offers.scenario()]
        with Sandbox(more=more, pushed=registry.image) as sandbox, _connected(sandbox, NAMESPACE) as clusters:
            mine = {"git_root": Path(folder), "broker_namespace": offers.NAMESPACE}
            yield Stage(clusters, settings.model_copy(update=mine), why)


def engine_of(settings: Settings) -> tuple[Settings, str]:
    """The settings with the Docker Engine that they name, else this machine's, if it answers; and why there is none.

    BuildKit is left out: it would have to be told that the demo's registry speaks plain HTTP.
    """
    from bot.builds.address import Address
    from bot.builds.docker import DockerEngine

    settings = settings.model_copy(update={"docker_host": settings.docker_host or SOCKET, "buildkit_host": ""})
    try:
        DockerEngine(Address(settings.docker_host)).check()
    except UsageError:
        why = f"{settings.docker_host} is not on this machine, and the demo's images go nowhere else."
    except Unavailable as error:
        why = error.message
    else:
        return settings, ""
    return settings.model_copy(update={"docker_host": ""}), why
