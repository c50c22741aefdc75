"""A Delivery of plain data: Secrets by namespace and name."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from commands.base.errors import Denied, NotFound
from commands.broker.errors import Clash
from commands.broker.owners import belongs, label_value


@dataclass
class Kept:
    """A Secret as it is kept."""

    uid: str
    data: dict[str, str] = field(repr=False)
    type: str
    labels: dict[str, str]


@dataclass
class FakeDelivery:
    """Implements Delivery. `closed` are namespaces that have not let the broker in, `absent` those not there."""

    secrets: dict[tuple[str, str], Kept] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    absent: set[str] = field(default_factory=set)
    reach: Callable[[Callable[[], Any]], Any] = lambda what: what()
    _uids: "itertools.count[int]" = field(default_factory=itertools.count)

    def put(self, namespace: str, name: str, data: Mapping[str, str], type: str, owner: Mapping[str, str]) -> str:
        self._open(namespace)
        if namespace in self.absent:
            raise NotFound(f"The namespace {namespace} does not exist.")
        found = self.secrets.get((namespace, name))
        if found and not belongs(found.labels, _labels(owner)):
            raise Clash(f"The Secret {name} in {namespace} is not of this instance; it stays as it is.")
        uid = found.uid if found else f"uid-{next(self._uids)}"
        kept = Kept(uid, dict(data), f"servicebinding.io/{type}", _labels(owner))
        self.reach(lambda: self.secrets.update({(namespace, name): kept}))
        return uid

    def take_back(self, namespace: str, name: str, uid: str, owner: Mapping[str, str]) -> None:
        self._open(namespace)
        found = self.secrets.get((namespace, name))
        if found and (found.uid == uid or belongs(found.labels, _labels(owner))):
            self.reach(lambda: self.secrets.pop((namespace, name)))

    def differs(self, namespace: str, name: str, uid: str, data: Mapping[str, str]) -> str:
        self._open(namespace)
        found = self.secrets.get((namespace, name))
        if not found or (uid and found.uid != uid):
            return "missing"
        return "" if found.data == dict(data) else "changed"

    def _open(self, namespace: str) -> None:
        if namespace in self.closed:
            raise Denied(
                f"The namespace {namespace} has not let the broker in.",
                "bind the ClusterRole tessera-broker-consumer there",
            )


def _labels(owner: Mapping[str, str]) -> dict[str, str]:
    return {key: label_value(value) for key, value in owner.items()}
