"""The Kubernetes adapter behind the ports `Clusters` and `Cluster`."""

import re
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from bot.cluster.connection import Connection
from bot.cluster.kubeconfig import connect
from bot.cluster.transport import Limits, Transport
from commands.base.errors import Denied
from commands.base.request import Identity
from explainers.operations.base import Answer, Operation, Request

# What the API accepts as one segment of a path (apimachinery, IsValidPathSegmentName) and Kubernetes uses in names.
_PATH = re.compile(r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._:@-]+)+")
_NEVER = frozenset({"system:masters"})


class KubernetesClusters:
    """One cluster, seen by whoever asks. The connections are shared; identities travel with each request.

    `requests` and `bytes_received` (decoded body bytes) count everything sent since the start.
    """

    def __init__(self, connection: Connection, limits: Limits | None = None) -> None:
        """Raises Unavailable when the connection's certificates cannot be read. Sends nothing."""
        self._transport = Transport(connection, limits or Limits())
        self._lock = threading.Lock()
        self._threads: ThreadPoolExecutor | None = None

    @classmethod
    def connect(cls, kubeconfig: str = "", context: str = "", limits: Limits | None = None) -> "KubernetesClusters":
        """The cluster that kubectl would talk to here. Raises Unavailable when none is configured."""
        return cls(connect(kubeconfig, context), limits)

    @property
    def connection(self) -> Connection:
        return self._transport.connection

    @property
    def requests(self) -> int:
        return self._transport.requests

    @property
    def bytes_received(self) -> int:
        return self._transport.bytes_received

    def as_identity(self, identity: Identity) -> "KubernetesCluster":
        """The cluster as this identity sees it. Raises Denied for identities that are never impersonated."""
        return KubernetesCluster(self, self._transport, impersonation(identity))

    def threads(self) -> ThreadPoolExecutor:
        """The threads that overlapping reads share; started with the first of them."""
        with self._lock:
            if self._threads is None:
                self._threads = ThreadPoolExecutor(self._transport.limits.parallel, thread_name_prefix="cluster-read")
            return self._threads

    def close(self) -> None:
        self._transport.close()
        with self._lock:
            if self._threads is not None:
                self._threads.shutdown(wait=False, cancel_futures=True)
                self._threads = None


def impersonation(identity: Identity) -> dict[str, list[str]]:
    """The headers that make the API answer as this identity; none for the connection's own.

    Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
    """
    if not identity.user and not identity.groups:
        return {}
    if not identity.user:
        raise Denied("Groups are mapped without a user; a Kubernetes identity needs a user name.")
    if forbidden := _NEVER.intersection(identity.groups):
        raise Denied(f"The group {', '.join(forbidden)} is never impersonated: it is above every rule.")
    for word in (identity.user, *identity.groups):
        if not word.isascii() or not word.isprintable():
            raise Denied(f"{word!r} is not a user or group name that can be impersonated.")
    return {"Impersonate-User": [identity.user], "Impersonate-Group": list(identity.groups)}


class KubernetesCluster:
    """The port `Cluster` for one identity."""

    def __init__(self, owner: KubernetesClusters, transport: Transport, identity: dict[str, list[str]]) -> None:
        self._owner = owner
        self._transport = transport
        self._identity = identity

    @property
    def name(self) -> str:
        return self._transport.connection.name

    @property
    def default_namespace(self) -> str:
        return self._transport.connection.default_namespace

    def run(self, operation: Operation) -> Answer:
        """Send one operation. Never raises for what the API answers; status 0 when nothing came back."""
        started = time.perf_counter()
        request = operation.request()
        if not _sound(operation, request):
            answer = Answer(0, problem=f"{request.path!r} does not name an object; nothing was sent.")
        elif request.stream == "exec":
            from bot.cluster.execs import execute  # websockets are imported by those who need them

            answer = execute(self._transport, request, self._identity)
        else:
            answer = self._transport.send(request, self._identity)
        return replace(answer, took=time.perf_counter() - started)

    def read(self, operations: Sequence[Operation]) -> list[Answer]:
        """Send independent reads, overlapping; answers in the order of the operations."""
        if len(operations) < 2:
            return [self.run(operation) for operation in operations]
        return list(self._owner.threads().map(self.run, operations))

    def watch(self, operation: Operation, seconds: float) -> Iterator[dict[str, object]]:
        """The watch events of a list or watch operation, until `seconds` have passed or the caller stops."""
        request = operation.request()
        if not _sound(operation, request):
            return iter(())
        return self._transport.lines(_watching(request, seconds), self._identity, seconds)


def _watching(request: Request, seconds: float) -> Request:
    """The request with what makes it a watch, where the operation does not say so itself: its events hold objects, no
    lists."""
    query = dict(request.query)
    query.pop("limit", None)
    query.update(watch="true", timeoutSeconds=str(max(1, round(seconds))))
    accept = request.accept.replace("PartialObjectMetadataList", "PartialObjectMetadata")
    return replace(request, query=tuple(query.items()), accept=accept, stream="watch")


def _sound(operation: Operation, request: Request) -> bool:
    """No name reaches into another path: `web/scale` or `..` is never one object's name, and nothing is no name.

    A DELETE without a name would delete every object of the kind.
    """
    permission = operation.permission()
    if request.method in ("DELETE", "PATCH", "PUT") and not permission.name:
        return False
    names = (permission.name, permission.namespace)
    return not any("/" in name for name in names) and _PATH.fullmatch(request.path) is not None
