"""Makes one fault of the catalogue happen on a real cluster, in a namespace of its own, and cleans up after it.

`fault.yaml` says what is wrong, what a person types and what the verdict must name; `manifests.yaml` makes it so.
`$NAMESPACE` stands for the fresh namespace in both; objects outside namespaces carry it in their name.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from tests.faults.kubectl import Kubectl, KubectlError
from tests.faults.nodes import kept_ready
from tests.faults.sight import Sight
from tests.faults.until import Condition

HERE: Final = Path(__file__).parent
PATIENCE: Final = 240.0  # seconds for a fault to develop; a busy machine takes its time
CLUSTER_SCOPED: Final = {
    "APIService",
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "IngressClass",
    "MutatingWebhookConfiguration",
    "Node",
    "PersistentVolume",
    "PriorityClass",
    "RuntimeClass",
    "StorageClass",
    "ValidatingWebhookConfiguration",
}
KEYS: Final = {
    "class", "diagnose", "object", "says", "after", "until", "restore", "heals", "healed_within", "exclusive", "note",
}  # fmt: skip


class NotDevelopedError(AssertionError):
    """The fault did not develop in time; the message names the condition that does not hold and shows the pods."""


@dataclass(frozen=True, slots=True)
class Step:
    """What follows the first apply: a file to apply, or a kubectl command."""

    apply: str | None = None
    kubectl: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """One scenario folder. `number` is the fault class (125: healthy), `object` the thing the cause must name.

    `heals` says that the plan heals the fault: its first step alone (`heals: true`), or with `heals: all` every step
    that changes something, in order.
    """

    folder: Path
    number: int
    diagnose: str
    object: str | None
    says: tuple[str, ...]
    after: tuple[Step, ...]
    until: tuple[Condition, ...]
    heals: bool
    whole_plan: bool
    healed_within: float
    exclusive: bool
    note: str
    restore: tuple[Step, ...] = ()

    @property
    def name(self) -> str:
        """The folder's name, `NNN-slug`."""
        return self.folder.name

    @property
    def healthy(self) -> bool:
        """Nothing is wrong here; an alarm would be false."""
        return self.number == 125


def load(folder: Path) -> Fault:
    """Read one scenario folder. Raises ValueError for an unknown key, KeyError for a missing one."""
    text = yaml.load((folder / "fault.yaml").read_text(), Loader=yaml.CSafeLoader)
    if unknown := text.keys() - KEYS:
        raise ValueError(f"{folder.name}/fault.yaml: unknown {sorted(unknown)}; known: {sorted(KEYS)}")
    return Fault(
        folder=folder,
        number=int(text["class"]),
        diagnose=str(text["diagnose"]),
        object=text.get("object"),
        says=tuple(str(word) for word in text.get("says", ())),
        after=tuple(_step(step) for step in text.get("after", ())),
        until=tuple(Condition.of(line) for line in text["until"]),
        heals=bool(text.get("heals", False)),
        whole_plan=text.get("heals") == "all",
        healed_within=float(text.get("healed_within", 180)),
        exclusive=bool(text.get("exclusive", False)),
        note=str(text.get("note", "")),
        restore=tuple(_step(step) for step in text.get("restore", ())),
    )


@cache
def faults() -> tuple[Fault, ...]:
    """All scenarios, by name; read once in a process."""
    return tuple(load(path.parent) for path in sorted(HERE.glob("[0-9][0-9][0-9]-*/fault.yaml")))


def chosen(names: list[str]) -> list[Fault]:
    """The scenarios whose folder names contain one of these. Exits with a message for a name that none contains."""
    found = {name: [fault for fault in faults() if name.strip("/") in fault.name] for name in names}
    if strange := [name for name, fitting in found.items() if not fitting]:
        raise SystemExit(f"no scenario below tests/faults is called {', '.join(strange)}")
    return list({fault.name: fault for fitting in found.values() for fault in fitting}.values())


@contextmanager
def live(fault: Fault) -> Iterator[str]:
    """The fault, developed, in a fresh namespace whose name is yielded. Raises NotDevelopedError."""
    kubectl = Kubectl(f"fault-{fault.number:03}-{secrets.token_hex(3)}")
    outside = _outside(fault, kubectl.namespace)
    try:
        _create(kubectl)
        _apply(kubectl, fault.folder / "manifests.yaml")
        nodes = [name for kind, name in outside if kind == "Node"]
        with kept_ready(kubectl, nodes):
            for step in fault.after:
                _take(kubectl, fault.folder, step)
            _admitted(kubectl, nodes)
            _wait(kubectl, fault)
            yield kubectl.namespace
    finally:
        for step in fault.restore:
            _try(kubectl, *(word.replace("$NAMESPACE", kubectl.namespace) for word in step.kubectl))
        _delete(kubectl, outside)


def documents(path: Path, namespace: str) -> list[dict[str, Any]]:
    """The objects of one manifest file, `$NAMESPACE` replaced."""
    return [found for found in yaml.safe_load_all(path.read_text().replace("$NAMESPACE", namespace)) if found]


def _step(step: dict[str, Any]) -> Step:
    if step.keys() == {"apply"}:
        return Step(apply=str(step["apply"]))
    if step.keys() == {"kubectl"}:
        return Step(kubectl=tuple(str(word) for word in step["kubectl"]))
    raise ValueError(f"after: {step} is no step; known: apply: FILE, kubectl: [WORD, …]")


def _create(kubectl: Kubectl) -> None:
    kubectl("create", "namespace", kubectl.namespace)
    # pods of a namespace without its default account are refused
    kubectl("wait", "--for=create", "serviceaccount/default", "--timeout=60s", wait=90)


def _apply(kubectl: Kubectl, path: Path) -> None:
    kubectl("apply", "-f", "-", stdin=path.read_text().replace("$NAMESPACE", kubectl.namespace))


def _admitted(kubectl: Kubectl, nodes: list[str]) -> None:
    """A new node starts with the taint not-ready; the fault is another one, and begins when that is gone."""
    since = time.monotonic()
    for name in nodes:
        while "node.kubernetes.io/not-ready" in kubectl("get", "node", name, "--output=jsonpath={.spec.taints[*].key}"):
            if time.monotonic() - since > PATIENCE:
                raise NotDevelopedError(f"node {name} did not become ready")
            time.sleep(0.5)


def _take(kubectl: Kubectl, folder: Path, step: Step) -> None:
    if step.apply:
        _apply(kubectl, folder / step.apply)
    else:
        kubectl(*(word.replace("$NAMESPACE", kubectl.namespace) for word in step.kubectl), wait=PATIENCE)


def _wait(kubectl: Kubectl, fault: Fault) -> None:
    since, sight = time.monotonic(), Sight(kubectl.namespace)
    time.sleep(1)  # controllers see the last step first; what held before it must not count
    while pending := [condition for condition in fault.until if not condition.holds(sight, since)]:
        if time.monotonic() - since > PATIENCE:
            pods = kubectl("get", "pods", "--output=wide")
            raise NotDevelopedError(f"{fault.name}: {[dict(c.wanted) for c in pending]} does not hold\n{pods}")
        time.sleep(1)


def _outside(fault: Fault, namespace: str) -> list[tuple[str, str]]:
    files = ["manifests.yaml", *(step.apply for step in fault.after if step.apply)]
    found = [document for name in files for document in documents(fault.folder / name, namespace)]
    outside = [(d["kind"], d["metadata"]["name"]) for d in found if d["kind"] in CLUSTER_SCOPED]
    if shared := [name for _, name in outside if namespace not in name]:
        raise ValueError(f"{fault.name}: {shared} outlive the namespace; put $NAMESPACE into the name")
    return outside


def _delete(kubectl: Kubectl, outside: list[tuple[str, str]]) -> None:
    quiet = ("--wait=false", "--ignore-not-found")
    if any(kind == "Node" for kind, _ in outside):
        _try(kubectl, "delete", "pods", "--all", "--force", "--grace-period=0", *quiet)
    for kind, name in outside:
        _try(kubectl, "delete", kind, name, *quiet)
    _try(kubectl, "delete", "namespace", kubectl.namespace, *quiet)


def _try(kubectl: Kubectl, *args: str) -> None:
    try:
        kubectl(*args)
    except KubectlError as failed:  # the rest must still go
        print(failed)
