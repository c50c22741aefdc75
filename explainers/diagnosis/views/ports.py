"""The ports of a pod as its spec tells them: declared, probed, named; and where a Service sends traffic."""

from dataclasses import dataclass

from explainers.diagnosis.views.pods import Container, Json, Pod, dicts, dig, number, text

PROBES = ("readinessProbe", "livenessProbe", "startupProbe")
HANDLERS = ("httpGet", "tcpSocket", "grpc")


@dataclass(frozen=True)
class Declared:
    """One `containerPort`: informational for the kernel, but what a named target port refers to."""

    container: str
    name: str
    number: int
    protocol: str


@dataclass(frozen=True)
class ServicePort:
    """One port of a Service. `target` is a number or a name; `index` its place in spec.ports."""

    index: int
    name: str
    port: int
    target: int | str
    protocol: str

    @property
    def told(self) -> str:
        return f"`{self.name}` ({self.port})" if self.name else str(self.port)


def declared(spec: Json) -> list[Declared]:
    """Every declared port of the containers that stay: main containers and native sidecars."""
    containers = [*dicts(spec, "containers"), *(c for c in dicts(spec, "initContainers") if c.get("restartPolicy"))]
    return [
        Declared(text(one, "name"), text(port, "name"), number(port, "containerPort"), text(port, "protocol") or "TCP")
        for one in containers
        for port in dicts(one, "ports")
    ]


def probed(spec: Json) -> dict[int, str]:
    """The TCP ports that probes connect to, with the probe's name; named ports resolved."""
    found: dict[int, str] = {}
    for container in dicts(spec, "containers"):
        names = {text(port, "name"): number(port, "containerPort") for port in dicts(container, "ports")}
        for probe in PROBES:
            for handler in HANDLERS:
                wanted = dig(container, probe, handler, "port")
                port = names.get(wanted, 0) if isinstance(wanted, str) else wanted if isinstance(wanted, int) else 0
                if port:
                    found.setdefault(port, probe)
    return found


def listeners(pod: Pod, number: int) -> list[Container]:
    """The containers that should listen on a port: those that declare it, else the only main container."""
    mine = pod.main_containers
    having = [one for one in mine if any(each.get("containerPort") == number for each in dicts(one.spec, "ports"))]
    return having or (mine if len(mine) == 1 else [])


def number_of(port: ServicePort, spec: Json) -> int:
    """The number that a Service port leads to on pods of this spec; 0 for a name that they do not declare."""
    if isinstance(port.target, int):
        return port.target
    return next((each.number for each in declared(spec) if each.name == port.target), 0)


def service_ports(service: Json) -> list[ServicePort]:
    """The ports of a Service; a missing `targetPort` means the port itself."""
    return [
        ServicePort(
            index,
            text(port, "name"),
            number(port, "port"),
            port["targetPort"] if isinstance(port.get("targetPort"), int | str) else number(port, "port"),
            text(port, "protocol") or "TCP",
        )
        for index, port in enumerate(dicts(service, "spec", "ports"))
    ]


def resolved(port: ServicePort, spec: Json) -> int:
    """The number that a target port means on a pod; 0 for a name that the pod does not declare."""
    if isinstance(port.target, int):
        return port.target
    return next((d.number for d in declared(spec) if d.name == port.target and d.protocol == port.protocol), 0)


def arrives(port: ServicePort, spec: Json) -> int:
    """The number at which pods of this spec take what a Service port sends; 0 where its name is none of theirs, or they
    declare it for another protocol only: then the Service leads nowhere."""
    number = resolved(port, spec)
    protocols = {each.protocol for each in declared(spec) if each.number == number}
    return number if not protocols or port.protocol in protocols else 0


def headless(service: Json) -> bool:
    """Whether clients get the pods' own addresses, so that the ports of the Service do not translate."""
    return text(service, "spec", "clusterIP") == "None"
