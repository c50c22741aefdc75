"""When a roll-out counts as through: `kubectl rollout status` beside our own verdict, about the same roll-out."""

import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from statistics import median

from bot.cluster.adapter import KubernetesClusters
from bot.wiring import live_services
from commands.base.request import Identity
from commands.base.rollout import follow
from explainers.kinds import Ref
from tests.bench.figures import Figure
from tests.cluster.install import kubectl
from tests.cluster.workloads import web


@contextmanager
def deployed() -> Iterator[str]:
    namespace = f"bench-{secrets.token_hex(3)}"
    kubectl("create", "namespace", namespace)
    try:
        text = web("web", replicas=3, image="nginx:1.27", command=(), port=80)
        kubectl("-n", namespace, "apply", "-f", "-", text=text)
        kubectl("-n", namespace, "rollout", "status", "deployment/web")
        yield namespace
    finally:
        kubectl("delete", "namespace", namespace, "--wait=false")


def figures(runs: int) -> Iterator[Figure]:
    with deployed() as namespace, ThreadPoolExecutor(2) as both:
        services = live_services(KubernetesClusters.connect(), Identity(), "busybox:1.36")

        def theirs() -> float:
            kubectl("-n", namespace, "rollout", "status", "deployment/web")
            return time.monotonic()

        def ours() -> float:
            assert follow(services, Ref("Deployment", namespace, "web")).good
            return time.monotonic()

        gaps = []
        for number in range(min(runs, 5)):
            kubectl("-n", namespace, "set", "env", "deployment/web", f"RUN={number}")
            ends = [both.submit(watch) for watch in (theirs, ours)]
            gaps.append(ends[1].result() - ends[0].result())
    told = ", ".join(f"{gap:+.2f}" for gap in gaps)
    yield Figure("our verdict after kubectl rollout status", abs(median(gaps)), 1, "s", told)
