"""Probes that ask HTTP of a server that speaks something else, and says so in its log (class 65)."""

import re
from collections.abc import Iterable

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.classes import cases
from explainers.diagnosis.logs.lines import clean, lines_of
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.plans.probes import only_asks
from explainers.diagnosis.views.endings import blame
from explainers.diagnosis.views.pods import Container
from explainers.diagnosis.views.probe_specs import Failed, Probe, failed, probe_of
from explainers.diagnosis.when import ago
from explainers.document import Evidence
from explainers.patterns import pattern

_ASKS_HTTP = pattern(r"\b(?:curl|wget|https?://)", re.IGNORECASE)
_SAYS = (
    ("redis", pattern(r"Possible SECURITY ATTACK detected")),
    ("PostgreSQL", pattern(r"invalid length of startup packet")),
    ("MongoDB", pattern(r"trying to access MongoDB over HTTP|Client is trying to connect with HTTP", re.IGNORECASE)),
)
"""What a server logs when it is asked in HTTP."""
_LAST = 200
"""Lines at the end of a log that are looked at."""


def asks_http(case: Case) -> Iterable[Finding]:
    """65: a container runs and is not ready, for its probe asks HTTP of a database or a cache."""
    for pod in case.unready_pods[:1]:
        for container in (one for one in pod.main_containers if one.running_since and not one.ready):
            for kind in ("startup", "readiness"):
                probe = probe_of(container, kind)
                fails = failed(case, probe) if probe and _port(probe) else None
                if probe and fails and (said := _said(case, container)):
                    yield _finding(case, probe, fails, *said)
                    return


def _port(probe: Probe) -> int:
    """The port that a probe asks in HTTP, else 0."""
    if probe.handler == "httpGet":
        return probe.port
    return probe.inner_port if _ASKS_HTTP.search(probe.command) else 0


def _said(case: Case, container: Container) -> tuple[str, str] | None:
    """Which server it is, and the line of its log that says so."""
    for line in reversed(lines_of(case.log(container).text)[-_LAST:]):
        if speech := next((name for name, says in _SAYS if says.search(line)), ""):
            return speech, clean(line)
    return None


def _finding(case: Case, probe: Probe, fails: Failed, speech: str, line: str) -> Finding:
    container, ref = probe.container, blame(case, probe.container.pod)
    port = _port(probe)
    clause = (
        f"the {probe.kind} probe of container `{container.name}` {probe.asks}: it asks HTTP on port {port}, where "
        f"{speech} listens, which speaks no HTTP; the warning in its log comes from this probe"
    )
    times = "once" if fails.count == 1 else f"{fails.count} times"
    seen = Evidence(
        f"event Unhealthy of pod {container.pod.name}",
        f"{probe.kind} probe failed {times}: {fails.said}".rstrip(": "),
        ago(case.now, fails.last),
    )
    logged = Evidence(f"log of {container.pod.name}/{container.name}", line)
    plan = only_asks(case, ref, probe, port, speech)
    return Finding(65, ref, Layer.CONTAINER, clause, (seen, logged), plan, about=cases.NO_HTTP)


RULES: tuple[Rule, ...] = (asks_http,)
