"""The plan that lets a program listen for others too."""

import re

from explainers.diagnosis.case import Case
from explainers.diagnosis.plans import remedies
from explainers.diagnosis.plans.waiting import in_words, running_log
from explainers.diagnosis.views.binding import Bound
from explainers.diagnosis.views.pods import Container, dicts, text, words
from explainers.kinds import Ref
from explainers.operations.workloads import SetEnv
from explainers.patterns import pattern
from explainers.plan import Plan, Step

EVERYBODY = "0.0.0.0"  # noqa: S104 # nosec B104 # inside a pod, whose address is the cluster's


def for_everybody(
    case: Case,
    blame: Ref,
    container: Container,
    found: Bound,
    expect: str = "connections through the service succeed once the pods are new",
) -> Plan:
    """Bind to every address of the pod where the spec says where to bind; else look at what the program says."""
    why = f"let `{container.name}` listen on every address of its pod instead of {found.address}"
    look = running_log(container)
    word = pattern(rf"(?<![\w.]){re.escape(found.address)}(?![\w.])")
    written = " ".join([*words(container.spec, "command"), *words(container.spec, "args")])
    if found.written and len(word.findall(written)) == 1:
        return remedies.first_of(in_words(case, blame, container, word, EVERYBODY, why, expect), (), look)
    if not found.variable or blame.kind not in remedies.CHANGEABLE:
        return Plan((look, remedies.read_spec(blame)))
    was = next(text(one, "value") for one in dicts(container.spec, "env") if text(one, "name") == found.variable)
    now = was.replace(found.address, EVERYBODY)
    change = SetEnv(
        blame.type, blame.namespace, blame.name, container.name, ((found.variable, now),), was=((found.variable, was),)
    )
    return Plan((Step(change, why, expect), *remedies.another_pod(case, blame, container)))
