"""Looks at a namespace of the real cluster that are cheap to repeat: a kubectl process costs a tenth of a second."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from bot import wiring
from commands.base.ports import Cluster
from commands.base.request import Identity
from explainers.kinds import EVENT, POD, kind_named
from explainers.operations.reads import Get, List, Logs
from tests.faults.kubectl import Kubectl


@cache
def _cluster() -> Cluster:
    """The cluster that KUBECONFIG names, one connection pool a process."""
    return wiring.live_clusters().as_identity(Identity())


@dataclass(frozen=True, slots=True)
class Sight:
    """What there is in one namespace; nothing where the API does not answer."""

    namespace: str

    def pods(self, selector: str) -> list[dict[str, Any]]:
        return _cluster().run(List(POD, self.namespace, labels=selector)).items

    def events(self, reason: str) -> list[dict[str, Any]]:
        return _cluster().run(List(EVENT, self.namespace, fields=f"reason={reason}")).items

    def object(self, word: str) -> dict[str, Any] | None:
        """`kind/name`, in any words of kubectl; None where it does not exist."""
        kind, (_, _, name) = kind_named(word.partition("/")[0]), word.partition("/")
        if kind is None:
            found: dict[str, Any] | None = Kubectl(self.namespace).json("get", word)
            return found
        return _cluster().run(Get(kind, self.namespace if kind.namespaced else "", name)).object or None

    def log(self, pod: str, containers: list[str]) -> str:
        """What all of them have printed since they last started."""
        return "\n".join(_cluster().run(Logs(self.namespace, pod, name)).text for name in containers)
