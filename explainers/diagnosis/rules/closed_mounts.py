"""Programs that run on and never become ready, for they may not write a volume that is mounted read-only
(class 68)."""

from collections.abc import Iterator

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.logs.lasting import telling_now
from explainers.diagnosis.logs.lines import clean, lines_of
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans import owners, remedies
from explainers.diagnosis.rules.files import closed
from explainers.diagnosis.views.endings import Ending, blame, in_trouble
from explainers.diagnosis.views.pods import Container, text
from explainers.diagnosis.views.probe_specs import probe_of
from explainers.document import Evidence
from explainers.plan import Plan

OFTEN = 3
"""So many lines that say the same tell of what goes on."""


def cannot_write(case: Case) -> Iterator[Finding]:
    """68: what a running program that is not ready says now is that it may not write."""
    for pod in case.unready_pods[:2]:
        running = [one for one in pod.main_containers if one.running_since and not one.ready]
        found = next((found for one in running if not in_trouble(case, one) and (found := _of(case, one))), None)
        if found:
            yield found
            return


def _of(case: Case, container: Container) -> Finding | None:
    log = case.log(container).text
    told = telling_now(log)
    shut = closed(container, told.line, told.english) if told else None
    if told is None or shut is None or not shut.mount:
        return None
    ending = Ending(case, container, blame(case, container.pod), case.alike(container.pod))
    probe, folder = probe_of(container, "readiness"), text(shut.mount, "mountPath").rstrip("/")
    asked = probe is not None and folder in probe.command
    often = sum(clean(line) == told.line for line in lines_of(log)) >= OFTEN
    look = Plan((remedies.read_spec(ending.blame),))
    plan = owners.may_write(ending, shut.mount, shut.volume) or look
    clause = f"container `{container.name}` may not write `{shut.path}`: {shut.why}; it runs on and is not ready"
    rows = (
        Evidence(f"log of {container.pod.name}/{container.name}", told.line),
        Evidence(f"container {container.name}", f"volumeMounts: {folder} is read-only"),
    )
    sure = Confidence.SURE if asked or often else Confidence.LIKELY
    return Finding(68, ending.blame, Layer.CONTAINER, clause, rows, plan, sure)


RULES: tuple[Rule, ...] = (cannot_write,)
