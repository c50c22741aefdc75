"""Pods and containers as rules see them: spec and status side by side, nulls and gaps tolerated."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from explainers.diagnosis.when import moment
from explainers.kinds import Ref

Json = dict[str, Any]


def dig(thing: Any, *path: str | int, default: Any = None) -> Any:
    """Follow keys and indexes; `default` wherever one is missing, null or of the wrong shape."""
    for step in path:
        if isinstance(thing, dict):
            thing = thing.get(step)
        elif isinstance(thing, list) and isinstance(step, int) and -len(thing) <= step < len(thing):
            thing = thing[step]
        else:
            return default
        if thing is None:
            return default
    return thing


def dicts(thing: Any, *path: str | int) -> list[Json]:
    """The objects of a list at a path; whatever else stands there is left out."""
    found = dig(thing, *path)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def table(thing: Any, *path: str | int) -> Json:
    """The object at a path, or an empty one."""
    found = dig(thing, *path)
    return found if isinstance(found, dict) else {}


def number(thing: Any, *path: str | int) -> int:
    """The whole number at a path, or 0."""
    found = dig(thing, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) else 0


def text(thing: Any, *path: str | int) -> str:
    """The string at a path, or an empty one."""
    found = dig(thing, *path)
    return found if isinstance(found, str) else ""


def condition(thing: Any, kind: str) -> Json:
    """The condition of that type in an object's status, or an empty object."""
    return next((one for one in dicts(thing, "status", "conditions") if one.get("type") == kind), {})


def words(thing: Any, *path: str | int) -> list[str]:
    """The strings of a list at a path, e.g. a command; whatever else stands there is left out."""
    found = dig(thing, *path)
    return [item for item in found if isinstance(item, str)] if isinstance(found, list) else []


@dataclass(frozen=True)
class Container:
    """One container of a pod. `init` is true for init containers, `sidecar` for restartable ones among them."""

    pod: "Pod"
    name: str
    spec: Json
    status: Json
    init: bool

    @property
    def sidecar(self) -> bool:
        return self.init and self.spec.get("restartPolicy") == "Always"

    @property
    def waiting(self) -> str:
        """The waiting reason, e.g. `CrashLoopBackOff`; empty when not waiting."""
        return text(self.status, "state", "waiting", "reason")

    @property
    def message(self) -> str:
        """The kubelet's words for the waiting state."""
        return text(self.status, "state", "waiting", "message")

    @property
    def running_since(self) -> datetime | None:
        return moment(dig(self.status, "state", "running", "startedAt"))

    @property
    def terminated(self) -> Json:
        """The current terminated state, or an empty object."""
        return table(self.status, "state", "terminated")

    @property
    def last_end(self) -> Json:
        """How it last ended, now or before the last restart: exitCode, reason, message, finishedAt."""
        return self.terminated or table(self.status, "lastState", "terminated")

    @property
    def ran(self) -> bool:
        """Whether it runs or has run: then it has a log."""
        return bool(self.running_since or self.last_end or self.ready)

    @property
    def restarts(self) -> int:
        return number(self.status, "restartCount")

    @property
    def ready(self) -> bool:
        return self.status.get("ready") is True

    @property
    def image(self) -> str:
        return text(self.spec, "image")


@dataclass(frozen=True)
class Pod:
    """One pod as the API returns it, with its containers taken apart.

    Of a pod that is not `whole` (see views/read_pods.py) hardly more is known than `kubectl get pods` prints, and its
    template; `like` names the pod that was read whole and shows the same, where there is one.
    """

    object: Json
    whole: bool = True
    like: str = ""

    @property
    def name(self) -> str:
        return text(self.object, "metadata", "name")

    @property
    def namespace(self) -> str:
        return text(self.object, "metadata", "namespace")

    @property
    def ref(self) -> Ref:
        return Ref("Pod", self.namespace, self.name)

    @property
    def labels(self) -> Json:
        return table(self.object, "metadata", "labels")

    @property
    def spec(self) -> Json:
        return table(self.object, "spec")

    @property
    def phase(self) -> str:
        return text(self.object, "status", "phase")

    @property
    def node(self) -> str:
        return text(self.spec, "nodeName")

    @property
    def ip(self) -> str:
        return text(self.object, "status", "podIP")

    @property
    def created(self) -> datetime | None:
        return moment(dig(self.object, "metadata", "creationTimestamp"))

    @property
    def terminating(self) -> bool:
        return bool(dig(self.object, "metadata", "deletionTimestamp"))

    @property
    def finished(self) -> bool:
        """Completed or failed for good: not a pod that serves, and often not a fault."""
        return self.phase in ("Succeeded", "Failed")

    @property
    def ready(self) -> bool:
        return text(self.condition("Ready"), "status") == "True" and not self.terminating

    def condition(self, kind: str) -> Json:
        """The condition of that type, or an empty object."""
        return condition(self.object, kind)

    @property
    def unset_gates(self) -> list[str]:
        """The readiness gates that nothing has set to True."""
        gates = [text(gate, "conditionType") for gate in dicts(self.spec, "readinessGates")]
        return [gate for gate in gates if text(self.condition(gate), "status") != "True"]

    @property
    def ready_since(self) -> datetime | None:
        """When the Ready condition last changed."""
        return moment(self.condition("Ready").get("lastTransitionTime"))

    @cached_property
    def containers(self) -> list[Container]:
        """Init containers first, in order, then the others."""
        return [*self._side("initContainers", "initContainerStatuses", True), *self.main_containers]

    @property
    def begun(self) -> bool:
        """Whether every container of it runs or has run."""
        return all(one.ran for one in self.main_containers)

    @cached_property
    def main_containers(self) -> list[Container]:
        return self._side("containers", "containerStatuses", False)

    def _side(self, specs: str, statuses: str, init: bool) -> list[Container]:
        by_name = {text(status, "name"): status for status in dicts(self.object, "status", statuses)}
        return [
            Container(self, text(spec, "name"), spec, by_name.get(text(spec, "name"), {}), init)
            for spec in dicts(self.spec, specs)
        ]

    @cached_property
    def owner(self) -> Ref | None:
        """The controller that made it."""
        return controller_of(self.object)


def controller_of(thing: Json) -> Ref | None:
    """The owner reference marked as controller, in the same namespace."""
    for owner in dicts(thing, "metadata", "ownerReferences"):
        if owner.get("controller"):
            return Ref(text(owner, "kind"), text(thing, "metadata", "namespace"), text(owner, "name"))
    return None
