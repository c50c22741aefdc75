"""EndpointSlices and Endpoints: which pods stand behind a Service, ready or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.sandbox.jsonish import Object, Objects, copied, dig
from bot.sandbox.world import World, is_ready, owner_reference

_GROUP, _SLICES = "discovery.k8s.io", "endpointslices"
_NAME = "kubernetes.io/service-name"
_MANAGER = "endpointslice.kubernetes.io/managed-by"
_CONTROLLER = "endpointslice-controller.k8s.io"


@dataclass(frozen=True)
class EndpointSlices:
    """Keeps one slice and one Endpoints object for each Service with a selector."""

    world: World

    def sync(self, namespace: str) -> datetime | None:
        """Sync every Service of a namespace. One that is being deleted gets nothing new, which would keep it."""
        for service in self.world.store.all("", "services", namespace):
            going = dig(service, "metadata", "deletionTimestamp")
            if not going and dig(service, "spec", "selector") and dig(service, "spec", "type") != "ExternalName":
                self._sync_one(service)
        return None

    def _sync_one(self, service: Object) -> None:
        pods = self._pods(service)
        groups = self._by_ports(service, pods)
        self._write_slice(service, groups)
        self._write_endpoints(service, groups)

    def _pods(self, service: Object) -> Objects:
        selector = service["spec"]["selector"]
        found = []
        for pod in self.world.store.all("", "pods", service["metadata"]["namespace"]):
            labels = dig(pod, "metadata", "labels", default={})
            finished = dig(pod, "status", "phase") in ("Succeeded", "Failed")
            if dig(pod, "status", "podIP") and not finished and selector.items() <= labels.items():
                found.append(pod)
        return found

    def _by_ports(self, service: Object, pods: Objects) -> tuple[Objects, Objects]:
        ports: Objects = []
        members = []
        for pod in pods:
            resolved = _ports(service, pod)
            if resolved or not dig(service, "spec", "ports"):
                ports = ports or resolved
                members.append(self._endpoint(service, pod))
        if not ports and pods and not members:
            return [], []
        return ports or _ports(service, None), members

    def _endpoint(self, service: Object, pod: Object) -> Object:
        ending = bool(dig(pod, "metadata", "deletionTimestamp"))
        serving = is_ready(pod)
        ready = (serving and not ending) or bool(dig(service, "spec", "publishNotReadyAddresses"))
        meta = pod["metadata"]
        endpoint: Object = {
            "addresses": [pod["status"]["podIP"]],
            "conditions": {"ready": ready, "serving": serving, "terminating": ending},
            "nodeName": dig(pod, "spec", "nodeName"),
            "targetRef": {"kind": "Pod", "name": meta["name"], "namespace": meta["namespace"], "uid": meta["uid"]},
        }
        if dig(pod, "spec", "hostname"):
            endpoint["hostname"] = pod["spec"]["hostname"]
        return endpoint

    def _write_slice(self, service: Object, groups: tuple[Objects, Objects]) -> None:
        ports, endpoints = groups
        meta = service["metadata"]
        labels = {_MANAGER: _CONTROLLER, _NAME: meta["name"]}
        if dig(service, "spec", "clusterIP") == "None":
            labels["service.kubernetes.io/headless"] = ""
        content = {"addressType": "IPv4", "endpoints": endpoints, "ports": ports}
        for found in self.world.owned(_GROUP, _SLICES, service):
            if any(found.get(key) != value for key, value in content.items()):
                self.world.update(_GROUP, _SLICES, copied(found) | content)
            return
        body: Object = {
            "apiVersion": f"{_GROUP}/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "generateName": f"{meta['name']}-",
                "namespace": meta["namespace"],
                "labels": labels,
                "ownerReferences": [owner_reference(service)],
            },
        }
        self.world.create(_GROUP, _SLICES, body | content)

    def _write_endpoints(self, service: Object, groups: tuple[Objects, Objects]) -> None:
        ports, endpoints = groups
        subset: Object = {}
        for field, ready in (("addresses", True), ("notReadyAddresses", False)):
            chosen = [item for item in endpoints if item["conditions"]["ready"] is ready]
            if chosen:
                subset[field] = [
                    {"ip": item["addresses"][0], "nodeName": item["nodeName"], "targetRef": item["targetRef"]}
                    for item in chosen
                ]
        subsets = [subset | {"ports": ports}] if subset else []
        meta = service["metadata"]
        place = {"name": meta["name"], "namespace": meta["namespace"]}
        body: Object = {"apiVersion": "v1", "kind": "Endpoints", "metadata": place}
        found = self.world.store.find("", "endpoints", meta["namespace"], meta["name"])
        content = {"subsets": subsets} if subsets else {}
        if found is None:
            self.world.create("", "endpoints", body | content)
        elif found.get("subsets", []) != subsets:
            kept = {key: value for key, value in copied(found).items() if key != "subsets"}
            self.world.store.update("", "endpoints", kept | content)


def _ports(service: Object, pod: Object | None) -> Objects:
    found = []
    for port in dig(service, "spec", "ports", default=[]):
        number = _number(port.get("targetPort", port["port"]), pod)
        if number:
            found.append({"name": port.get("name", ""), "port": number, "protocol": port.get("protocol", "TCP")})
    return found


def _number(target: int | str, pod: Object | None) -> int:
    if isinstance(target, int):
        return target if pod else 0
    for container in dig(pod, "spec", "containers", default=[]):
        for port in container.get("ports") or []:
            if port.get("name") == target:
                return int(port["containerPort"])
    return 0
