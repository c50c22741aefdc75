"""Names and connections inside the sandbox: what resolves, what is refused, what is blocked.

Source: https://kubernetes.io/docs/concepts/services-networking/ (DNS, services, EndpointSlices, network policies).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.sandbox.jsonish import Object, dig
from bot.sandbox.node.policies import Port, blocked
from bot.sandbox.store import Store

_CLUSTER_DNS, _NODE_DNS, _DOMAIN = "10.96.0.10", "192.168.10.1", "cluster.local"
_DEFAULT_PORTS = {"http": 80, "https": 443, "postgres": 5432, "postgresql": 5432, "redis": 6379, "mysql": 3306}


@dataclass(frozen=True)
class Address:
    """A host and a port as a program is told them."""

    host: str
    port: int


@dataclass(frozen=True)
class Outcome:
    """What a connection attempt came to: connected, unresolved, refused or timeout; `pod` is who answered."""

    kind: str
    address: str = ""
    pod: Object | None = None
    port: int = 0


def parse_address(text: str) -> Address:
    """Read `postgres://user@pg:5432/shop`, `http://web` or `redis:6379`."""
    parts = urlsplit(text if "://" in text else f"tcp://{text}")
    try:
        port = parts.port
    except ValueError:
        port = None
    return Address(parts.hostname or "", port or _DEFAULT_PORTS.get(parts.scheme, 80))


@dataclass(frozen=True)
class Network:
    """The cluster's network; the two functions tell what a pod accepts now, and what its HTTP server answers."""

    store: Store
    listening: Callable[[Object, int], bool]
    status_code: Callable[[Object, int, str], int]

    def resolver(self, pod: Object) -> str:
        """The nameserver that a pod asks: the cluster's, or the node's own."""
        policy = dig(pod, "spec", "dnsPolicy", default="ClusterFirst")
        if policy == "None":
            return str(dig(pod, "spec", "dnsConfig", "nameservers", 0, default=""))
        if policy == "Default" or (policy == "ClusterFirst" and dig(pod, "spec", "hostNetwork")):
            return _NODE_DNS
        return _CLUSTER_DNS

    def resolver_file(self, pod: Object) -> str:
        """The text of a pod's /etc/resolv.conf."""
        server, namespace = self.resolver(pod), pod["metadata"]["namespace"]
        if server != _CLUSTER_DNS:
            return f"nameserver {server}\n"
        domains = f"{namespace}.svc.{_DOMAIN} svc.{_DOMAIN} {_DOMAIN}"
        return f"search {domains}\nnameserver {server}\noptions ndots:5\n"

    def dns_answers(self, pod: Object) -> bool:
        """Whether a pod's questions reach a DNS server that runs."""
        if self.resolver(pod) != _CLUSTER_DNS:
            return True
        service = self.store.find("", "services", "kube-system", "kube-dns")
        servers = self._ready_pods(service) if service else []
        return any(not blocked(self.store, pod, server, Port(53, "UDP")) for server in servers)

    def resolve(self, host: str, source: Object) -> str:
        """Give the address of a name as seen from a pod, or ""."""
        if _is_address(host) or host == "localhost":
            return "127.0.0.1" if host == "localhost" else host
        if self.resolver(source) != _CLUSTER_DNS or not self.dns_answers(source):
            return ""
        service = self.service(host, source["metadata"]["namespace"])
        if service is None:
            return ""
        if dig(service, "spec", "type") == "ExternalName":
            return self.resolve(dig(service, "spec", "externalName", default=""), source)
        address = str(dig(service, "spec", "clusterIP", default=""))
        if address == "None":
            ready = self._ready_pods(service)
            return str(dig(ready[0], "status", "podIP", default="")) if ready else ""
        return address

    def service(self, host: str, namespace: str) -> Object | None:
        """Find the Service that a host name means, or None."""
        parts = host.rstrip(".").split(".")
        if len(parts) > 2 and parts[2:] not in (["svc"], ["svc", "cluster", "local"]):
            return None
        return self.store.find("", "services", parts[1] if len(parts) > 1 else namespace, parts[0])

    def connect(self, host: str, port: int, source: Object) -> Outcome:
        """Try a TCP connection from a pod."""
        address = self.resolve(host, source)
        if not address:
            return Outcome("unresolved")
        if address == "127.0.0.1":
            return Outcome("connected" if self.listening(source, port) else "refused", address, source, port)
        service = self._by_address(address)
        if service is None:
            return self._to_pod(address, port, source)
        target = next((item for item in dig(service, "spec", "ports", default=[]) if item["port"] == port), None)
        if target is None:
            return Outcome("timeout", address)
        for pod in self._ready_pods(service):
            number = _container_port(pod, target.get("targetPort", port))
            return self._reach(pod, number, source, address)
        return Outcome("refused", address)

    def _to_pod(self, address: str, port: int, source: Object) -> Outcome:
        for pod in self.store.all("", "pods"):
            if dig(pod, "status", "podIP") == address:
                return self._reach(pod, port, source, address)
        return Outcome("timeout", address)

    def _reach(self, pod: Object, port: int, source: Object, address: str) -> Outcome:
        if blocked(self.store, source, pod, Port(port)):
            return Outcome("timeout", address)
        return Outcome("connected" if self.listening(pod, port) else "refused", address, pod, port)

    def _by_address(self, address: str) -> Object | None:
        services = self.store.all("", "services")
        return next((item for item in services if dig(item, "spec", "clusterIP") == address), None)

    def _ready_pods(self, service: Object) -> list[Object]:
        meta = service["metadata"]
        pods = []
        for item in self.store.all("discovery.k8s.io", "endpointslices", meta["namespace"]):
            if dig(item, "metadata", "labels", "kubernetes.io/service-name") != meta["name"]:
                continue
            for endpoint in item.get("endpoints") or []:
                name = dig(endpoint, "targetRef", "name", default="")
                pod = self.store.find("", "pods", meta["namespace"], name)
                if pod and dig(endpoint, "conditions", "ready"):
                    pods.append(pod)
        return pods


def _container_port(pod: Object, port: int | str) -> int:
    if isinstance(port, int):
        return port
    for container in dig(pod, "spec", "containers", default=[]):
        for item in container.get("ports") or []:
            if item.get("name") == port:
                return int(item["containerPort"])
    return 0


def _is_address(host: str) -> bool:
    return bool(host) and all(part.isdigit() for part in host.split(".")) and host.count(".") == 3
