"""Changes of workloads: how many, which image, which environment, which resources.

Source: https://kubernetes.io/docs/reference/kubectl/generated/kubectl_set/ and the requests that kubectl 1.34 sends.
"""

from dataclasses import dataclass, replace
from typing import Any

from explainers.kinds import Kind
from explainers.operations.base import MERGE_PATCH, STRATEGIC_PATCH, Change, Json, Permission, Request
from explainers.operations.objects import (
    ObjectChange,
    Pairs,
    in_container,
    in_pod_spec,
    joined,
    listed,
    mapping,
    pod_spec,
    python_patch,
)


@dataclass(frozen=True)
class Scale(ObjectChange):
    """Set the number of replicas; `was` is the number before, None when unknown."""

    replicas: int
    was: int | None = None

    def request(self) -> Request:
        return self.patch({"spec": {"replicas": self.replicas}}, MERGE_PATCH, "scale")

    def kubectl(self) -> list[str]:
        return self.command("scale", self.target, f"--replicas={self.replicas}")

    def python(self) -> str:
        body = {"spec": {"replicas": self.replicas}}
        return python_patch(self.kind, self.scope, self.name, body, STRATEGIC_PATCH, "_scale")

    def permission(self) -> Permission:
        return Permission("patch", f"{self.kind.resource}/scale", self.scope, self.name)

    def inverse(self) -> Change | None:
        return None if self.was is None else replace(self, replicas=self.was, was=self.replicas)


@dataclass(frozen=True)
class SetImage(ObjectChange):
    """Set the image of one container; `was` is the image before."""

    container: str
    image: str
    was: str = ""
    init: bool = False

    def request(self) -> Request:
        return self.patch(in_container(self.kind, self.container, {"image": self.image}, self.init), STRATEGIC_PATCH)

    def kubectl(self) -> list[str]:
        return self.command("set", "image", self.target, f"{self.container}={self.image}")

    def inverse(self) -> Change | None:
        return replace(self, image=self.was, was=self.image) if self.was else None


@dataclass(frozen=True)
class SetEnv(ObjectChange):
    """Add, replace and remove environment variables of one container.

    `was` has the former values of exactly these variables, without those that were absent; None when unknown or when
    one came from a ConfigMap or Secret, since a literal cannot bring that back. `existing` names the container's
    variables in order: with them new ones come last, as kubectl has it; without, the API puts them first.
    """

    container: str
    values: Pairs = ()
    remove: tuple[str, ...] = ()
    was: Pairs | None = None
    init: bool = False
    existing: tuple[str, ...] = ()

    def _afterwards(self) -> tuple[str, ...]:
        """The variables' names in order when this is done."""
        staying = [name for name in self.existing if name not in self.remove]
        return (*staying, *(name for name, _ in self.values if name not in staying))

    def request(self) -> Request:
        env: list[dict[str, Any]] = [{"name": name, "value": value, "valueFrom": None} for name, value in self.values]
        env += [{"name": name, "$patch": "delete"} for name in self.remove]
        fields: Json = {"env": env}
        if self.existing:
            fields["$setElementOrder/env"] = [{"name": name} for name in self._afterwards()]
        return self.patch(in_container(self.kind, self.container, fields, self.init), STRATEGIC_PATCH)

    def kubectl(self) -> list[str]:
        words = [f"{name}={value}" for name, value in self.values] + [f"{name}-" for name in self.remove]
        return self.command("set", "env", self.target, "-c", self.container, *words)

    def inverse(self) -> Change | None:
        if self.was is None:
            return None
        before = dict(self.was)
        absent = tuple(name for name, _ in self.values if name not in before)
        existing = self._afterwards() if self.existing else ()
        return replace(self, values=self.was, remove=absent, was=self.values, existing=existing)


def set_env(
    kind: Kind, workload: Json, container: str, values: Pairs = (), remove: tuple[str, ...] = (), init: bool = False
) -> SetEnv:
    """A change of the environment of a workload that was read: it knows what was there and in which order."""
    metadata = mapping(workload, "metadata")
    spec = pod_spec(kind, workload)
    containers = spec.get("initContainers" if init else "containers")
    found = [one for one in listed(containers) if one.get("name") == container]
    env = {str(one.get("name")): one for one in listed(found[0].get("env") if found else None)}
    named = [env[name] for name in (*(name for name, _ in values), *remove) if name in env]
    was = tuple((str(one["name"]), str(one.get("value") or "")) for one in named)
    known = None if any(one.get("valueFrom") for one in named) else was
    namespace, name = str(metadata.get("namespace") or ""), str(metadata.get("name") or "")
    return SetEnv(kind, namespace, name, container, values, remove, known, init, tuple(env))


@dataclass(frozen=True)
class SetResources(ObjectChange):
    """Set requests and limits of one container, e.g. `(("memory", "64Mi"),)`; what is not named stays.

    `was_requests` and `was_limits` name the values before; None when unknown or when something named was unset,
    because `kubectl set resources` cannot take a value away.
    """

    container: str
    requests: Pairs = ()
    limits: Pairs = ()
    was_requests: Pairs | None = None
    was_limits: Pairs | None = None
    init: bool = False

    def request(self) -> Request:
        resources = {key: dict(pairs) for key, pairs in (("requests", self.requests), ("limits", self.limits)) if pairs}
        return self.patch(in_container(self.kind, self.container, {"resources": resources}, self.init), STRATEGIC_PATCH)

    def kubectl(self) -> list[str]:
        requests = [f"--requests={joined(self.requests)}"] if self.requests else []
        limits = [f"--limits={joined(self.limits)}"] if self.limits else []
        return self.command("set", "resources", self.target, "-c", self.container, *requests, *limits)

    def inverse(self) -> Change | None:
        before = _values(self.requests, self.was_requests), _values(self.limits, self.was_limits)
        if before[0] is None or before[1] is None:
            return None
        back = replace(self, requests=before[0], limits=before[1])
        return replace(back, was_requests=self.requests, was_limits=self.limits)


def _values(pairs: Pairs, before: Pairs | None) -> Pairs | None:
    """The former values of exactly the resources in `pairs`; None when one is not known."""
    known = dict(before or ())
    return tuple((key, known[key]) for key, _ in pairs) if all(key in known for key, _ in pairs) else None


@dataclass(frozen=True)
class SetServiceAccount(ObjectChange):
    """Set the ServiceAccount that a workload's pods run as."""

    account: str
    was: str = ""

    def request(self) -> Request:
        spec = {"serviceAccountName": self.account, "serviceAccount": None}
        return self.patch(in_pod_spec(self.kind, spec), STRATEGIC_PATCH)

    def kubectl(self) -> list[str]:
        return self.command("set", "serviceaccount", self.target, self.account)

    def inverse(self) -> Change | None:
        return replace(self, account=self.was, was=self.account) if self.was else None


def workload(kind: Kind) -> bool:
    """Whether kubectl's `set` and `rollout` commands work on this kind."""
    return kind.name in ("Deployment", "StatefulSet", "DaemonSet")
