"""Probes as the kubelet runs them, and what it says when they fail.

Source: https://kubernetes.io/docs/concepts/workloads/pods/probes/ and k8s.io/kubernetes/pkg/probe, whose messages
the Unhealthy events carry.
"""

import re
import shlex
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from explainers.diagnosis.case import Case, event_time
from explainers.diagnosis.logs.lines import clean
from explainers.diagnosis.views.endings import events_about
from explainers.diagnosis.views.pods import Container, Json, dicts, dig, number, table, text
from explainers.diagnosis.when import moment
from explainers.patterns import pattern

HANDLERS = ("httpGet", "tcpSocket", "exec", "grpc")


@dataclass(frozen=True)
class Probe:
    """One probe of a container. `kind` is readiness, liveness or startup; `spec` as written."""

    container: Container
    kind: str
    spec: Json

    @property
    def field(self) -> str:
        """The field of the container: `readinessProbe`."""
        return f"{self.kind}Probe"

    @property
    def handler(self) -> str:
        return next((one for one in HANDLERS if isinstance(self.spec.get(one), dict)), "")

    @property
    def action(self) -> Json:
        """What the handler says."""
        return table(self.spec, self.handler)

    @property
    def written_port(self) -> str:
        """The port as written: a number or a name."""
        found = self.action.get("port")
        return str(found) if isinstance(found, int | str) and not isinstance(found, bool) else ""

    @property
    def port(self) -> int:
        """The port as a number; 0 when it has none or its name is unknown."""
        return port_number(self.container, self.written_port)

    @property
    def inner_port(self) -> int:
        """The port of the container itself that its command calls, as `curl http://localhost:8080/` does; else 0."""
        found = _INNER.search(self.command) if self.handler == "exec" else None
        return int(found[1]) if found else 0

    @property
    def host(self) -> str:
        """The host that it asks in place of the pod's own address; most often empty."""
        return text(self.action, "host")

    @property
    def asks_node(self) -> bool:
        """Whether it asks the loopback address, which is the node's for the kubelet: that is the pod's own only where
        the pod shares the node's network."""
        return bool(_LOOPBACK.match(self.host)) and self.container.pod.spec.get("hostNetwork") is not True

    @property
    def path(self) -> str:
        return text(self.action, "path") or "/"

    @property
    def command(self) -> str:
        found = self.action.get("command")
        return shlex.join(str(word) for word in found) if isinstance(found, list) else ""

    @property
    def period(self) -> int:
        return number(self.spec, "periodSeconds") or 10

    @property
    def timeout(self) -> int:
        return number(self.spec, "timeoutSeconds") or 1

    @property
    def threshold(self) -> int:
        return number(self.spec, "failureThreshold") or 3

    @property
    def delay(self) -> int:
        return number(self.spec, "initialDelaySeconds")

    @property
    def allows(self) -> int:
        """Seconds from the container's start to the moment when the kubelet has seen enough failures."""
        return self.delay + self.period * self.threshold

    @property
    def asks(self) -> str:
        """What it does, in words that complete "its readiness probe …"."""
        named = f"`{self.written_port}` ({self.port})" if self.port and self.written_port != str(self.port) else ""
        port = named or self.written_port
        match self.handler:
            case "httpGet":
                return f"asks `{self.path}` on port {port}"
            case "tcpSocket":
                return f"connects to port {port}"
            case "grpc":
                return f"asks gRPC health on port {port}"
            case "exec":
                return f"runs `{clean(self.command)}`"
        return "has no handler"


def probe_of(container: Container, kind: str) -> Probe | None:
    """The readiness, liveness or startup probe of a container, or None."""
    spec = table(container.spec, f"{kind}Probe")
    return Probe(container, kind, spec) if spec else None


def port_number(container: Container, written: str) -> int:
    """The number of a port given by number or by name."""
    if written.isdecimal():
        return int(written)
    ports = dicts(container.spec, "ports")
    return next((number(port, "containerPort") for port in ports if written and port.get("name") == written), 0)


class Failure(Enum):
    """How a probe fails."""

    REFUSED = "refused"  # nobody listens on the port
    STATUS = "status"  # an HTTP status that is no success
    TIMEOUT = "timeout"  # no answer in time
    SCHEME = "scheme"  # HTTP asked where HTTPS is spoken, or the other way round
    GARBLED = "garbled"  # what answers does not speak HTTP
    NO_COMMAND = "no command"  # the command to run does not exist
    COMMAND = "command"  # the command ran and said no, or a gRPC service did


@dataclass(frozen=True)
class Failed:
    """The last failure of a probe in the run of now, or of the run that it ended. `said` is the kubelet's message."""

    failure: Failure
    status: int
    said: str
    count: int
    last: datetime | None

    @property
    def unheard(self) -> bool:
        """The probe's command says that nobody listens."""
        return self.failure is Failure.COMMAND and _UNHEARD.search(self.said) is not None


_INNER = pattern(r"(?:localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0)[: ](\d{2,5})(?!\d)")
_LOOPBACK = pattern(r"^(?:127(?:\.\d{1,3}){3}|localhost|\[?::1\]?)$", re.IGNORECASE)
_STATUS = pattern(r"statuscode: (\d{3})")
_ABSENT = pattern(
    r"executable file not found|: (?:command )?not found$|exec: \"[^\"]+\": stat |no such file or directory: unknown"
)
_OTHER_SCHEME = pattern(r"HTTP response to HTTPS client|HTTP request to an HTTPS server|tls: first record")
_LATE = pattern(r"deadline exceeded|Client\.Timeout|i/o timeout|timed out after|^timeout:|command timed out")
_UNHEARD = pattern(r"connection refused|couldn't connect|failed to connect|can't connect|no response", re.IGNORECASE)
_CLOSED = pattern(r"connection refused|connect: no route")
_NO_GRPC = pattern(r"failed to connect service \"")
"""How the kubelet's gRPC client says it, whose time-out covers its tries to connect: an answer that is late reads
otherwise. Source: k8s.io/kubernetes/pkg/probe/grpc/grpc.go"""
_STRANGE = pattern(r"malformed HTTP|\bEOF\b|connection reset|server closed|unexpected newline")
_KINDS = (
    (Failure.REFUSED, _NO_GRPC), (Failure.NO_COMMAND, _ABSENT), (Failure.SCHEME, _OTHER_SCHEME),
    (Failure.STATUS, _STATUS), (Failure.TIMEOUT, _LATE), (Failure.REFUSED, _CLOSED), (Failure.GARBLED, _STRANGE),
)  # fmt: skip


_COMBINED = "(combined from similar events): "
"""Before a message that stands for several, which differ in a name that was made up for each."""


def failed(case: Case, probe: Probe, ever: bool = False) -> Failed | None:
    """How the probe fails now, from the newest Unhealthy event about it, and how often it has failed in that way; None
    when there is none that recent.

    An event older than the last start of the container belongs to a run before, and counts only while the
    container is not up, or where what it ever said is asked for.
    """
    start = f"{probe.kind.capitalize()} probe "
    running = table(probe.container.status, "state", "running")
    began = text(running, "startedAt") or text(probe.container.last_end, "startedAt")
    if probe.container.restarts and probe.kind != "readiness":
        began = text(probe.container.last_end, "startedAt")
    found: Failed | None = None
    for event in events_about(case, probe.container):
        said = text(event, "message").removeprefix(_COMBINED)
        if text(event, "reason") == "Unhealthy" and said.startswith(start) and (ever or event_time(event) >= began):
            one = _read(said.removeprefix(start), event)
            if found is None or (one.failure, one.status) == (found.failure, found.status):
                found = replace(found, count=found.count + one.count) if found else one
    return found


def _read(said: str, event: Json) -> Failed:
    said = re.sub(r"^(?:failed|errored and resulted in unknown state|errored): ?", "", said)
    kind = next((failure for failure, pattern in _KINDS if pattern.search(said)), Failure.COMMAND)
    status = _STATUS.search(said)
    count = dig(event, "series", "count") or dig(event, "count") or 1
    return Failed(
        kind,
        int(status[1]) if status else 0,
        clean(said),
        count if isinstance(count, int) else 1,
        moment(event_time(event)),
    )
