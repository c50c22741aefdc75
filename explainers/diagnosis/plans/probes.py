"""The plans that repair probes."""

import re
from dataclasses import replace
from fractions import Fraction
from math import ceil
from pathlib import PurePosixPath

from explainers.diagnosis.case import Case
from explainers.diagnosis.logs.start_errors import likely_meant
from explainers.diagnosis.plans import remedies
from explainers.diagnosis.views.host_names import REFUSED, host_taken, refuses_host
from explainers.diagnosis.views.pods import Container, Json, dicts, dig, number, text
from explainers.diagnosis.views.probe_specs import HANDLERS, Failed, Failure, Probe, probe_of
from explainers.diagnosis.views.revisions import recent_change
from explainers.kinds import Ref
from explainers.operations.reads import Get, Logs
from explainers.operations.workloads import SetResources, workload
from explainers.patterns import pattern
from explainers.plan import Plan, Step
from explainers.quantities import amount, written
from explainers.redaction import redact

_GRPC_ADDRESS = pattern(r":(\d{2,5})$")
_OF_ITSELF = pattern(r"^/?$|health|live|alive|ping|status|\.html?$|\.txt$", re.IGNORECASE)
"""Paths by which a server tells of itself alone."""
SLOW = Fraction(1, 5)
START_SECONDS = 300
"""How long a program may take to start once a startup probe watches it."""


def other_port(case: Case, blame: Ref, probe: Probe, port: int | str) -> Plan:
    """Probe the port that the container listens on."""
    written = probe.spec.get(probe.handler)
    fields = {probe.field: {probe.handler: {**(written if isinstance(written, dict) else {}), "port": port}}}
    why = f"let the {probe.kind} probe ask port `{port}`, where the container listens"
    return _changed(case, blame, probe, fields, why)


def without_host(case: Case, blame: Ref, probe: Probe) -> Plan:
    """Probe the pod's own address, as a probe does that names no host."""
    fields, was = ({probe.field: {probe.handler: {"host": host}}} for host in (None, probe.host))
    why = f"without `host` the {probe.kind} probe asks the pod's own address"
    return _changed(case, blame, probe, fields, why, was)


def other_inner_port(case: Case, blame: Ref, probe: Probe, port: int) -> Plan:
    """Let the probe's command call the port that the container listens on."""
    words = dig(probe.action, "command", default=[])
    right = [re.sub(rf"(?<!\d){probe.inner_port}(?!\d)", str(port), str(word)) for word in words]
    return other_action(case, blame, probe, {"exec": {"command": right}}, f"let its command call port {port}")


def other_action(case: Case, blame: Ref, probe: Probe, action: Json, why: str) -> Plan:
    """Let the probe do something else: `action` is a handler, e.g. `{"tcpSocket": {"port": 80}}`."""
    drop: Json = {handler: None for handler in HANDLERS if handler in probe.spec and handler not in action}
    return _changed(case, blame, probe, {probe.field: {**drop, **action}}, why)


def _changed(case: Case, blame: Ref, probe: Probe, fields: Json, why: str, was: Json | None = None) -> Plan:
    up = "the restarts stop" if probe.container.restarts else "the probe passes"
    expect = "the pods become ready" if probe.kind == "readiness" else up
    steps = remedies.change_container(case, blame, probe.container, fields, why, expect, back=was)
    back = remedies.back_step(case, blame) if _probe_changed(case, probe) else ()
    return remedies.first_of(back, steps, _log(probe)) if back else remedies.first_of(steps, (), _log(probe))


def _probe_changed(case: Case, probe: Probe) -> bool:
    """Whether the last change of the workload touched this probe."""
    change = recent_change(case)
    if change is None:
        return False
    before = change.container_before(probe.container.name).get(probe.field)
    return bool(before) and before != probe.spec


def proven_action(probe: Probe) -> Json:
    """The handler of another probe of the same container that passes now; empty when there is none."""
    for kind in ("readiness", "liveness"):
        other = probe_of(probe.container, kind) if kind != probe.kind else None
        passes = probe.container.ready if kind == "readiness" else True
        if other and passes and other.handler in ("httpGet", "tcpSocket") and other.action != probe.action:
            return {other.handler: other.action}
    return {}


def alive(probe: Probe) -> tuple[Json, str]:
    """What a liveness probe can ask of a container that is ready, and in which words: what its startup probe asked and
    got; else what its readiness probe asks, where that tells of the program alone; else whether that port is open.

    A readiness probe may ask for what others do, and a liveness probe that does makes a program end for their faults.
    """
    begun = probe_of(probe.container, "startup")
    if begun and _passed(begun) and begun.action != probe.action and (not probe.port or begun.port == probe.port):
        return {begun.handler: begun.action}, "ask what its startup probe asked and got"
    proven = proven_action(probe)
    path = text(proven, "httpGet", "path")
    if "tcpSocket" in proven or _OF_ITSELF.search(path):
        return proven, "check what the readiness probe checks, which passes"
    port = dig(proven, "httpGet", "port")
    asks = f"what the readiness probe asks (`{path or '/'}`) may fail for what others do"
    return ({"tcpSocket": {"port": port}} if port else {}), f"ask only whether the port is open: {asks}"


def _passed(startup: Probe) -> bool:
    """Whether a startup probe that the kubelet can ask by itself has passed."""
    return startup.handler in ("httpGet", "tcpSocket") and startup.container.status.get("started") is True


def other_scheme(probe: Probe, failed: Failed) -> bool:
    """Whether the server speaks the other one of HTTP and HTTPS: it says so, or the readiness probe gets an answer by
    that one, where this one is a bad request."""
    other = probe_of(probe.container, "readiness") if probe.kind == "liveness" and failed.status == 400 else None
    schemes = [text(one.action, "scheme") or "HTTP" for one in (probe, other) if one and one.handler == "httpGet"]
    by_other = other is not None and other.port == probe.port and probe.container.ready and len(set(schemes)) == 2
    return failed.failure is Failure.SCHEME or by_other


def by_a_shell(case: Case, blame: Ref, probe: Probe, command: list[str]) -> Plan:
    """Run the probe's command as it was meant; one that holds a credential is not written out."""
    if any(redact(word) != word for word in command):
        return Plan((remedies.read_spec(blame),))
    why = "let a shell run it; the image must have one"
    return other_action(case, blame, probe, {"exec": {"command": command}}, why)


def right_path(case: Case, blame: Ref, probe: Probe, failed: Failed) -> Plan:
    """Ask where the server says yes: the path of a probe that passes, else only whether the port is open."""
    proven = proven_action(probe)
    if not proven and failed.status in REFUSED and refuses_host(case.log(probe.container).text):
        return by_name(case, blame, probe)
    if other_scheme(probe, failed) or (failed.status == 400 and probe.port % 1000 == 443):
        scheme = "HTTP" if probe.action.get("scheme") == "HTTPS" else "HTTPS"
        action = {"httpGet": {**probe.action, "scheme": scheme}}
        return other_action(case, blame, probe, action, f"ask by {scheme}, which the server speaks")
    if failed.status >= 500 or (failed.failure is Failure.COMMAND and not proven):
        return Plan((_log(probe),), remedies.back_step(case, blame))
    if proven:
        return other_action(case, blame, probe, proven, "ask what another probe of this container asks and gets")
    return only_open(case, blame, probe, "until the right path is known")


def by_name(case: Case, blame: Ref, probe: Probe) -> Plan:
    """Ask a server by a name that it answers to; without one, it has to be looked up there."""
    name = host_taken(case, probe.container)
    if not name:
        why = "give the probe an `httpHeaders` entry `Host`, with a name that the program answers to"
        look = Step(Get(blame.type, blame.namespace, blame.name), why)
        until = only_open(case, blame, probe, "until such a name is known")
        return Plan((look,), tuple(step for step in until.steps if step.changes))
    others = [one for one in dicts(probe.action, "httpHeaders") if text(one, "name").lower() != "host"]
    action = {**probe.action, "httpHeaders": [*others, {"name": "Host", "value": name}]}
    why = f"ask by the name `{name}`, which the program answers to; by itself the kubelet asks by the pod's address"
    return other_action(case, blame, probe, {probe.handler: action}, why)


def only_open(case: Case, blame: Ref, probe: Probe, until: str = "if no gRPC is spoken there") -> Plan:
    """Ask no more than whether the port takes connections."""
    action = {"tcpSocket": {"port": probe.action.get("port")}}
    return other_action(case, blame, probe, action, f"ask only whether the port is open, {until}")


_OWN_CLIENTS = {"redis": ["redis-cli", "ping"], "PostgreSQL": ["pg_isready"]}
"""Commands in the usual images that ask a server in its own speech."""


def only_asks(case: Case, blame: Ref, probe: Probe, port: int, speech: str) -> Plan:
    """Ask a server that speaks no HTTP whether its port is open; or, where its image has it, with its own client."""
    plan = other_action(case, blame, probe, {"tcpSocket": {"port": port}}, f"ask only whether port {port} is open")
    if not (client := _OWN_CLIENTS.get(speech)):
        return plan
    why = f"or ask with its own client, which the usual image of {speech} has"
    other = other_action(case, blame, probe, {"exec": {"command": client}}, why)
    return Plan(plan.steps, (*plan.alternatives, *(one for one in other.steps if one.changes)))


def more_time(case: Case, blame: Ref, probe: Probe) -> Plan:
    """Wait longer for the answer."""
    seconds = max(5, 5 * probe.timeout)
    why = f"wait {seconds} s for the answer instead of {probe.timeout} s"
    return _changed(case, blame, probe, {probe.field: {"timeoutSeconds": seconds}}, why)


def other_command(case: Case, blame: Ref, probe: Probe) -> Plan:
    """Run the command that was meant; else back, else ask whether the declared port is open."""
    command = probe.action.get("command")
    words = [str(word) for word in command] if isinstance(command, list) else []
    meant = likely_meant(words[0], ()) if words else ""
    if meant:
        action = {"exec": {"command": [meant, *words[1:]]}}
        return other_action(case, blame, probe, action, f"run `{meant}` instead of `{words[0]}`")
    back = remedies.back_step(case, blame) if _probe_changed(case, probe) else ()
    return Plan((*back, remedies.read_spec(blame))) if back else _by_itself(case, blame, probe, words)


def _by_itself(case: Case, blame: Ref, probe: Probe, words: list[str]) -> Plan:
    """What the kubelet can ask without a program in the image: gRPC health where that was meant, else the port."""
    health = next((found for word in words if (found := _GRPC_ADDRESS.search(word))), None)
    proven = proven_action(probe)
    if health and any(str(handler.get("port")) == health[1] for handler in proven.values()):
        return other_action(case, blame, probe, proven, "ask what another probe of this container asks and gets there")
    if words and PurePosixPath(words[0]).name == "grpc_health_probe" and health:
        action: Json = {"grpc": {"port": int(health[1])}}
        return other_action(case, blame, probe, action, "let the kubelet itself ask gRPC health, without a program")
    ports = [number(one, "containerPort") for one in dicts(probe.container.spec, "ports")]
    if not ports:
        return Plan((remedies.read_spec(blame),))
    why = f"ask only whether port {ports[0]} is open, until the image has the command"
    return other_action(case, blame, probe, {"tcpSocket": {"port": ports[0]}}, why)


def time_to_start(case: Case, blame: Ref, probe: Probe) -> Plan:
    """A startup probe that holds the liveness probe back until the program is up; more patience where one is."""
    container, tries = probe.container, max(30, ceil(START_SECONDS / probe.period))
    if probe.kind == "startup":
        fields: Json = {"startupProbe": {"failureThreshold": tries}}
        why = f"allow {tries} tries, {tries * probe.period} s, for the start"
    else:
        action = {probe.handler: probe.action}
        fields = {"startupProbe": {**action, "periodSeconds": probe.period, "failureThreshold": tries}}
        why = f"a startup probe gives the program {tries * probe.period} s to start before the liveness probe counts"
    steps = remedies.change_container(case, blame, container, fields, why, "the container starts and stays up")
    plan = remedies.first_of(steps, remedies.back_step(case, blame), _log(probe))
    return Plan(plan.steps, (*_more_cpu(blame, container), *plan.alternatives))


def maybe_slow(case: Case, blame: Ref, probe: Probe) -> Plan:
    """Look why nothing listens; time to start only in case that it needs more, which nothing tells."""
    look, slow = without_probe(case, blame, probe, drop=False), time_to_start(case, blame, probe)
    expect = "it is not killed before that; only if it needs no more than time, it becomes ready"
    given = tuple(
        replace(step, why=f"only if it needs longer to start: {step.why}", expect=expect)
        for step in slow.steps
        if step.changes and step not in look.alternatives
    )
    return Plan(look.steps, (*look.alternatives, *given))


def throttled(container: Container) -> str:
    """The limit of a container on CPU, where that is so low that a start is slow: a fifth of a CPU, or less."""
    limit = text(container.spec, "resources", "limits", "cpu")
    value = amount(limit)
    return limit if value is not None and value <= SLOW else ""


def _more_cpu(blame: Ref, container: Container) -> tuple[Step, ...]:
    """A limit of a CPU that makes a start slow, taken ten times."""
    limit = throttled(container)
    value = amount(limit)
    if value is None or not workload(blame.type):
        return ()
    more = (("cpu", written("cpu", value * 10)),)
    was = (("cpu", limit),)
    change = SetResources(blame.type, blame.namespace, blame.name, container.name, limits=more, was_limits=was)
    return (Step(change, "or let it start faster", "the program is up before its probe counts"),)


def without_probe(case: Case, blame: Ref, probe: Probe, *, drop: bool = True) -> Plan:
    """Look why the check fails; taking it away is the alternative, not the first step, and none without `drop`."""
    readiness = probe.kind == "readiness"
    does = "the pod counts as ready, whether it works or not" if readiness else "the container is not killed"
    why, expect = f"without the {probe.kind} probe {does}; put a right one back later", "the restarts stop"
    if readiness:
        expect = "the pod becomes ready"
    less = remedies.change_container(case, blame, probe.container, {probe.field: None}, why, expect) if drop else ()
    return Plan((_log(probe),), (*remedies.back_step(case, blame), *less))


def _log(probe: Probe) -> Step:
    container: Container = probe.container
    pod = container.pod
    ended = probe.kind != "readiness" and container.restarts > 0
    return Step(
        Logs(pod.namespace, pod.name, container.name, previous=ended and not container.terminated),
        "what the program itself says about it",
    )
