"""A probe that is refused, and a mounted ConfigMap that tells the program to listen elsewhere, or that was changed
before the container started (class 64)."""

from dataclasses import dataclass
from datetime import timedelta

from explainers.diagnosis.case import Case
from explainers.diagnosis.plans import probes as plans
from explainers.diagnosis.plans.listening import back_to_port, for_others_too
from explainers.diagnosis.rules.stale import changed_at
from explainers.diagnosis.views.configured_ports import listens, mounted_maps
from explainers.diagnosis.views.pods import Container, Json, dicts, dig
from explainers.diagnosis.views.ports import resolved, service_ports
from explainers.diagnosis.views.probe_specs import Probe
from explainers.diagnosis.views.serving import selects
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.plan import Plan

SHORTLY = timedelta(hours=1)
"""So long before a start a change of what it reads is worth telling."""
MADE = timedelta(seconds=2)


@dataclass(frozen=True)
class Told:
    """How the sentence about the refused probe goes on, with its evidence, and the plan."""

    clause: str
    evidence: tuple[Evidence, ...]
    plan: Plan


def told(case: Case, blame: Ref, probe: Probe) -> Told:
    """What the mounted ConfigMaps say about a port where nothing listens."""
    if file := in_file(case, blame, probe):
        return file
    maps, sent = mounted_maps(case, probe.container), sent_to(case, probe)
    recent = next(((name, when) for name, one in maps.items() if (when := _changed(case, one, probe.container))), None)
    plan = plans.without_probe(case, blame, probe, drop=not (sent and probe.kind == "readiness"))
    if recent is None:
        return Told("", (), plan)
    name, when = recent
    clause = f"; the ConfigMap `{name}`, which it mounts, was {when}, before it started"
    return Told(clause, (Evidence(f"configmap {name}", "its data was last written", when.partition(" ")[2]),), plan)


def in_file(case: Case, blame: Ref, probe: Probe) -> Told | None:
    """The mounted file that tells to listen elsewhere than on this port, or there for the program itself only."""
    maps = mounted_maps(case, probe.container)
    files = list(listens(maps))
    if not probe.port or any(probe.port in one.ports for one in files):
        return None
    inner = next((one for one in files if probe.port in one.inner), None)
    file = inner or next((one for one in files if one.ports), None)
    if file is None:
        return None
    when = _changed(case, maps[file.name], probe.container)
    where = [file.inner[probe.port]] if inner else file.ports[:2]
    said = " and ".join(f"`listen {one}`" for one in where)
    clause = f"; the ConfigMap `{file.name}`{f', {when},' if when else ''} says {said} in `{file.key}`"
    clause += ", which nobody reaches from outside the container" if inner else ""
    row = Evidence(f"configmap {file.name}", f"{file.key}: {said}".replace("`", ""), when.partition(" ")[2])
    if inner:
        return Told(clause, (row,), for_others_too(case, probe, file))
    return Told(clause, (row,), back_to_port(case, blame, probe, file, sent_to(case, probe)))


def sent_to(case: Case, probe: Probe) -> bool:
    """Whether a Service sends to the port that the probe asks: without the probe its callers would be refused there."""
    pod = probe.container.pod
    return any(
        resolved(port, pod.spec) == probe.port
        for service in case.services
        if selects(service, pod.labels) and dicts(service, "spec", "ports")
        for port in service_ports(service)
    )


def _changed(case: Case, thing: Json, container: Container) -> str:
    """`changed 3 min ago`, where it was after it was made and shortly before the container started."""
    written, made = changed_at(thing), moment(dig(thing, "metadata", "creationTimestamp"))
    started = container.running_since
    if not (written and made and started) or written - made <= MADE or not timedelta() <= started - written < SHORTLY:
        return ""
    return f"changed {ago(case.now, written)}"
