"""Startup, readiness and liveness probes.

Source: https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/;
messages compared with a 1.34 kubelet.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.sandbox.jsonish import Object, dig
from bot.sandbox.node.process import Course
from bot.sandbox.world import after, earliest

_KINDS = ("startup", "readiness", "liveness")
# A readiness probe that failed so often goes on failing in this life; its runs are counted in larger steps.
_SETTLED, _RARELY = 30, 60.0


@dataclass
class Tally:
    """How one probe stands: when it runs next (None: it has no more to tell), and its runs in a row."""

    next: datetime | None = None
    begun: bool = False
    failures: int = 0
    successes: int = 0
    good: bool = False


@dataclass
class Verdict:
    """What the probes of a container say now; `kill` names the probe that wants a restart."""

    started: bool = True
    ready: bool = True
    kill: str = ""
    wake: datetime | None = None
    events: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass
class Prober:
    """The probes of one life of a container."""

    tallies: dict[str, Tally] = field(default_factory=lambda: {kind: Tally() for kind in _KINDS})

    def check(self, spec: Object, course: Course, started: datetime, now: datetime, pod: Object) -> Verdict:
        """Run the probes that are due."""
        verdict = Verdict()
        for kind in _KINDS:
            probe = spec.get(f"{kind}Probe")
            if not probe:
                continue
            tally = self.tallies[kind]
            if kind != "startup" and not verdict.started:
                verdict.ready = False
                continue
            self._run(kind, probe, tally, verdict, _Moment(spec, course, started, now, pod))
        verdict.ready = verdict.ready and verdict.started
        return verdict

    def _run(self, kind: str, probe: Object, tally: Tally, verdict: Verdict, moment: _Moment) -> None:
        if not tally.begun:
            tally.begun = True
            tally.next = after(moment.started, max(probe.get("initialDelaySeconds", 0), 0.5))
        while tally.next and tally.next <= moment.now:
            fault = moment.fault(probe, tally.next)
            self._count(kind, probe, tally, fault, verdict)
            tally.next = after(tally.next, max(probe.get("periodSeconds", 10), 1))
            if not fault and tally.good:
                tally.next = None
        if kind == "startup":
            verdict.started = tally.good
        elif kind == "readiness":
            verdict.ready = tally.good
        settled = tally.next and kind == "readiness" and tally.failures > _SETTLED
        verdict.wake = earliest(verdict.wake, after(tally.next, _RARELY) if tally.next and settled else tally.next)

    def _count(self, kind: str, probe: Object, tally: Tally, fault: str, verdict: Verdict) -> None:
        if not fault:
            tally.failures, tally.successes = 0, tally.successes + 1
            tally.good = tally.good or tally.successes >= probe.get("successThreshold", 1)
            return
        tally.failures, tally.successes = tally.failures + 1, 0
        verdict.events.append(("Warning", "Unhealthy", f"{kind.capitalize()} probe failed: {fault}"))
        if tally.failures >= probe.get("failureThreshold", 3):
            tally.good = False
            if kind != "readiness":
                verdict.kill = kind


@dataclass(frozen=True)
class _Moment:
    spec: Object
    course: Course
    started: datetime
    now: datetime
    pod: Object

    def fault(self, probe: Object, at: datetime) -> str:
        if "httpGet" in probe:
            return self._http(probe, probe["httpGet"], at)
        if "tcpSocket" in probe:
            address = f"{self._ip}:{self._port(probe['tcpSocket'].get('port'))}"
            listens = self._listens(self._port(probe["tcpSocket"].get("port")), at)
            return "" if listens else f"dial tcp {address}: connect: connection refused"
        if "exec" in probe:
            return self._exec(probe)
        return ""

    @property
    def _ip(self) -> str:
        return str(dig(self.pod, "status", "podIP", default=""))

    def _port(self, port: Any) -> int:
        if isinstance(port, int):
            return port
        found = [item for item in self.spec.get("ports") or [] if item.get("name") == port]
        return int(found[0]["containerPort"]) if found else 0

    def _listens(self, port: int, at: datetime) -> bool:
        return port in self.course.listens and at >= after(self.started, self.course.listens_after)

    def _http(self, probe: Object, get: Object, at: datetime) -> str:
        port, path = self._port(get.get("port")), get.get("path", "/")
        url = f"{get.get('scheme', 'HTTP').lower()}://{get.get('host') or self._ip}:{port}{path}"
        if not self._listens(port, at):
            return f'Get "{url}": dial tcp {self._ip}:{port}: connect: connection refused'
        if self.course.slow > probe.get("timeoutSeconds", 1):
            return f'Get "{url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
        code = self.course.serves.get(path, self.course.serves.get("*", 404))
        return "" if 200 <= code < 400 else f"HTTP probe failed with statuscode: {code}"

    def _exec(self, probe: Object) -> str:
        command = probe["exec"].get("command") or []
        if command[:1] == ["cat"]:
            return f"cat: {command[-1]}: No such file or directory\n"
        if command[:1] == ["sleep"] and float(command[-1]) > probe.get("timeoutSeconds", 1):
            limit = probe.get("timeoutSeconds", 1)
            return f'command timed out: "{" ".join(command)}" timed out after {limit}s'
        return ""
