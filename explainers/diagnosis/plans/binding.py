"""The plans that let a program listen: for others too, and on a port that only root may have."""

import re
from functools import partial

from explainers.diagnosis.case import Case
from explainers.diagnosis.plans import remedies
from explainers.diagnosis.plans.waiting import in_words, running_log
from explainers.diagnosis.views.binding import Bound
from explainers.diagnosis.views.endings import Ending
from explainers.diagnosis.views.pods import Container, dicts, text, words
from explainers.kinds import Ref
from explainers.operations.objects import in_pod_spec
from explainers.operations.patches import Patch
from explainers.operations.workloads import SetEnv
from explainers.patterns import pattern
from explainers.plan import Plan, Step

_FROM = "net.ipv4.ip_unprivileged_port_start"
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
        return remedies.first_of(in_words(case, blame, container, partial(word.sub, EVERYBODY), why, expect), (), look)
    if not found.variable or blame.kind not in remedies.CHANGEABLE:
        return Plan((look, remedies.read_spec(blame)))
    was = next(text(one, "value") for one in dicts(container.spec, "env") if text(one, "name") == found.variable)
    now = was.replace(found.address, EVERYBODY)
    change = SetEnv(
        blame.type, blame.namespace, blame.name, container.name, ((found.variable, now),), was=((found.variable, was),)
    )
    return Plan((Step(change, why, expect), *remedies.another_pod(case, blame, container)))


def lacks_low_ports(container: Container) -> bool:
    """Whether the spec takes from the container the capability to listen on ports below 1024."""
    dropped, added = (
        {one.upper().removeprefix("CAP_") for one in words(container.spec, "securityContext", "capabilities", key)}
        for key in ("drop", "add")
    )
    return bool(dropped & {"ALL", "NET_BIND_SERVICE"}) and not added & {"ALL", "NET_BIND_SERVICE"}


def below_1024(ending: Ending, port: int) -> Plan:
    """Let everybody in the pod listen from this port on; on the node's own network only a capability or another port
    helps."""
    case, blame, container = ending.case, ending.blame, ending.container
    look = remedies.read_spec(blame)
    if container.pod.spec.get("hostNetwork") is True or blame.kind not in remedies.CHANGEABLE:
        why = f"`{blame}` as it is now: let the program listen on a port of 1024 or more, and what sends to it use that"
        return Plan((Step(look.operation, why),))
    have = [one for one in dicts(container.pod.spec, "securityContext", "sysctls") if text(one, "name") != _FROM]
    forth, back = (
        in_pod_spec(blame.type, {"securityContext": {"sysctls": listed}})
        for listed in ([*have, {"name": _FROM, "value": str(port)}], have or None)
    )
    why = f"let any user in the pod listen on port {port} and above; or give the program a port of 1024 or more"
    change = Patch(blame.type, blame.namespace, blame.name, forth, back=back)
    return Plan((Step(change, why, "the container stays up"), *remedies.another_pod(case, blame, container)))
