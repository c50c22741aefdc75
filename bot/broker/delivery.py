"""Secrets in the namespaces of consumers: whose they are is written on them, and nobody else's is touched.

The form is that of https://servicebinding.io/spec/core/1.1.0/#secret-data; the broker may write only where the people
of a namespace have let it in, by one RoleBinding.
"""

import base64
from collections.abc import Mapping

from bot.broker.removing import PAUSE
from bot.broker.steps import AGAIN, Steps
from commands.base.errors import Denied, Unavailable
from commands.base.ports import Clock, Cluster
from commands.broker.errors import Clash
from commands.broker.owners import MANAGED_BY, TESSERA, belongs, label_value
from explainers.kinds import SECRET
from explainers.operations.access import CreateRoleBinding, WhoAmI, username
from explainers.operations.base import Answer, Json, Operation
from explainers.operations.objects import mapping
from explainers.operations.owned import DeleteExactly, ReplaceSecret, SecretFromFile
from explainers.operations.reads import Get, GetMetadata

CONSUMER_ROLE = "tessera-broker-consumer"
"""The ClusterRole that consumers bind to let the broker write Secrets in their namespace."""
TYPE = "servicebinding.io/"
TRIES = 5


class Secrets:
    """The port `Delivery` on a cluster."""

    def __init__(self, cluster: Cluster, clock: Clock, gone: float = 30) -> None:
        self._cluster = cluster
        self._clock = clock
        self._gone = gone

    def put(self, namespace: str, name: str, data: Mapping[str, str], type: str, owner: Mapping[str, str]) -> str:
        """Raises Denied with the RoleBinding that is missing, Clash, NotFound (no such namespace), Unavailable."""
        steps = Steps(self._cluster).hiding(data.values())
        wanted = _manifest(namespace, name, data, type, _labels(owner))
        for _ in range(TRIES):
            answer = self._send(steps, SecretFromFile(namespace, wanted))
            if answer.ok:
                return _uid(answer.object)
            live = self._send(steps, Get(SECRET, namespace, name)).object
            metadata = mapping(live, "metadata")
            if live and not belongs(metadata.get("labels"), _labels(owner)):
                raise Clash(
                    f"The Secret {name} in {namespace} is not of this instance; it stays as it is.",
                    "choose another name, or remove that Secret if nobody needs it",
                )
            if live and not metadata.get("deletionTimestamp") and self._renewed(steps, wanted, live):
                return _uid(live)
            self._clock.wait(PAUSE)
        raise Unavailable(f"The Secret {name} in {namespace} changes while it is written.", AGAIN)

    def _renewed(self, steps: Steps, wanted: Json, live: Json) -> bool:
        """Whether the Secret is as it should be now. One of another type has to be made anew."""
        metadata = mapping(live, "metadata")
        namespace, name = str(metadata["namespace"]), str(metadata["name"])
        if live.get("type") != wanted["type"] or live.get("immutable"):
            self._send(steps, DeleteExactly(SECRET, namespace, name, _uid(live)))
            return False
        if live.get("data") == wanted["data"] and wanted["metadata"]["labels"].items() <= metadata["labels"].items():
            return True
        guard = {key: metadata[key] for key in ("uid", "resourceVersion")}
        kept = {"labels": {**mapping(metadata, "labels"), **wanted["metadata"]["labels"]}}
        if annotations := mapping(metadata, "annotations"):
            kept["annotations"] = annotations
        manifest = {**wanted, "metadata": {**wanted["metadata"], **kept, **guard}}
        return self._send(steps, ReplaceSecret(namespace, manifest)).ok

    def take_back(self, namespace: str, name: str, uid: str, owner: Mapping[str, str]) -> None:
        """Raises Denied, Unavailable when something holds it."""
        steps = Steps(self._cluster)
        metadata = self._metadata(steps, namespace, name)
        if not metadata or not (metadata["uid"] == uid or belongs(metadata.get("labels"), _labels(owner))):
            return
        uid = str(metadata["uid"])  # another one with our labels was written anew just before the work broke off
        if not self._send(steps, DeleteExactly(SECRET, namespace, name, uid)).ok:
            return
        waited = 0.0
        while (metadata := self._metadata(steps, namespace, name)).get("uid") == uid:
            if waited >= self._gone:
                held = ", ".join(map(str, metadata.get("finalizers") or [])) or "nothing that it names"
                raise Unavailable(f"The Secret {name} in {namespace} is not gone: it is held by {held}.", AGAIN)
            self._clock.wait(PAUSE)
            waited += PAUSE

    def differs(self, namespace: str, name: str, uid: str, data: Mapping[str, str]) -> str:
        live = self._send(Steps(self._cluster), Get(SECRET, namespace, name)).object
        if not live or (uid and _uid(live) != uid):
            return "missing"
        return "" if (live.get("data") or {}) == _encoded(data) else "changed"

    def _metadata(self, steps: Steps, namespace: str, name: str) -> Json:
        return mapping(self._send(steps, GetMetadata(SECRET, namespace, name)).object, "metadata")

    def _send(self, steps: Steps, operation: Operation) -> Answer:
        try:
            return steps.send(operation)
        except Denied as refused:
            namespace = operation.permission().namespace
            raise Denied(
                f"The namespace {namespace} has not let the broker in: {refused.message}", self._invitation(namespace)
            ) from None

    def _invitation(self, namespace: str) -> str:
        """The line with which the people of a namespace let this broker write its Secrets there."""
        user = username(self._cluster.run(WhoAmI()).object)
        account = user.removeprefix("system:serviceaccount:")
        users, accounts = ((), (account,)) if account != user else ((user or "USER",), ())
        name = label_value(account.replace(":", "-").lower()) if account != user else "tessera-broker"
        bind = CreateRoleBinding(namespace, name, cluster_role=CONSUMER_ROLE, users=users, accounts=accounts)
        return f"somebody who may do so runs: {bind.line()}"


def _labels(owner: Mapping[str, str]) -> dict[str, str]:
    return {MANAGED_BY: TESSERA, **{key: label_value(value) for key, value in owner.items()}}


def _encoded(data: Mapping[str, str]) -> dict[str, str]:
    return {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}


def _manifest(namespace: str, name: str, data: Mapping[str, str], type: str, labels: Mapping[str, str]) -> Json:
    metadata = {"name": name, "namespace": namespace, "labels": dict(labels)}
    return {"apiVersion": "v1", "kind": "Secret", "type": TYPE + type, "metadata": metadata, "data": _encoded(data)}


def _uid(thing: Json) -> str:
    return str(mapping(thing, "metadata").get("uid") or "")
