"""Ports that can be led to one's own machine: which a target has, where they come out, and what to open there."""

from dataclasses import dataclass, replace
from itertools import chain

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.pods import Json, dicts, table, text
from explainers.diagnosis.views.ports import PROBES, declared, headless, probed, resolved, service_ports
from explainers.selectors import subset

PRIVILEGED = 1024
"""Up to here ports belong to the administrator of a machine."""
CLIENTS = {
    5432: "psql -h localhost -p {port}",
    3306: "mysql -h 127.0.0.1 -P {port}",
    6379: "redis-cli -p {port}",
    27017: "mongosh --port {port}",
}
"""The usual client, where a port means one program all over the world."""
WEB = frozenset({80, 3000, 4200, 5000, 8000, 8080, 8081, 8888, 9090, 15672})
SECURE = frozenset({443, 8443})


@dataclass(frozen=True)
class Door:
    """A port that a target has: `port` is the number to forward to, `inside` the container's own. `speaks` is what is
    said to be spoken there (`appProtocol`, or `http` where a probe asks so), `transport` TCP, UDP or SCTP."""

    port: int
    inside: int
    name: str = ""
    speaks: str = ""
    transport: str = "TCP"

    def __str__(self) -> str:
        return f"{self.port}" + (f" ({self.name})" if self.name else "")


def doors(case: Case) -> list[Door]:
    """The ports that a Service says it has; of anything else those that its pods declare, are probed at, or get from
    the services in front. Raises Missing."""
    spec = table(case.template, "spec")
    if case.target.kind == "Service":
        return _of_service(case.object, spec)
    found = {one.port: one for one in _of_pods(spec)}
    for service in case.services:
        if table(service, "spec", "selector") and subset(table(service, "spec", "selector"), case.template_labels):
            for one in _of_service(service, spec):
                found.setdefault(one.inside, replace(one, port=one.inside))
    return list(found.values())


def _of_service(service: Json, spec: Json) -> list[Door]:
    """kubectl translates a Service's port to that of the pod, but not where the Service is headless.

    Source: k8s.io/kubectl/pkg/cmd/portforward, translateServicePortToTargetPort
    """
    speaks = {text(port, "name"): text(port, "appProtocol") for port in dicts(service, "spec", "ports")}
    found = []
    for one in service_ports(service):
        inside = resolved(one, spec) or one.port
        to = inside if headless(service) else one.port
        found.append(Door(to, inside, one.name, speaks.get(one.name, ""), one.protocol))
    return found


def _of_pods(spec: Json) -> list[Door]:
    asked_by_http = _probed_by_http(spec)
    named = {one.number: one for one in declared(spec)}
    found = [Door(number, number, one.name, "", one.protocol) for number, one in named.items()]
    found += [Door(number, number) for number in probed(spec) if number not in named]
    return [Door(one.port, one.inside, one.name, asked_by_http.get(one.port, ""), one.transport) for one in found]


def _probed_by_http(spec: Json) -> dict[int, str]:
    """The ports that a probe asks by HTTP, with its scheme."""
    asked: dict[int, str] = {}
    for container in dicts(spec, "containers"):
        for probe in PROBES:
            handler = table(container, probe, "httpGet")
            only = {**container, **dict.fromkeys(PROBES, None), probe: {"httpGet": handler}}
            if handler:
                asked |= dict.fromkeys(probed({"containers": [only]}), (text(handler, "scheme") or "HTTP").lower())
    return asked


def near_end(port: int, taken: set[int]) -> int:
    """A port of one's own machine that needs no administrator and is easy to remember: 8080 for 80, 8443 for 443."""
    first = port if port > PRIVILEGED else 8000 + port
    every = chain(range(first, 65536), range(PRIVILEGED + 1, first))
    return next(one for one in every if one not in taken)


def opens(door: Door, local: int) -> str:
    """What to do at the near end."""
    said = (door.speaks or door.name).lower()
    if door.inside in CLIENTS:
        return f"then: `{CLIENTS[door.inside].format(port=local)}`"
    if said.startswith("https") or {door.port, door.inside} & SECURE:
        return f"then open: https://localhost:{local} (its certificate is not for that name)"
    if said.startswith("http") or {door.port, door.inside} & WEB:
        return f"then open: http://localhost:{local}"
    return f"then connect to: localhost:{local}" + (f" ({door.name})" if door.name else "")
