"""Plans for a program whose mounted file tells it to listen elsewhere than it is asked."""

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.plans import probes
from explainers.diagnosis.plans.again import read_anew
from explainers.diagnosis.plans.mounted import LONGEST
from explainers.diagnosis.views.configured_ports import Written, listening_on
from explainers.diagnosis.views.pods import text
from explainers.diagnosis.views.probe_specs import Probe
from explainers.kinds import Ref
from explainers.operations.patches import Patch
from explainers.operations.reads import Get
from explainers.plan import Plan, Step
from explainers.redaction import HIDDEN, redact


def back_to_port(case: Case, blame: Ref, probe: Probe, file: Written, sent_to: bool) -> Plan:
    """The port that is asked, in the file, where a Service sends to it, too; else the file's port, in the probe."""
    (port, *_) = file.ports
    look = Step(
        Get(kinds.CONFIG_MAP, case.namespace, file.name), f"see `{file.key}`: it says where the program listens"
    )
    in_file = _rewritten(case, probe, file, port)
    if sent_to:
        return Plan(in_file or (look,), (look,) if in_file else ())
    asked = probes.other_port(case, blame, probe, port)
    return Plan(asked.steps, (*in_file, *asked.alternatives))


def _rewritten(case: Case, probe: Probe, file: Written, port: int) -> tuple[Step, ...]:
    was, thing = file.text, file.object
    new = listening_on(was, port, probe.port)
    shown = len(new) <= LONGEST and HIDDEN not in new and redact(new) == new
    if len(file.ports) > 1 or thing.get("immutable") is True or not shown:
        return ()
    body, back = ({"data": {file.key: each}} for each in (new, was))
    change = Patch(kinds.CONFIG_MAP, text(thing, "metadata", "namespace"), file.name, body, "merge", back)
    again = read_anew(case, "make new pods, which read the corrected file", "new pods become ready")
    why = f"listen on {probe.port}, in `{file.key}`, where the probe asks"
    return (Step(change, why, "" if again else "the probe passes after the next start"), *again)
