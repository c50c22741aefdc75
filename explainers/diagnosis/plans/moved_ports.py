"""Plans for a program that takes another port than the one that it is asked on."""

from explainers.diagnosis.case import Case
from explainers.diagnosis.plans import probes, values
from explainers.diagnosis.plans.remedies import back_step
from explainers.diagnosis.views.moved_ports import Moved, with_port
from explainers.diagnosis.views.pods import dicts
from explainers.diagnosis.views.probe_specs import Probe
from explainers.diagnosis.views.revisions import recent_change
from explainers.kinds import Ref
from explainers.operations.reads import Get
from explainers.plan import Plan, Step
from explainers.redaction import is_credential


def to_port_asked(case: Case, blame: Ref, probe: Probe, found: Moved, sent_to: bool) -> Plan:
    """Back to before the variable was changed; else the port that is asked, in the variable, where a Service sends to
    it, too; else the other port, in the probe."""
    back = back_step(case, blame) if _changed(case, probe, found) else ()
    expect = "the pods become ready" if probe.kind == "readiness" else "the program listens where its probe asks"
    why = f"listen on {probe.port}, where the probe asks{' and a Service sends to' if sent_to else ''}"
    one = found.variable
    told: tuple[Step, ...] = ()
    if one is not None and not is_credential(one.name, one.value or ""):
        told = values.write(case, probe.container, one, with_port(one, probe.port), why, expect)
    asked = () if sent_to else probes.other_port(case, blame, probe, found.port).steps
    ways = [way for way in (back, *((told, asked) if sent_to else (asked, told))) if way]
    log = probes.without_probe(case, blame, probe, drop=False)
    look = Step(Get(blame.type, blame.namespace, blame.name), "see which port the program is told to take")
    if not ways:
        return Plan((*log.steps, look), log.alternatives)
    return Plan(ways[0], tuple(step for way in ways[1:] for step in way))


def _changed(case: Case, probe: Probe, found: Moved) -> bool:
    """Whether the last change of the workload gave the variable its port."""
    change = recent_change(case)
    if change is None or found.variable is None or found.variable.origin:
        return False
    entries = dicts(change.container_before(probe.container.name), "env")
    was = next((one for one in entries if one.get("name") == found.variable.name), {})
    return bool(entries) and was.get("value") != found.variable.value
