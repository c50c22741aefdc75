"""Probes that ask a port by a name that their container does not declare (class 64): the kubelet looks for it among
the ports of that container alone, and asks nobody where it finds none.

Source: ResolveContainerPort in k8s.io/kubernetes/pkg/probe/util.go
"""

from collections.abc import Iterator

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.classes import cases
from explainers.diagnosis.health import health
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.plans import probes as plans
from explainers.diagnosis.views.endings import blame
from explainers.diagnosis.views.pods import dicts, number, text
from explainers.diagnosis.views.probe_specs import Probe, probe_of
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.plan import Plan


def names_no_port(probe: Probe) -> bool:
    return bool(probe.written_port) and not probe.port


def unknown_port(case: Case, ref: Ref, probe: Probe) -> tuple[str, Plan]:
    """What is wrong with such a probe, and the port that it may mean instead."""
    ports = dicts(probe.container.spec, "ports")
    declared = [text(port, "name") for port in ports if text(port, "name")]
    right = nearest_one(probe.written_port, declared) or next(iter(declared), "")
    instead = f"; it declares {', '.join(f'`{name}`' for name in declared)}" if declared else ""
    said = (
        f"the {probe.kind} probe of container `{probe.container.name}` asks port `{probe.written_port}`, "
        f"and the container has no port of that name{_elsewhere(probe)}{instead}"
    )
    wanted = right or next((number(port, "containerPort") for port in ports), 0)
    plan = plans.other_port(case, ref, probe, wanted) if wanted else plans.without_probe(case, ref, probe)
    return said, plan


def _elsewhere(probe: Probe) -> str:
    others = [one for one in probe.container.pod.containers if one.name != probe.container.name]
    having = [
        one for one in others if any(text(port, "name") == probe.written_port for port in dicts(one.spec, "ports"))
    ]
    return f" (container `{having[0].name}` has it)" if having else ""


def never_asked(case: Case) -> Iterator[Finding]:
    """64, of a target that is well: a liveness probe that asks nobody ends no container, whatever happens to it."""
    pod = next((one for one in case.pods if one.ready), None)
    for container in pod.main_containers if pod else []:
        probe = probe_of(container, "liveness")
        if probe and names_no_port(probe) and health(case).good:
            ref = blame(case, container.pod)
            said, plan = unknown_port(case, ref, probe)
            clause = f"{health(case).serving}, but {said}: it has never worked, and restarts nothing that hangs"
            field = f"{probe.field}.{probe.handler}.port {probe.written_port}"
            seen = (Evidence(f"container {container.name}", f"{field}, which it does not declare"),)
            yield Finding(64, ref, Layer.WORKLOAD, clause, seen, plan, benign=True, about=cases.PORT_NAMES)


RULES: tuple[Rule, ...] = (never_asked,)
