"""Plans for a program whose mounted file tells it to listen elsewhere than it is asked."""

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.plans import probes
from explainers.diagnosis.plans.again import read_anew
from explainers.diagnosis.plans.mounted import LONGEST
from explainers.diagnosis.views.configured_ports import Written, listening_for_all, listening_on
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
    look = _look(case, file)
    why = f"listen on {probe.port}, in `{file.key}`, where the probe asks"
    alone = len(file.ports) == 1
    in_file = _rewritten(case, file, listening_on(file.text, port, probe.port), why) if alone else ()
    if sent_to:
        return Plan(in_file or (look,), (look,) if in_file else ())
    asked = probes.other_port(case, blame, probe, port)
    return Plan(asked.steps, (*in_file, *asked.alternatives))


def for_others_too(case: Case, probe: Probe, file: Written) -> Plan:
    """The port of the file without its loopback address, which not even the kubelet reaches."""
    look = _look(case, file)
    why = f"listen on every address of the pod, in `{file.key}`, not on {file.inner[probe.port]} only"
    in_file = _rewritten(case, file, listening_for_all(file.text, probe.port), why)
    return Plan(in_file or (look,), (look,) if in_file else ())


def _look(case: Case, file: Written) -> Step:
    why = f"see `{file.key}`: it says where the program listens"
    return Step(Get(kinds.CONFIG_MAP, case.namespace, file.name), why)


def _rewritten(case: Case, file: Written, new: str, why: str) -> tuple[Step, ...]:
    was, thing = file.text, file.object
    shown = len(new) <= LONGEST and HIDDEN not in new and redact(new) == new
    if thing.get("immutable") is True or not shown:
        return ()
    body, back = ({"data": {file.key: each}} for each in (new, was))
    change = Patch(kinds.CONFIG_MAP, text(thing, "metadata", "namespace"), file.name, body, "merge", back)
    again = read_anew(case, "make new pods, which read the corrected file", "new pods become ready")
    return (Step(change, why, "" if again else "the probe passes after the next start"), *again)
