"""Ports that a program is told to take, or says that it takes, where the port that it is asked on is refused.

A port in a log alone is no proof: many programs open one for their metrics first.
"""

import re
from dataclasses import dataclass

from explainers.diagnosis.case import Case
from explainers.diagnosis.logs.lines import clean
from explainers.diagnosis.views.command_ports import named_ports
from explainers.diagnosis.views.environment import Variable, environment
from explainers.diagnosis.views.listening import for_itself, listened
from explainers.diagnosis.views.pods import Container, dicts, number, words
from explainers.diagnosis.views.probe_specs import probe_of
from explainers.document import Evidence
from explainers.patterns import pattern

_NAMED = pattern(
    r"^(?:(?:HTTP|SERVER|APP|LISTEN|BIND)_?)?PORTS?$|^(?:(?:HTTP|SERVER)_?)?(?:LISTEN|BIND)(?:_?ADDR(?:ESS)?)?$"
    r"|^HTTP_?ADDR(?:ESS)?$|^ASPNETCORE_(?:URLS|HTTP_PORTS)$",
    re.IGNORECASE,
)
_VALUE = pattern(r"^(?:(?:https?://)?(?:0\.0\.0\.0|\[::\]|[*+])?:)?(\d{2,5})/?$")
_BESIDE = pattern(r"metric|prometheus|admin|manage|debug|pprof|health|probe|status|actuator|telemetry", re.IGNORECASE)
"""What a port is for that a program opens beside the one that it serves on."""


@dataclass(frozen=True)
class Moved:
    """Another port than the one that is asked. `variable` gives it or `line` of the log names it, or both."""

    port: int
    variable: Variable | None
    line: str
    evidence: tuple[Evidence, ...]

    @property
    def clause(self) -> str:
        """How a sentence goes on that says that nobody listens."""
        told = f"its variable `{self.variable.name}` says {self.variable.value}" if self.variable else ""
        logged = f"its log says: {self.line}" if self.line else ""
        return ", and ".join(one for one in (told, logged) if one)

    @property
    def sure(self) -> bool:
        """Whether both agree."""
        return bool(self.variable and self.line)


def moved(case: Case, container: Container, asked: int, log: str, source: str) -> Moved | None:
    """The other port, where something tells of one and nothing of the port asked but its author's notes. Raises Missing
    until the ConfigMaps of its variables are read."""
    heard = listened(log)
    if not asked or asked in (
        *heard,
        *named_ports([*words(container.spec, "command"), *words(container.spec, "args")]),
    ):
        return None
    noted = {number(one, "containerPort") for one in dicts(container.spec, "ports")}
    probes = (probe_of(container, kind) for kind in ("readiness", "liveness", "startup"))
    known = {*noted, *(one.port for one in probes if one)}
    said = {port: clean(line) for port, line in heard.items() if port not in known and _serves(line)}
    told = _told(case, container, asked)
    port = _port(told) if told and (not said or _port(told) in said) else next(iter(said), 0)
    if not port:
        return None
    told = told if told and _port(told) == port else None
    rows = [Evidence(f"container {container.name}", f"{told.name}={told.value}")] if told else []
    rows += [Evidence(source, said[port])] if port in said else []
    return Moved(port, told, said.get(port, ""), tuple(rows))


def _serves(line: str) -> bool:
    return not _BESIDE.search(line) and not for_itself(line)


def _told(case: Case, container: Container, asked: int) -> Variable | None:
    """The variable that gives another port; None where one gives the port asked."""
    given = [one for name, one in environment(case, container.spec).items() if _NAMED.match(name) and _port(one)]
    other = [one for one in given if _port(one) != asked]
    return other[0] if other and len(other) == len(given) else None


def _port(variable: Variable) -> int:
    found = _VALUE.match((variable.value or "").strip())
    return int(found[1]) if found else 0


def with_port(variable: Variable, port: int) -> str:
    """The variable's value with another port."""
    value = variable.value or ""
    found = _VALUE.match(value.strip())
    return value.replace(found[1], str(port)) if found else value
