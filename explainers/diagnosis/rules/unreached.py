"""Programs that are ended for a command that looks whether they work (class 62, 63), while what they need cannot be
reached: such a probe does what it is for. Used by rules/killed.py."""

from dataclasses import replace

from explainers.diagnosis.case import Case
from explainers.diagnosis.classes import cases
from explainers.diagnosis.logs.connections import Connection
from explainers.diagnosis.logs.lasting import LATEST, not_worked_since
from explainers.diagnosis.logs.lines import lines_of
from explainers.diagnosis.logs.stamps import Stamped
from explainers.diagnosis.logs.without import left_behind
from explainers.diagnosis.model import Confidence, Finding
from explainers.diagnosis.plans.probes import without_probe
from explainers.diagnosis.rules.probes import probe_fault
from explainers.diagnosis.views.calls import REACHED, log_name
from explainers.diagnosis.views.endings import Ending, last_log, log_source
from explainers.diagnosis.views.pods import Container
from explainers.diagnosis.views.probe_specs import Failed, Failure, Probe
from explainers.diagnosis.views.probe_words import kills
from explainers.diagnosis.views.telemetry import of_telemetry
from explainers.document import Evidence

NUMBERS = {"liveness": 62, "startup": 63}


def while_unreached(ending: Ending, probe: Probe, fails: Failed | None, rows: tuple[Evidence, ...]) -> Finding | None:
    """62, 63: its own command says that it does not work, and its log to the end that it cannot reach something."""
    asks_itself = probe.handler == "exec" and (
        fails is None or (fails.failure is Failure.COMMAND and not fails.unheard)
    )
    called = _in_vain(ending.case, ending.container) if asks_itself else None
    if called is None:
        return None
    container = ending.container
    vain = "that its calls to `{}` fail" if called.failure in REACHED else "that it cannot reach `{}`"
    said = f"container `{container.name}` says {vain.format(called.target)}, and most likely does no work then: "
    source = log_source(container) if container.last_end else log_name(container)
    shown = (*rows, Evidence(source, called.line))
    plan = without_probe(ending.case, ending.blame, probe, drop=False)
    said += kills(ending, probe, fails)
    found = probe_fault(NUMBERS[probe.kind], ending.case, ending.blame, said, shown, plan, Confidence.LIKELY)
    return replace(found, about=cases.HEARTBEAT)


def _in_vain(case: Case, container: Container) -> Connection | None:
    """The call that failed among the last lines of the run that was ended, or is, and has not worked since."""
    log = (last_log(case, container) if container.last_end else case.log(container)).text
    total = len(lines_of(log))
    return next(
        (
            one for one in not_worked_since(Stamped(log))
            if one.target and total - one.index <= LATEST and not left_behind(log, one) and not of_telemetry(one, [])
        ),
        None,
    )  # fmt: skip
