"""Where a container listens: what the signs say that the cluster and the log hold.

`containerPort` is only a note by the author; so is an argument. A port counts when signs agree, or when one of them
is the program itself: a probe that passes, or its own log.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from explainers.diagnosis.case import Case
from explainers.diagnosis.logs.lines import clean, lines_of
from explainers.diagnosis.logs.words import ACCESS
from explainers.diagnosis.views.command_ports import named_ports
from explainers.diagnosis.views.endings import last_log, log_source
from explainers.diagnosis.views.pods import Container, dicts, dig, number, text, words
from explainers.diagnosis.views.probe_specs import failed, port_number, probe_of
from explainers.diagnosis.views.serving import selects
from explainers.document import Evidence
from explainers.patterns import pattern

SAID, NOTED = 2, 1
"""Weights: the program itself says so; its author noted it."""

_LISTENS = pattern(
    r"\b(?:listen\w*|serving|started|starting|running|bound|binding|available|accept\w*|ready)\b", re.IGNORECASE
)
_PORT = pattern(
    r"(?<![\d.])(?P<host>[\w.*-]+|\[[\da-f:]*\])?:(\d{2,5})(?![\d:.]|\d*\])"
    r"|\bport(?:\(s\))?[\s:=]+\"?(\d{2,5})\b"
    r"|\b(?:listen\w*|serving|bound|binding)(?: (?:now|https?|grpc))? (?:on|at|to) (\d{2,5})\b(?![.:\w])",
    re.IGNORECASE,
)
_ANY_HOST = pattern(
    r"^(?:0\.0\.0\.0|127(?:\.\d{1,3}){3}|\[.*\]|\*|localhost|\w*(?:port|addr|address|https?|tcp|listen|bind)\w*)$",
    re.IGNORECASE,
)
"""What stands before a port where no other host does: an address of its own, or the name of a field."""
_OWN_ADDRESS = pattern(
    r"\b(?:listen\w*|serving|bound|binding|running|available|started|ready|accept\w*)"
    r"(?: (?:for|now|up|server|app|application|https?|grpc|requests|connections|traffic|locally)){0,3}"
    r" ?(?:on|at|to|in|:)?:? ?\"?(?:\w+://)?$",
    re.IGNORECASE,
)
"""How a line goes up to an address that a program serves at."""
_BEFORE = 80
"""So much of it is looked at."""
_WILDCARD = pattern(r"(?<![\w.])(?:0\.0\.0\.0|\[::\]|\*):(\d{2,5})\b")
_CALLS = pattern(r"\b(?:refused|fail\w*|error|cannot|could not|connect\w*|dial\w*|in use|wait\w*)\b", re.IGNORECASE)
_LOOPBACK = pattern(r"(?:127\.0\.0\.1|localhost|\[::1\])[:\s]+(?:port )?(\d{2,5})\b", re.IGNORECASE)
_BOUND_TO_ITSELF = pattern(r"(?:127\.0\.0\.1|\[::1\])[:\s]")
_START = 400
"""Lines at the beginning of a log in which a program says where it listens."""
_TIME = pattern(r"(?<![\d.:])\d{1,2}:\d\d:\d\d(?:[.,]\d+)?")


@dataclass(frozen=True)
class Sign:
    """One reason to think that the container listens on `port`."""

    port: int
    weight: int
    evidence: Evidence


def signs(case: Case, container: Container, besides: str, inside: bool) -> list[Sign]:
    """Every sign of a port that the container listens on; the probe of kind `besides` is the one in question. It asks
    from `inside` the container, or it reaches no port of the loopback.

    Raises Missing until events and the running container's log are read.
    """
    return [*_passing(case, container, besides), *_logged(case, container, inside), *_noted(case, container)]


def better_port(
    case: Case, container: Container, asked: int, besides: str, inside: bool = False
) -> tuple[int, list[Sign]]:
    """The port that the container listens on when clearly more speaks for it than for the one asked; 0 when not."""
    weights: dict[int, int] = defaultdict(int)
    every = signs(case, container, besides, inside)
    for sign in every:
        weights[sign.port] += sign.weight
    own = weights.pop(asked, 0)
    if not weights:
        return 0, []
    best = max(weights, key=lambda port: (weights[port], -port))
    return (best, [sign for sign in every if sign.port == best]) if weights[best] > own else (0, [])


def only_loopback(case: Case, container: Container, port: int) -> str:
    """The log line that says that the container listens on this port on its own loopback only; else empty."""
    for line in lines_of(case.log(container).text):
        found = _LOOPBACK.search(line)
        if found and int(found[1]) == port and _LISTENS.search(line):
            return clean(line)
    return ""


def _passing(case: Case, container: Container, besides: str) -> Iterator[Sign]:
    """Ports of the container's other probes that pass now."""
    for kind in ("readiness", "liveness", "startup"):
        probe = probe_of(container, kind) if kind != besides else None
        if probe is None or not probe.port or not container.running_since:
            continue
        passes = container.ready if kind == "readiness" else failed(case, probe) is None
        if passes and container.status.get("started") is not False:
            said = f"its {kind} probe {probe.asks} and passes"
            yield Sign(probe.port, SAID, Evidence(f"pod {container.pod.name}", said))


def _logged(case: Case, container: Container, inside: bool) -> Iterator[Sign]:
    """Ports that the program's own log names when it starts to listen."""
    if not container.running_since and not container.last_end:
        return
    source = f"log of {container.pod.name}/{container.name}" if container.running_since else log_source(container)
    log = (case.log(container) if container.running_since else last_log(case, container)).text
    for port, line in listened(log).items():
        if not inside and _only_for_itself(log, port):
            continue
        yield Sign(port, SAID, Evidence(source, clean(line)))


def _only_for_itself(log: str, port: int) -> bool:
    """Whether every line that says that this port is listened on says 127.0.0.1. `localhost` is often only how a
    program writes its own address."""
    told = [line for line in lines_of(log)[:_START] if port in listened(line)]
    return all(_BOUND_TO_ITSELF.search(line) for line in told)


def listened(log: str) -> dict[int, str]:
    """The ports that a log says are listened on, each with its line; looks at the beginning only. What a line says of
    another host's address is none of them."""
    found: dict[int, str] = {}
    for line in lines_of(log)[:_START]:
        if not ACCESS.search(line):
            for port in _own_ports(_TIME.sub("", line)):
                found.setdefault(port, line)
    return {port: line for port, line in found.items() if 0 < port < 65536}


def _own_ports(line: str) -> Iterator[int]:
    """The ports by which one line says that its program listens: at every address of its own, or in words."""
    if not _LISTENS.search(line):
        if not _CALLS.search(line):
            yield from (int(port) for port in _WILDCARD.findall(line))
        return
    for port in _PORT.finditer(line):
        if not _of_another(line, port):
            yield int(port[2] or port[3] or port[4])


def _of_another(line: str, port: re.Match[str]) -> bool:
    """Whether a port stands behind another host's name: `redis at cache:6379`, not `listening on web-7d9:8080`."""
    host = port["host"] or ""
    return (
        bool(host)
        and not _ANY_HOST.match(host)
        and not _OWN_ADDRESS.search(line[max(0, port.start() - _BEFORE) : port.start()])
    )


def for_itself(line: str) -> bool:
    """Whether a line says that its program listens on its loopback only."""
    return _BOUND_TO_ITSELF.search(line) is not None


def _noted(case: Case, container: Container) -> Iterator[Sign]:
    """Ports that the spec declares, that Services send to, that the command is given."""
    declared = {number(port, "containerPort"): text(port, "name") for port in dicts(container.spec, "ports")}
    for port, name in declared.items():
        said = f"containerPort {port}" + (f" named `{name}`" if name else "")
        yield Sign(port, NOTED, Evidence(f"pod {container.pod.name}", f"container {container.name} declares {said}"))
    for service in case.services:
        if not selects(service, container.pod.labels):
            continue
        for entry in dicts(service, "spec", "ports"):
            target = port_number(container, str(dig(entry, "targetPort", default=dig(entry, "port", default=""))))
            if (target and len(container.pod.main_containers) == 1) or target in declared:
                name = text(service, "metadata", "name")
                yield Sign(target, NOTED, Evidence(f"service {name}", f"sends to port {target}"))
    for found in named_ports([*words(container.spec, "command"), *words(container.spec, "args")]):
        yield Sign(found, NOTED, Evidence(f"pod {container.pod.name}", f"its command says {found}"))
