"""Memory limits in which nothing can start (class 60): a unit that was misspelt; see views/misspelt.py.

The kubelet blames the sandbox, the container's process or the node for it, depending on what the kernel ends first.
"""

from collections.abc import Iterator

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.classes import cases
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.plans import tiny_limits as plans
from explainers.diagnosis.views.endings import blame, pod_events
from explainers.diagnosis.views.memory import given_by_range, limit_of
from explainers.diagnosis.views.misspelt import as_it_counts, meant, too_little
from explainers.diagnosis.views.pods import Container, Pod, text
from explainers.diagnosis.when import ago
from explainers.document import Evidence
from explainers.patterns import pattern

_MEMORY = pattern(r"memory|OOM|oom")


def never_started(case: Case) -> Iterator[Finding]:
    """60: containers that have not even begun; those that ended are judged with the other endings."""
    for pod in case.unready_pods[:1]:
        ended = any(one.last_end for one in pod.containers)
        small = [one for one in pod.containers if not ended and not one.ran]
        yield from [found for one in small if pod.node and (found := too_small(case, one))][:1]


def of_pod(pod: Pod) -> bool:
    """Whether a container of the pod has such a limit: the sandbox cannot begin with it either."""
    return any(too_little(limit_of(one.spec)) for one in pod.containers)


def too_small(case: Case, container: Container) -> Finding | None:
    """60 for one container, if its limit is that small."""
    limit, pod, ref = limit_of(container.spec), container.pod, blame(case, container.pod)
    if not too_little(limit):
        return None
    right = meant(limit)
    by = ", which a LimitRange gave it," if given_by_range(container) else ""
    clause = (
        f"container `{container.name}` cannot start: its memory limit{by} is `{limit}`, {as_it_counts(limit)}"
        f"{f'; `{right}` is probably meant' if right else ''}"
    )
    seen = [
        Evidence(f"pod {pod.name}", f"limits.memory {limit} of container {container.name}", ago(case.now, pod.created))
    ]
    told = [container.message, *(text(one, "message") for one in pod_events(case, pod) if one.get("type") == "Warning")]
    seen += [Evidence("kubelet", " ".join(words.split())) for words in told if _MEMORY.search(words)][:1]
    plan = plans.right_unit(case, ref, container, right)
    return Finding(60, ref, Layer.CONTAINER, clause, tuple(seen), plan, since=pod.created, about=cases.TINY_LIMIT)


RULES: tuple[Rule, ...] = (never_started,)
