"""Runs one form of an operation on its own copy of a case, and reads what it left or returned."""

import ast
import contextlib
import gc
import io
import json
import os
import re
import secrets
import shutil
import subprocess
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import yaml

from bot.cluster.adapter import KubernetesClusters
from commands.base.ports import Cluster
from commands.base.request import Identity
from explainers import kinds
from explainers.kinds import Kind, kind_named
from explainers.operations.access import allowed
from explainers.operations.apply import Create
from explainers.operations.base import Answer, Json, Operation
from explainers.operations.config import CreateSecret
from explainers.operations.owned import SecretFromFile
from explainers.operations.patches import Patch
from explainers.operations.pods import Delete
from explainers.operations.reads import Get, List, Watch
from explainers.operations.rollouts import revisions_kind, rolled_out
from tests.contract.parity_cases import Case, Place

PATIENCE = 90.0
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
_OF_A_COPY = (
    "uid",
    "resourceVersion",
    "managedFields",
    "creationTimestamp",
    "generation",
    "selfLink",
    "ownerReferences",
)
_GIVEN_BY_THE_CLUSTER = ("clusterIP", "clusterIPs", "nodeName", "ipFamilies", "status")
_ANNOTATIONS = ("deployment.kubernetes.io/revision", "node.alpha.kubernetes.io/ttl")
_IGNORED = frozenset((*_OF_A_COPY, *_GIVEN_BY_THE_CLUSTER, *_ANNOTATIONS, "apiVersion", "kind"))


def eventually(seconds: float = PATIENCE, every: float = 0.2) -> Iterator[int]:
    """Tries until the time is up."""
    pause = threading.Event()
    for attempt in range(int(seconds / every)):
        yield attempt
        pause.wait(every)


@dataclass
class Stage:
    """The namespaces in which the copies of every case live."""

    clusters: KubernetesClusters
    folder: Path
    kubeconfig: str
    tag: str = field(default_factory=lambda: secrets.token_hex(3))
    nodes: list[str] = field(default_factory=list)

    @property
    def cluster(self) -> Cluster:
        return self.clusters.as_identity(Identity())

    @property
    def forms(self) -> tuple["Form", "Form", "Form"]:
        folder, kubeconfig = self.folder, self.kubeconfig
        return Sent(self.cluster), Shown(folder, kubeconfig), Python(folder, kubeconfig)

    def place(self, form: str) -> Place:
        return Place(
            f"parity-{self.tag}-{form}", f"parity-{self.tag}-{form}", lambda kind, name: self.seen(form, kind, name)
        )

    def seen(self, form: str, kind: Kind, name: str) -> Json:
        namespace = f"parity-{self.tag}-{form}"
        operation = Get(kind, namespace, name) if name else List(kind, namespace)
        return self.cluster.run(operation).object

    def open(self, form: str) -> None:
        place = self.place(form)
        self._made(kinds.NAMESPACE, "", {"metadata": {"name": place.namespace}})
        for _ in eventually():
            if self.cluster.run(Get(kinds.SERVICE_ACCOUNT, place.namespace, "default")).ok:
                return

    def close(self, form: str) -> None:
        self.cluster.run(Delete(kinds.NAMESPACE, "", self.place(form).namespace))
        for node in self.nodes:
            self.cluster.run(Delete(kinds.NODE, "", node))

    def prepare(self, case: Case, form: str) -> Place:
        """Make what the case needs. A case runs once in each place, so every object is fresh."""
        place = self.place(form)
        if case.node is not None:
            place = replace(place, node=f"{place.node}-{secrets.token_hex(3)}")
            self.nodes.append(place.node)
            self._made(kinds.NODE, "", {"metadata": {"name": place.node}, "spec": case.node})
            self._quiet(place.node)
        for thing in case.before:
            copy: Json = json.loads(json.dumps(thing).replace("$NAMESPACE", place.namespace))
            kind = kind_named(copy["kind"])
            assert kind is not None
            self._made(kind, place.namespace, copy)
            self._settled(kind, place.namespace, copy["metadata"]["name"], 1)
        for number, thing in enumerate(case.revisions, start=2):
            kind = kind_named(thing["kind"])
            assert kind is not None
            name = thing["metadata"]["name"]
            answer = self.cluster.run(Patch(kind, place.namespace, name, {"spec": thing["spec"]}, "merge"))
            assert answer.ok, answer.problem
            self._settled(kind, place.namespace, name, number)
        if case.ready:
            self._running(place.namespace, case.ready)
        return place

    def _made(self, kind: Kind, namespace: str, thing: Json) -> None:
        body = {"apiVersion": kind.api_version, "kind": kind.name, **thing}
        made: Operation = Create(kind, namespace, body) if kind != kinds.SECRET else _secret(namespace, thing)
        answer = self.cluster.run(made)
        assert answer.ok, answer.problem

    def _settled(self, kind: Kind, namespace: str, name: str, revisions: int) -> None:
        """Wait until the controller has seen the workload and made its revisions: they change its annotations."""
        if kind.name not in ("Deployment", "StatefulSet"):
            return
        for _ in eventually():
            thing = self.cluster.run(Get(kind, namespace, name)).object
            held = self.cluster.run(List(revisions_kind(kind), namespace, labels=f"app={name}")).items
            seen = thing.get("status", {}).get("observedGeneration") == thing["metadata"]["generation"]
            if thing["spec"].get("paused") or (seen and len(held) >= revisions):
                return
        raise AssertionError(f"{name} does not reach revision {revisions}")

    def _quiet(self, node: str) -> None:
        """Wait until the controller has had its say about the node: it writes the taints that cases write too."""
        seen: list[Any] = []
        for _ in eventually(every=0.4):
            seen.append(self.cluster.run(Get(kinds.NODE, "", node)).object["metadata"]["resourceVersion"])
            if len(seen) > 2 and len(set(seen[-3:])) == 1:
                return
        raise AssertionError(f"{node} keeps changing")

    def _running(self, namespace: str, pod: str) -> None:
        for _ in eventually(60.0):
            if self.cluster.run(Get(kinds.POD, namespace, pod)).object.get("status", {}).get("phase") == "Running":
                return
        raise AssertionError(f"{pod} does not run")


class Form(Protocol):
    """One of the three views of an operation."""

    name: str

    def run(self, operation: Operation, case: Case) -> Any: ...


@dataclass
class Sent:
    """The request, sent by the adapter."""

    cluster: Cluster
    name: str = "sent"

    def run(self, operation: Operation, case: Case) -> Any:
        if isinstance(operation, Watch):
            return [_event(event) for event in self.cluster.watch(operation, operation.seconds)]
        answer = self.cluster.run(operation)
        assert answer.ok, answer.problem
        return _told(answer, case)


def _told(answer: Answer, case: Case) -> Any:
    match case.returns:
        case "object":
            return answer.object
        case "metadata":
            return answer.object["metadata"]
        case "items":
            return answer.items
        case "names":
            return [item["metadata"]["name"] for item in answer.items]
        case "rows":
            return _rows(answer.object)
        case "text":
            return answer.text
        case "stdout":
            return answer.body["stdout"]
        case "allowed":
            return allowed(answer.object)
        case "rolled out":
            return rolled_out(answer.object)
    return None


@dataclass
class Shown:
    """The kubectl line, run by the real kubectl in a folder that has the files it names."""

    folder: Path
    kubeconfig: str
    name: str = "shown"

    def run(self, operation: Operation, case: Case) -> Any:
        write_files(operation, self.folder)
        kubectl = shutil.which("kubectl")
        assert kubectl is not None
        done = subprocess.run(
            [kubectl, *operation.kubectl()[1:]],
            env={**os.environ, "KUBECONFIG": self.kubeconfig},
            input=operation.stdin(),
            capture_output=True,
            text=True,
            cwd=self.folder,
            timeout=PATIENCE,
            check=False,
        )
        if case.returns == "allowed":
            return done.stdout.strip() == "yes"
        may_fail = case.returns in ("stdout", "events")
        assert may_fail or done.returncode == 0, f"{operation.line()}\n{done.stderr}"
        return _printed(done.stdout, case)


def _printed(output: str, case: Case) -> Any:
    match case.returns:
        case "object":
            return yaml.safe_load(output)
        case "metadata":
            return json.loads(output)
        case "items":
            return yaml.safe_load(output)["items"]
        case "names":
            return [line.partition("/")[2] for line in output.splitlines()]
        case "rows":
            return _lines(output)
        case "rolled out":
            return "successfully rolled out" in output
        case "events":
            return [_event(event) for event in _stream(output)]
    return output


def _rows(table: Json) -> list[dict[str, str]]:
    """The rows of a table by the names of their columns, without what differs from copy to copy."""
    names = [column["name"].upper() for column in table["columnDefinitions"]]
    return [_without_moments(dict(zip(names, map(str, row["cells"]), strict=True))) for row in table["rows"]]


def _lines(output: str) -> list[dict[str, str]]:
    """The same of what kubectl prints: columns begin where their names do."""
    head, *lines = output.splitlines()
    starts = [found.span() for found in re.finditer(r"\S+( \S+)*", head)]
    ends = [begin for begin, _ in starts[1:]] + [None]
    cut = [(head[begin:end].strip(), begin, end) for (begin, _), end in zip(starts, ends, strict=True)]
    return [_without_moments({name: line[begin:end].strip() for name, begin, end in cut}) for line in lines]


def _without_moments(row: dict[str, str]) -> dict[str, str]:
    return {name: cell for name, cell in row.items() if name not in ("AGE", "IP", "NODE")}


def _stream(output: str) -> Iterator[Json]:
    """Concatenated JSON documents."""
    decoder, rest = json.JSONDecoder(), output.strip()
    while rest:
        event, end = decoder.raw_decode(rest)
        yield event
        rest = rest[end:].strip()


def _event(event: Json) -> tuple[str, str]:
    return str(event["type"]), str(event["object"]["metadata"]["name"])


@dataclass
class Python:
    """The Python lines, run with the official client."""

    folder: Path
    kubeconfig: str
    name: str = "python"

    def run(self, operation: Operation, case: Case) -> Any:
        from kubernetes import client, config

        config.load_kube_config(self.kubeconfig)
        write_files(operation, self.folder)
        printed = io.StringIO()
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(printed), warnings.catch_warnings():
            # The client's own: it leaves connections to the garbage collector, and its errors use an old call.
            warnings.simplefilter("ignore", ResourceWarning)
            warnings.simplefilter("ignore", DeprecationWarning)
            value = _evaluated(operation.python(), {"client": client})
            plain = client.ApiClient().sanitize_for_serialization(value)
            del value
            gc.collect()
        if case.returns == "events":
            return [tuple(line.split(" ")) for line in printed.getvalue().splitlines()]
        return plain if isinstance(plain, str) or case.returns is None else _of_client(plain, case)


def _evaluated(lines: str, variables: dict[str, Any]) -> Any:
    """Run the lines; the value of the last where it is an expression."""
    *first, last = ast.parse(lines).body
    exec(compile(ast.Module(first, []), "shown", "exec"), variables)
    if isinstance(last, ast.Expr):
        return eval(compile(ast.Expression(last.value), "shown", "eval"), variables)
    exec(compile(ast.Module([last], []), "shown", "exec"), variables)
    return None


def _of_client(plain: Any, case: Case) -> Any:
    if case.returns == "metadata":
        return plain
    return _told(Answer(200, plain), case)


def write_files(operation: Operation, folder: Path) -> None:
    if isinstance(operation, CreateSecret | SecretFromFile):
        for name, content in operation.contents().items():
            (folder / name).write_text(content, encoding="utf-8")


def plain(thing: Any, place: Place) -> Any:
    """What two copies have in common: without what the cluster gives to each, in one order, times made equal."""
    if isinstance(thing, dict) and thing.get("kind") == "Node":
        thing = _node(thing)
    text = (
        json.dumps(_stripped(thing), sort_keys=True).replace(place.node, "NODE").replace(place.namespace, "NAMESPACE")
    )
    return json.loads(_TIME.sub("TIME", text))


def _stripped(thing: Any) -> Any:
    if isinstance(thing, list):
        return [_stripped(item) for item in thing]
    if not isinstance(thing, dict):
        return thing
    kept = {key: _stripped(value) for key, value in thing.items() if key not in _IGNORED and value is not None}
    return {key: value for key, value in kept.items() if key != "annotations" or value}


def _node(thing: Json) -> Json:
    """A node without what the controller does with it while no kubelet speaks for it."""
    spec = dict(thing.get("spec") or {})
    taints = [one for one in spec.pop("taints", None) or [] if not one["key"].startswith("node.kubernetes.io/")]
    return {**thing, "spec": {**spec, "taints": taints}}


def left(case: Case, place: Place) -> Any:
    """The object that the case leaves, None when it is gone or going."""
    assert case.leaves is not None
    kind, name = case.leaves
    thing = place.read(kind, name or place.node)
    going = (thing.get("metadata") or {}).get("deletionTimestamp")
    return None if not thing or going else plain(thing, place)


def bare(thing: Any) -> Any:
    """Without what is empty: `{}` and `""` mean the same as nothing there."""
    if isinstance(thing, list):
        return [bare(item) for item in thing]
    if not isinstance(thing, dict):
        return thing
    return {key: value for key, inner in thing.items() if (value := bare(inner)) not in ({}, "")}


def _secret(namespace: str, thing: Json) -> CreateSecret:
    """A Secret is made by the operation that does not show its values."""
    return CreateSecret(namespace, thing["metadata"]["name"], tuple(thing["stringData"].items()))
