"""Changes of nodes: whether new pods may come, and taints."""

from dataclasses import dataclass, field

from explainers.kinds import NODE
from explainers.operations.base import JSON_PATCH, STRATEGIC_PATCH, Change, Json, Permission, Request, kubectl
from explainers.operations.objects import python_patch


@dataclass(frozen=True)
class Cordon(Change):
    """Keep new pods off a node; those that run stay."""

    node: str

    def request(self) -> Request:
        body = {"spec": {"unschedulable": True}}
        return Request("PATCH", NODE.path(None, self.node), body=body, content_type=STRATEGIC_PATCH)

    def kubectl(self) -> list[str]:
        return kubectl("", "cordon", self.node)

    def python(self) -> str:
        return python_patch(NODE, "", self.node, self.request().body, STRATEGIC_PATCH)

    def permission(self) -> Permission:
        return Permission("patch", NODE.resource, name=self.node)

    def inverse(self) -> Change | None:
        return Uncordon(self.node)


@dataclass(frozen=True)
class Uncordon(Change):
    """Let new pods come to a node again."""

    node: str

    def request(self) -> Request:
        body = {"spec": {"unschedulable": None}}
        return Request("PATCH", NODE.path(None, self.node), body=body, content_type=STRATEGIC_PATCH)

    def kubectl(self) -> list[str]:
        return kubectl("", "uncordon", self.node)

    def python(self) -> str:
        return python_patch(NODE, "", self.node, self.request().body, STRATEGIC_PATCH)

    def permission(self) -> Permission:
        return Permission("patch", NODE.resource, name=self.node)

    def inverse(self) -> Change | None:
        return Cordon(self.node)


@dataclass(frozen=True)
class RemoveTaint(Change):
    """Take one taint off a node. `taints` are all taints of the node as read: the API has no way to name one.

    The request fails when the node's taints have changed since, rather than bring back one that is gone.
    """

    node: str
    key: str
    effect: str
    taints: tuple[Json, ...] = field(hash=False)

    def _patch(self) -> list[Json]:
        staying = [taint for taint in self.taints if not self._is(taint)]
        return [
            {"op": "test", "path": "/spec/taints", "value": list(self.taints)},
            {"op": "replace", "path": "/spec/taints", "value": staying},
        ]

    def _is(self, taint: Json) -> bool:
        return taint.get("key") == self.key and taint.get("effect") == self.effect

    def request(self) -> Request:
        return Request("PATCH", NODE.path(None, self.node), body=self._patch(), content_type=JSON_PATCH)

    def kubectl(self) -> list[str]:
        return kubectl("", "taint", "node", self.node, f"{self.key}:{self.effect}-")

    def python(self) -> str:
        return python_patch(NODE, "", self.node, self._patch(), JSON_PATCH)

    def permission(self) -> Permission:
        return Permission("patch", NODE.resource, name=self.node)

    def inverse(self) -> Change | None:
        taken = next((taint for taint in self.taints if self._is(taint)), None)
        if taken is None:
            return None
        staying = tuple(taint for taint in self.taints if not self._is(taint))
        return AddTaint(self.node, self.key, self.effect, str(taken.get("value") or ""), staying)


@dataclass(frozen=True)
class AddTaint(Change):
    """Put a taint on a node. `taints` are all taints of the node as read."""

    node: str
    key: str
    effect: str
    value: str = ""
    taints: tuple[Json, ...] = field(default=(), hash=False)

    def _taint(self) -> Json:
        value = {"value": self.value} if self.value else {}
        return {"key": self.key, **value, "effect": self.effect}

    def _patch(self) -> list[Json]:
        known = list(self.taints)
        test = [{"op": "test", "path": "/spec/taints", "value": known}] if known else []
        return [*test, {"op": "add", "path": "/spec/taints", "value": [self._taint(), *known]}]

    def request(self) -> Request:
        return Request("PATCH", NODE.path(None, self.node), body=self._patch(), content_type=JSON_PATCH)

    def kubectl(self) -> list[str]:
        value = f"={self.value}" if self.value else ""
        return kubectl("", "taint", "node", self.node, f"{self.key}{value}:{self.effect}")

    def python(self) -> str:
        return python_patch(NODE, "", self.node, self._patch(), JSON_PATCH)

    def permission(self) -> Permission:
        return Permission("patch", NODE.resource, name=self.node)

    def inverse(self) -> Change | None:
        return RemoveTaint(self.node, self.key, self.effect, (self._taint(), *self.taints))
