"""Operations that read objects, lists, events and logs."""

from dataclasses import dataclass

from explainers.kinds import DEPLOYMENT, EVENT, JOB, POD, SERVICE, Kind
from explainers.operations.base import Answer, Look, Permission, Request, kubectl

METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
AS_TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"


@dataclass(frozen=True)
class Get(Look):
    """Read one object."""

    kind: Kind
    namespace: str
    name: str

    def request(self) -> Request:
        return Request("GET", self.kind.path(self.namespace, self.name))

    def kubectl(self) -> list[str]:
        namespace = self.namespace if self.kind.namespaced else ""
        return kubectl(namespace, "get", self.kind.kubectl, self.name, "-o", "yaml")

    def python(self) -> str:
        where = f", {self.namespace!r}" if self.kind.namespaced else ""
        return f"client.{self.kind.client_class}().read_{self.kind.client_noun}({self.name!r}{where})"

    def permission(self) -> Permission:
        return Permission("get", self.kind.resource, self.namespace if self.kind.namespaced else "", self.name)


@dataclass(frozen=True)
class GetMetadata(Get):
    """Read one object's metadata only: how a Secret's existence and age are seen without its values.

    Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches
    """

    def request(self) -> Request:
        return Request("GET", self.kind.path(self.namespace, self.name), accept=METADATA_ONLY)

    def kubectl(self) -> list[str]:
        namespace = self.namespace if self.kind.namespaced else ""
        return kubectl(namespace, "get", self.kind.kubectl, self.name, "-o", "jsonpath={.metadata}")

    def python(self) -> str:
        return f"{super().python()}.metadata"


@dataclass(frozen=True)
class List(Look):
    """Read the objects of a kind, narrowed on the server; `namespace` empty means every namespace."""

    kind: Kind
    namespace: str
    labels: str = ""
    fields: str = ""
    limit: int = 0
    metadata_only: bool = False

    def request(self) -> Request:
        query = (("labelSelector", self.labels), ("fieldSelector", self.fields), ("limit", str(self.limit or "")))
        accept = METADATA_ONLY.replace("PartialObjectMetadata", "PartialObjectMetadataList")
        return Request(
            "GET",
            self.kind.path(self.namespace),
            tuple((key, value) for key, value in query if value),
            accept=accept if self.metadata_only else "application/json",
        )

    def kubectl(self) -> list[str]:
        everywhere = ["-A"] if self.kind.namespaced and not self.namespace else []
        labels = ["-l", self.labels] if self.labels else []
        fields = [f"--field-selector={self.fields}"] if self.fields else []
        output = ["-o", "name" if self.metadata_only else "yaml"]
        namespace = self.namespace if self.kind.namespaced else ""
        return kubectl(namespace, "get", self.kind.kubectl, *everywhere, *labels, *fields, *output)

    def python(self) -> str:
        noun, where = self.kind.client_noun, [repr(self.namespace)] if self.namespace and self.kind.namespaced else []
        if self.kind.namespaced and not self.namespace:
            noun = noun.removeprefix("namespaced_") + "_for_all_namespaces"
        where += [f"label_selector={self.labels!r}"] if self.labels else []
        where += [f"field_selector={self.fields!r}"] if self.fields else []
        where += [f"limit={self.limit}"] if self.limit else []
        return f"client.{self.kind.client_class}().list_{noun}({', '.join(where)})"

    def permission(self) -> Permission:
        return Permission("list", self.kind.resource, self.namespace if self.kind.namespaced else "")


PAGE = 500
"""Objects that one list asks for; the API then says that there are more."""


@dataclass(frozen=True)
class Rows(Look):
    """Read one line about each object of a kind, as `kubectl get` prints it: a Table of `columnDefinitions` (`name`)
    and `rows` (`cells`), without the objects; `limit` of them at most.

    Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
    """

    kind: Kind
    namespace: str
    labels: str = ""
    fields: str = ""
    limit: int = PAGE

    def request(self) -> Request:
        query = (
            ("labelSelector", self.labels),
            ("fieldSelector", self.fields),
            ("includeObject", "None"),
            ("limit", str(self.limit)),
        )
        path = self.kind.path(self.namespace)
        return Request("GET", path, tuple((key, value) for key, value in query if value), accept=AS_TABLE)

    def kubectl(self) -> list[str]:
        return [*List(self.kind, self.namespace, self.labels, self.fields).kubectl()[:-1], "wide"]

    def python(self) -> str:
        chosen = (("labelSelector", self.labels), ("fieldSelector", self.fields))
        query = [(key, value) for key, value in chosen if value]
        return (
            f'client.ApiClient().call_api({self.kind.path(self.namespace)!r}, "GET", query_params={query!r},\n'
            f'    header_params={{"Accept": "{AS_TABLE}"}}, auth_settings=["BearerToken"], response_type="object")[0]'
        )

    def permission(self) -> Permission:
        return Permission("list", self.kind.resource, self.namespace if self.kind.namespaced else "")


def printed_names(answer: Answer) -> set[str]:
    """The names of all objects that a table has a row for; none where it is no such table, or has more pages."""
    rows = answer.object.get("rows")
    if not answer.ok or continued(answer) or not isinstance(rows, list):
        return set()
    cells = [row.get("cells") for row in rows if isinstance(row, dict)]
    return {str(each[0]) for each in cells if isinstance(each, list) and each}


def everything(kind: Kind, namespace: str) -> List:
    """All objects of a kind in a namespace, one page."""
    return List(kind, namespace, limit=PAGE)


CROWDED, FEW = (SERVICE, DEPLOYMENT, JOB), 2
"""Kinds that a namespace may hold many of, and how many of each are read whole: about as long as the rows of all."""


def few(kind: Kind, namespace: str, fields: str = "") -> List:
    """The first objects of a kind in a namespace: all of them where they are few."""
    return List(kind, namespace, fields=fields, limit=FEW if kind in CROWDED else PAGE)


def continued(answer: Answer) -> bool:
    """Whether a list has more pages than the one that was read."""
    metadata = answer.object.get("metadata")
    return isinstance(metadata, dict) and bool(metadata.get("continue"))


def events_of(kind: str, namespace: str, name: str, but: tuple[str, ...] = (), uid: str = "") -> List:
    """The events about one object, without those of some reasons, and with `uid` about no earlier one of its name.
    Cluster-scoped objects have theirs in the namespace `default`."""
    chosen = [f"involvedObject.kind={kind}", f"involvedObject.name={name}"]
    chosen += [f"involvedObject.uid={uid}"] if uid else []
    chosen += [f"reason!={reason}" for reason in but]
    return List(EVENT, namespace or "default", fields=",".join(chosen), limit=100)


@dataclass(frozen=True)
class Logs(Look):
    """Read a container's log; `previous` reads that of the run before the last restart, and with `timestamps` each line
    begins with the time when it was written, as RFC 3339 writes it."""

    namespace: str
    pod: str
    container: str = ""
    previous: bool = False
    tail: int = 0
    since_seconds: int = 0
    timestamps: bool = False

    def request(self) -> Request:
        query = (
            ("container", self.container),
            ("previous", "true" if self.previous else ""),
            ("timestamps", "true" if self.timestamps else ""),
            ("tailLines", str(self.tail or "")),
            ("sinceSeconds", str(self.since_seconds or "")),
        )
        path = POD.path(self.namespace, self.pod, "log")
        return Request("GET", path, tuple((key, value) for key, value in query if value), accept="*/*")

    def kubectl(self) -> list[str]:
        words = ["logs", self.pod]
        words += ["-c", self.container] if self.container else []
        words += ["--previous"] if self.previous else []
        words += [f"--tail={self.tail}"] if self.tail else []
        words += [f"--since={self.since_seconds}s"] if self.since_seconds else []
        words += ["--timestamps"] if self.timestamps else []
        return kubectl(self.namespace, *words)

    def python(self) -> str:
        words = [repr(self.pod), repr(self.namespace)]
        words += [f"container={self.container!r}"] if self.container else []
        words += ["previous=True"] if self.previous else []
        words += [f"tail_lines={self.tail}"] if self.tail else []
        words += [f"since_seconds={self.since_seconds}"] if self.since_seconds else []
        words += ["timestamps=True"] if self.timestamps else []
        return f"client.CoreV1Api().read_namespaced_pod_log({', '.join(words)})"

    def permission(self) -> Permission:
        return Permission("get", "pods/log", self.namespace, self.pod)


@dataclass(frozen=True)
class Watch(Look):
    """Follow the objects of a kind: what is there now as ADDED events, then every change, for `seconds`."""

    kind: Kind
    namespace: str
    seconds: int
    labels: str = ""
    fields: str = ""

    def request(self) -> Request:
        query = (
            ("labelSelector", self.labels),
            ("fieldSelector", self.fields),
            ("watch", "true"),
            ("timeoutSeconds", str(self.seconds)),
        )
        path = self.kind.path(self.namespace)
        return Request("GET", path, tuple((key, value) for key, value in query if value), stream="watch")

    def kubectl(self) -> list[str]:
        words = List(self.kind, self.namespace, self.labels, self.fields).kubectl()[:-2]
        return [*words, "--watch", "--output-watch-events", "-o", "json", f"--request-timeout={self.seconds}s"]

    def python(self) -> str:
        call = List(self.kind, self.namespace, self.labels, self.fields).python()
        method, _, arguments = call.rpartition("(")
        words = ", ".join(filter(None, [arguments.rstrip(")"), f"timeout_seconds={self.seconds}"]))
        return (
            "from kubernetes.watch import Watch\n"
            f"for event in Watch().stream({method}, {words}):\n"
            '    print(event["type"], event["object"].metadata.name)'
        )

    def permission(self) -> Permission:
        return Permission("watch", self.kind.resource, self.namespace if self.kind.namespaced else "")
