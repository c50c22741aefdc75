"""What the cluster itself said last about a target that no rule explains: somebody has to look at that next."""

from collections.abc import Iterator

from explainers.diagnosis.case import Case, event_time
from explainers.diagnosis.logs.lines import tail
from explainers.diagnosis.views.endings import pod_events
from explainers.diagnosis.views.pods import Json, Pod, text
from explainers.diagnosis.views.unplaced import verdict_of
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence

MOST = 5
UNPLACED = "FailedScheduling"
"""What a condition says as well, as long as the pod has no node."""
LINES = 2
"""Lines of the log of a container that runs and is not ready."""


def last_words(case: Case) -> tuple[Evidence, ...]:
    """Waiting messages, newest warnings and ends of logs of the newest pods that are not ready, and warnings about the
    target itself; at most `MOST`. Raises Missing while they are to be read."""
    found: list[Evidence] = []
    for pod in case.unready_pods[:2]:
        found += _of_pod(case, pod)
    for ref in dict.fromkeys(ref for ref in (case.target, case.workload_ref) if ref and ref.kind != "Pod"):
        found += [_event(case, one, str(ref)) for one in _warnings(case.events(ref))]
    return tuple(dict.fromkeys(found))[:MOST]


def _of_pod(case: Case, pod: Pod) -> Iterator[Evidence]:
    for one in pod.containers:
        if one.waiting and one.message:
            yield Evidence(f"pod {pod.name}", f"{one.name} waits: {one.waiting}: {one.message}")
    if said := verdict_of(pod):
        yield Evidence(f"pod {pod.name}", said, ago(case.now, pod.created))
    told = pod_events(case, pod)
    for event in _warnings([one for one in told if text(one, "reason") != UNPLACED]):
        yield _event(case, event, f"pod {pod.name}")
    for one in pod.main_containers:
        if one.running_since and not one.ready and (lines := tail(case.log(one).text, LINES)):
            yield Evidence(f"log of {pod.name}/{one.name}", f"ends with: {' · '.join(lines)}")


def _warnings(events: list[Json]) -> list[Json]:
    """The newest warning, if nothing was said after it."""
    return [one for one in events[:1] if one.get("type") == "Warning"]


def _event(case: Case, event: Json, of: str) -> Evidence:
    said = " ".join(text(event, "message").split())
    return Evidence(f"event {text(event, 'reason')} of {of}", said, ago(case.now, moment(event_time(event))))
