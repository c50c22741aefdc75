"""The composition root: the one place where adapters meet the commands."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bot.probing import Prober
from bot.state.memory import MemoryState
from commands.base.dispatch import dispatch
from commands.base.errors import UsageError
from commands.base.policy import Policy
from commands.base.ports import NOBODY, Audience, Builds, Clusters, Services, StateStore
from commands.base.request import Identity, Reply, Request

Answer = Callable[[Request, Audience], Reply]


class SystemClock:
    """The time of this machine, in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)


def live_clusters(context: str = "") -> Clusters:
    """The cluster of the kubeconfig (or the pod's own ServiceAccount). Raises Unavailable without either."""
    from bot.cluster.adapter import KubernetesClusters

    return KubernetesClusters.connect(context=context)


def live_services(
    clusters: Clusters,
    identity: Identity,
    probe_image: str,
    audience: Audience = NOBODY,
    state: StateStore | None = None,
    builds: Builds | None = None,
    broker: object | None = None,
) -> Services:
    """The ports of one request on a live cluster, as `identity`; without `state`, what is noted ends with it."""
    cluster = clusters.as_identity(identity)
    prober = Prober(cluster, probe_image)
    kept, lasting = state or MemoryState(), state is not None
    return Services(
        cluster, SystemClock(), prober.ask, kept, audience, prober.close, probe_image, builds, lasting, broker
    )


def answerer(
    clusters: Clusters,
    policy: Policy,
    probe_image: str,
    own: bool = False,
    state: StateStore | None = None,
    builds: Builds | None = None,
    broker: object | None = None,
) -> Answer:
    """What answers a chat's requests: policy first, then the command, as the identity that the person is mapped to.

    `own` uses the connection's own identity instead: the console on a laptop has no right to impersonate.
    """
    kept = state or MemoryState()
    home = clusters.as_identity(Identity()).default_namespace

    def answer(request: Request, audience: Audience) -> Reply:
        def connect(identity: Identity) -> Services:
            who = Identity() if own else identity
            return live_services(clusters, who, probe_image, audience, kept, builds, broker)

        return dispatch(request, policy, connect, home)

    return answer


def offline_services(capture: Path, audience: Audience = NOBODY, namespace: str = "") -> Services:
    """The ports over a capture file: its objects, its logs, its time; nothing can be probed.

    Raises UsageError when it is no capture, or one without the `namespace` that is asked about.
    """
    from bot.cluster.snapshot import SnapshotCluster

    snapshot = SnapshotCluster.load(capture)
    if namespace and not snapshot.holds(namespace):
        raise UsageError(
            f"`{namespace}` is not in this capture: it is one of `{snapshot.default_namespace}`.",
            f"leave `-n` out, or capture that one: `tessera capture -n {namespace} > {namespace}.json`",
        )
    return Services(snapshot, snapshot.clock, snapshot.ask, MemoryState(), audience)
