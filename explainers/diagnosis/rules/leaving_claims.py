"""Claims that were deleted and are still mounted (class 77), told at the workload that uses them.

The claim goes with the last pod that mounts it, and until then no new pod may: a workload that is well now cannot
start its next pod.
Source: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection
"""

from collections.abc import Iterator
from datetime import datetime

from explainers import kinds
from explainers.diagnosis.case import WORKLOADS, Case, Rule
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans.claims import keep_data
from explainers.diagnosis.views.claims import bound_volume, claim_name
from explainers.diagnosis.views.pods import Pod, dicts, dig, text
from explainers.diagnosis.views.unplaced import only_room, verdict_of
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.reads import PAGE, Get, List

_AT = (*(one.name for one in WORKLOADS), kinds.POD.name)


def claims_that_go(case: Case) -> Iterator[Finding]:
    """77: the cause where a new pod waits for such a claim; else what threatens a workload that is well."""
    if case.target.kind not in _AT:
        return
    waiting = next((one for one in case.unready_pods if one.phase == "Pending" and not _began(one)), None)
    if waiting and not only_room(verdict_of(waiting)):
        names = _mounted([waiting])
        answers = case.ask(*(Get(kinds.PERSISTENT_VOLUME_CLAIM, case.namespace, name) for name in names))
        claims = [one.object for one in answers if one.ok]
    elif not case.unready_pods and (names := _mounted(case.pods)):
        (listed,) = case.ask(List(kinds.PERSISTENT_VOLUME_CLAIM, case.namespace, limit=PAGE, metadata_only=True))
        claims = [one for one in listed.items if text(one, "metadata", "name") in names]
    else:
        return
    for claim in claims:
        if since := moment(dig(claim, "metadata", "deletionTimestamp")):
            yield _going(case, text(claim, "metadata", "name"), since, waiting)


def _began(pod: Pod) -> bool:
    return any(one.ran for one in pod.containers)


def _mounted(pods: list[Pod]) -> list[str]:
    names = {claim_name(pod, volume) for pod in pods for volume in dicts(pod.spec, "volumes")}
    return sorted(names - {""})


def _going(case: Case, name: str, since: datetime, waiting: Pod | None) -> Finding:
    claim = case.get(kinds.PERSISTENT_VOLUME_CLAIM, name).object
    holders = [one for one in case.all_pods if one is not waiting and not one.finished and name in _mounted([one])]
    by = f"`{holders[0].name}`" if len(holders) == 1 else f"{len(holders)} pods" if holders else "another pod"
    when = ago(case.now, since)
    if waiting:
        clause = (
            f"its pod `{waiting.name}` cannot start: its claim `{name}` was deleted {when} and is still there only "
            f"because {by} mount{'' if len(holders) > 1 else 's'} it; no new pod may use it"
        )
    else:
        clause = (
            f"its claim `{name}` was deleted {when} and goes once no pod mounts it: it serves until {by} "
            f"end{'' if len(holders) > 1 else 's'}, and no new pod can start then"
        )
    ref = Ref(kinds.PERSISTENT_VOLUME_CLAIM.name, case.namespace, name)
    seen = [Evidence(str(ref), f"metadata.deletionTimestamp {text(claim, 'metadata', 'deletionTimestamp')}", when)]
    seen += [Evidence(f"pod {waiting.name}", verdict_of(waiting))] if waiting and verdict_of(waiting) else []
    seen += [Evidence(f"pod {one.name}", f"mounts the claim {name}, phase {one.phase}") for one in holders[:2]]
    plan = keep_data(ref, bound_volume(case, claim), holders[0].ref if holders else None)
    sure = Confidence.SURE if waiting else Confidence.LIKELY
    return Finding(77, ref, Layer.NEEDS, clause, tuple(seen), plan, sure, since)


RULES: tuple[Rule, ...] = (claims_that_go,)
