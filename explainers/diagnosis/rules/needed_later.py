"""ConfigMaps and Secrets that a container lacks which has not come to start (classes 49, 50): told beside what keeps it
from that, for it would be the next fault."""

from collections.abc import Iterator

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.plans import config as fixes
from explainers.diagnosis.views.configuration import configuration
from explainers.diagnosis.views.endings import in_trouble
from explainers.diagnosis.views.pods import Pod
from explainers.diagnosis.views.references import references
from explainers.document import Evidence
from explainers.kinds import Ref

MOST = 3
"""Objects that are asked for, at most."""


def lacks_next(case: Case) -> Iterator[Finding]:
    """49, 50: an init container of a pod ends with an error, and what the main containers read does not exist."""
    pod = next((one for one in case.unready_pods[:1] if _held_up(case, one)), None)
    if pod is None:
        return
    names = {one.name for one in pod.main_containers}
    wanted = [one for one in references(pod.spec) if one.container in names and not one.optional]
    for (kind, name), answer in configuration(case, wanted, MOST).items():
        uses = [one for one in wanted if (one.kind, one.name) == (kind, name)]
        if answer.absent:
            word, number = ("Secret", 50) if kind == "Secret" else ("ConfigMap", 49)
            said = f"the {word} `{name}` does not exist either, which {uses[0].place} needs"
            seen = Evidence(f"{word.lower()} {name}", "not found")
            ref = Ref(kind, case.namespace, name)
            yield Finding(number, ref, Layer.POD, said, (seen,), fixes.for_absent(case, uses, ""))


def _held_up(case: Case, pod: Pod) -> bool:
    """Whether an init container that does not succeed keeps every main container from its start."""
    begun = any(one.ran for one in pod.main_containers)
    return not begun and any(one.init and one.last_end and in_trouble(case, one) for one in pod.containers)


RULES: tuple[Rule, ...] = (lacks_next,)
