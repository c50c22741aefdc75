"""The broker of one team, put together from the settings: its catalog, ledger, provisioners and queue."""

import os
import shutil
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from redis import Redis

from bot import wiring
from bot.broker.audit import RedisAudit
from bot.broker.ledger import RedisLedger
from bot.broker.limited import LimitedCluster
from bot.broker.retired import close, forget, literal
from bot.broker.standing import Standings
from bot.broker.stored import Keys as Sealing
from bot.broker.watching import WatchedCatalog
from bot.jobs.lease import leased
from bot.jobs.queue import NAMESPACE, STANDARD, Limits, lane
from bot.observe.logs import logger
from bot.secrets.keys import Keys, OwnKeys
from bot.settings import Settings, wrong_setting
from bot.state.store import PREFIX as STATE
from bot.state.store import RedisState
from commands.base import dispatch
from commands.base.errors import TesseraError, Unavailable
from commands.base.ports import Clock, Cluster, Clusters
from commands.base.request import Actor, Identity, Request
from commands.broker.broker import Broker
from commands.broker.housekeeping import Ask, Warn, nobody, tend
from commands.broker.parts import Parts
from commands.broker.ports import CredentialSource, Delivery, Provisioner

if TYPE_CHECKING:
    from bot.broker.provisioning import Charts

TEND_SECONDS = 30.0
ALIVE_SECONDS = 75
"""How long a worker is known to live after it was last heard of: two of its rounds, and some more."""
HELM = "helm"
THREADS = 8

_log = logger(__name__)


@dataclass(frozen=True)
class Adapters:
    """What makes, knows and delivers, for one cluster."""

    provisioner: Provisioner
    credentials: CredentialSource
    delivery: Delivery


Adapt = Callable[[Cluster], Adapters]


class Brokering:
    """A broker with its queue. `broker` may be used at once; `start` works on what it is asked for."""

    def __init__(
        self,
        name: str,
        cluster: Cluster,
        namespace: str,
        redis: "Redis",
        keys: Sealing,
        clock: Clock,
        adapt: Adapt,
        limits: Limits = STANDARD,
        kinds: Sequence[str] = (),
    ) -> None:
        self._state = RedisState(redis)
        few = LimitedCluster(cluster)
        adapters = adapt(few)
        self.name, self._redis, self._queue = name, redis, f"tessera-broker-{name}"
        self._audit = RedisAudit(redis, name)
        self.catalog = WatchedCatalog(few, namespace, kinds)
        self._lane = lane(redis, self._queue, self._work, self._failed, _transient, limits)
        self.broker = Broker(
            Parts(
                name,
                self.catalog,
                RedisLedger(redis, name, keys),
                adapters.provisioner,
                adapters.credentials,
                adapters.delivery,
                clock,
                self._lane.enqueue,
                self._audit,
                self._worked,
                self._closed,
                Standings(few),
            )
        )
        self._alive, self._works = f"broker-alive:{name}", False
        self._stopped = threading.Event()
        self._alone = partial(leased, self._state, seconds=limits.lost_after)

    def watch(self) -> None:
        """Follow the catalog."""
        self.catalog.start()

    def work(self, warn: Warn, ask: Ask = nobody) -> None:
        """Do what is on the queue, what a crash left, and what comes due."""
        self._works = True
        with suppress(Unavailable):  # then it is said with the first round
            self._say_alive()
        self._lane.start(THREADS)
        threading.Thread(target=self._tending, args=(warn, ask), name="broker-tending", daemon=True).start()

    def stop(self, works: bool) -> None:
        self._stopped.set()
        self.catalog.stop()
        if works:
            self._lane.stop(25)

    def close(self) -> None:
        """Take nothing new any more."""
        close(self._redis, self.name)

    def forget(self) -> list[dict[str, str]]:
        """Remove all of the broker from Redis; its audit as it was, oldest first."""
        lines = self._audit.lines()
        name, jobs = literal(self.name), f"{literal(NAMESPACE)}:"
        queues = [f"{literal(self._queue)}{kind}" for kind in ("", ".DQ", ".XQ")]
        kept = [
            f"{jobs}{before}{queue}{of}" for queue in queues for before in ("", "__acks__.*.") for of in ("", ".msgs")
        ]
        forget(self._redis, self.name, [*kept, *(f"{STATE}broker-{what}:{name}" for what in ("tending", "alive"))])
        return lines

    def _closed(self) -> bool:
        return self._state.get(f"broker:{self.name}:closed") is not None

    def _worked(self) -> bool:
        """Whether a process works on the queue: this one, or another that was heard of. Raises Unavailable."""
        return self._works or self._state.get(self._alive) is not None

    def _work(self, job: str) -> None:
        with self._alone(_lease(job)):
            self.broker.work(job)

    def _failed(self, job: str, error: BaseException, final: bool) -> None:
        _log.error("broker job failed", final=final, error=repr(error))
        self.broker.failed(job, error, final)

    def _tending(self, warn: Warn, ask: Ask) -> None:
        """Every half minute, in one of the processes."""
        pause, resumed = 0.0, False
        while not self._stopped.wait(pause):
            pause = TEND_SECONDS
            try:
                self._say_alive()
                if not resumed:
                    self.broker.resume(self._busy)
                    resumed = True
                mine = f"broker-tending:{self.broker.parts.name}"
                if self._state.put_new(mine, "one of the workers", int(TEND_SECONDS) - 1):
                    for said in tend(self.broker, warn, ask):
                        _log.info("broker tended", said=said)
            except TesseraError as error:
                _log.warning("broker not tended", error=error.message)

    def _say_alive(self) -> None:
        self._state.put(self._alive, "yes", ALIVE_SECONDS)

    def _busy(self, job: str) -> bool:
        return self._state.get(_lease(job)) is not None


def brokering(settings: Settings, clusters: Clusters, redis: "Redis", clock: Clock) -> Brokering | None:
    """The broker that the settings name, or None. Raises UsageError for settings that cannot be used."""
    if not settings.broker_namespace:
        return None
    if settings.redis_url and settings.secret_keys_file is None:
        raise wrong_setting("secret_keys_file", "a broker keeps credentials, so it needs keys to encrypt them with")
    keys: Sealing = Keys(settings.secret_keys_file) if settings.secret_keys_file else OwnKeys()
    name = settings.broker_name or settings.broker_namespace
    cluster = clusters.as_identity(Identity())
    home, adapt = settings.broker_namespace, adapters(settings, clusters, clock)
    return Brokering(name, cluster, home, redis, keys, clock, adapt, kinds=kinds_of(settings))


def kinds_of(settings: Settings) -> tuple[str, ...]:
    """What may be made besides the usual kinds."""
    return _words(settings.broker_kinds)


def _words(listed: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in listed.split(",") if word.strip())


def adapters(settings: Settings, clusters: Clusters, clock: Clock) -> Adapt:
    """The adapters on a cluster; imported here only, since most processes have no broker."""

    def adapt(cluster: Cluster) -> Adapters:
        from bot.broker.credentials import Credentials
        from bot.broker.delivery import Secrets
        from bot.broker.provisioning import in_cluster
        from bot.broker.vault import VaultAccess

        home = settings.broker_namespace
        makes = in_cluster(
            cluster, clock, home, _explain(settings, clusters), kinds_of(settings), charts=_charts(settings)
        )
        hosts, authorities = _words(settings.vault_hosts.lower()), settings.vault_authorities
        vault = VaultAccess(settings.vault_token_file, str(authorities or ""), hosts)
        credentials = Credentials(cluster, home, vault)
        return Adapters(makes, credentials, Secrets(cluster, clock))

    return adapt


def _charts(settings: Settings) -> "Charts | None":
    """What Helm charts need; None where there is no helm."""
    if not shutil.which(HELM):
        return None
    from bot.broker.helm_program import Helm
    from bot.broker.provisioning import Charts

    usual = Path.home() / ".kube" / "config"
    kubeconfig = os.environ.get("KUBECONFIG") or (str(usual) if usual.is_file() else "")
    logins = str(settings.registry_logins) if settings.registry_logins else ""
    return Charts(Helm(HELM, kubeconfig, settings.context, logins), settings.broker_charts)


def _explain(settings: Settings, clusters: Clusters) -> Callable[[str, str, str], str]:
    """Why an object is not ready: the first sentence of a diagnosis, without probes; empty where it finds none."""

    def explain(kind: str, namespace: str, name: str) -> str:
        from commands.diagnose import diagnose

        services = wiring.live_services(clusters, Identity(), settings.probe_image)
        try:
            reply = dispatch.run(
                diagnose, Request("diagnose", f"{kind}/{name} -n {namespace}", Actor("broker")), services
            )
        except TesseraError:
            return ""
        return reply.document.headline if reply.outcome == "fault" else ""

    return explain


def _lease(job: str) -> str:
    return f"broker-work:{job}"


def _transient(error: BaseException) -> bool:
    return isinstance(error, Unavailable)
