"""Configuration that changed after the containers that read it once had started (class 53).

Variables, and files mounted by `subPath`, keep the value that they had when their container started. When the data last
changed stands in the managed fields, for Secrets too, without reading a value. One time there stands for all keys of a
writer: that a value changed which is used is known only where its last writer has no key that is not. Of containers
that work nothing else is a fault: what was changed may be nothing that they use.
Source: https://kubernetes.io/docs/concepts/configuration/configmap/#mounted-configmaps-are-updated-automatically
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.classes import HEALTHY
from explainers.diagnosis.health import health
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.near import nearest
from explainers.diagnosis.views.calls import Call, suspected_calls
from explainers.diagnosis.views.configuration import KINDS, configuration
from explainers.diagnosis.views.pods import Container, Json, Pod, dicts, dig, table, text
from explainers.diagnosis.views.references import Reference, references
from explainers.diagnosis.views.servers import MADE_ONCE
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.reads import Get, GetMetadata
from explainers.operations.rollouts import Restart
from explainers.operations.workloads import workload
from explainers.patterns import pattern
from explainers.plan import Plan, Step

_HOST = pattern(r"[a-z0-9][a-z0-9-]*[a-z0-9]")
_DATA = ("f:data", "f:binaryData", "f:stringData")
MOST = 6
"""Objects that are looked at, at most."""
RECENT = timedelta(days=1)
"""So long a change is noted of which nothing shows that it matters."""


def stale(case: Case) -> Iterable[Finding]:
    """One finding for each object whose data changed after the containers that read it had started."""
    pods = [pod for pod in case.pods if any(one.running_since for one in pod.main_containers)]
    ref = case.workload_ref
    if not pods or ref is None or ref.kind in ("Job", "CronJob"):
        return
    uses = [one for one in references(pods[0].spec) if one.fixed]
    for (kind, name), answer in configuration(case, uses, MOST).items():
        mine = [one for one in uses if (one.kind, one.name) == (kind, name)]
        yield from _judged(case, ref, pods, mine, answer.object)


def outgrown(case: Case, call: Call) -> bool:
    """Whether the pods still call a name that stands nowhere any more: a ConfigMap that they read at their start was
    changed since, and has nearly that name now."""
    if call.complaint is None or call.address.container or call.address.config_map or not case.pods:
        return False
    uses = [one for one in references(case.pods[0].spec) if one.fixed and one.kind == "ConfigMap"]
    read = configuration(case, uses, MOST)
    return any(
        _near(call, read[one.kind, one.name].object) and _outlived(case.pods, one, read[one.kind, one.name].object)
        for one in uses
        if (one.kind, one.name) in read
    )


def _near(call: Call, thing: Json) -> bool:
    """Whether the data of a ConfigMap names a host that is nearly the one that is called."""
    words = {word for value in table(thing, "data").values() for word in _HOST.findall(str(value).lower())}
    return call.address.host not in words and bool(nearest(call.name or call.address.host, words))


def _outlived(pods: Sequence[Pod], use: Reference, thing: Json) -> list[Pod]:
    """The pods that run since before the change of what they read once."""
    changed = changed_at(thing, use.key)
    return [pod for pod in pods if changed and _older(pod, use, changed)]


def _judged(case: Case, ref: Ref, pods: Sequence[Pod], uses: Sequence[Reference], thing: Json) -> Iterator[Finding]:
    late = [use for use in uses if _outlived(pods, use, thing)]
    keys = {one.key for one in uses if one.key and not any(f"`{name}`" in one.place for name in MADE_ONCE)}
    for use in sorted(late, key=lambda one: not _surely(one, thing, keys))[:1]:
        changed, old = changed_at(thing, use.key), _outlived(pods, use, thing)
        calls = [call for call in suspected_calls(case) if outgrown(case, call) and _near(call, thing)]
        ready = all(one.ready for pod in old for one in _readers(pod, use))  # else another container is the fault
        surely = _surely(use, thing, keys)
        if changed and ready and not calls and not surely:
            state = health(case)
            if state.good and case.now - changed < RECENT:
                yield _note(case, ref, old, use, changed, state.serving)
        elif changed:
            yield _finding(
                case, ref, old, use, changed, calls, ready=ready, of=_written(thing, use.key) if surely else None
            )


def _surely(use: Reference, thing: Json, keys: set[str]) -> bool:
    """Whether a value has changed that is used, of these keys, so that a new start would take another one."""
    return use.key in keys and _written(thing, use.key) <= keys


def changed_at(thing: Json, key: str = "") -> datetime | None:
    """When the data of a ConfigMap or Secret was last written, of one key if given; None when that is not recorded."""
    times = [
        time
        for entry in dicts(thing, "metadata", "managedFields")
        if (time := moment(entry.get("time"))) and _wrote(entry, key)
    ]
    return max(times, default=None)


def _written(thing: Json, key: str) -> set[str]:
    """The keys of which the last write of this one may have been: all that its writer has."""
    wrote = [one for one in dicts(thing, "metadata", "managedFields") if moment(one.get("time")) and _wrote(one, key)]
    last = max(wrote, key=lambda one: text(one, "time"), default={})
    fields = dig(last, "fieldsV1")
    return {name.removeprefix("f:") for side in _DATA for name in table(fields, side) if name != "."}


def _wrote(entry: Json, key: str) -> bool:
    fields = dig(entry, "fieldsV1")
    written = [table(fields, name) for name in _DATA]
    return any(f"f:{key}" in one if key else one for one in written)


def _older(pod: Pod, use: Reference, changed: datetime) -> bool:
    """Whether a container that reads it has been running since before the change."""
    return any(since < changed for one in _readers(pod, use) if (since := one.running_since))


def _readers(pod: Pod, use: Reference) -> list[Container]:
    return [one for one in pod.main_containers if _reads(one, use)]


def _reads(container: Container, use: Reference) -> bool:
    if use.container:
        return container.name == use.container
    mounts = dicts(container.spec, "volumeMounts")
    return any(text(one, "subPath") and f"`{text(one, 'name')}`" in use.place for one in mounts)


def _finding(
    case: Case,
    ref: Ref,
    old: Sequence[Pod],
    use: Reference,
    changed: datetime,
    calls: Sequence[Call],
    *,
    ready: bool,
    of: set[str] | None,
) -> Finding:
    """`calls` are those of a name that the data does not have any more; `of` the used keys of which one has changed."""
    what = f"key `{use.key}` of the {use.kind} `{use.name}`" if of == {use.key} else f"the {use.kind} `{use.name}`"
    clause = (
        f"{'its pods run' if ready else 'its pods are not ready and run'} with old configuration: {what}, which "
        f"{_reader(old, use)} reads only when its container starts, changed {ago(case.now, changed)}, "
        "after they started"
    )
    if calls:
        clause = f"it still calls `{calls[0].address.host}`: {clause}"
    rows = [row for call in calls[:1] for row in call.evidence]
    rows += _rows(case, old, use, changed)
    again = _again(case, ref, "make new pods, which read it anew")
    weak = ready or bool(use.key and of is None)
    confidence = Confidence.SURE if calls else Confidence.POSSIBLE if weak else Confidence.LIKELY
    return Finding(53, ref, Layer.NEEDS, clause, tuple(rows), Plan(again), confidence, changed)


def _note(case: Case, ref: Ref, old: Sequence[Pod], use: Reference, changed: datetime, serving: str) -> Finding:
    """125: what they read at their start was written since, and nothing shows that they miss it."""
    clause = (
        f"{serving}; the {use.kind} `{use.name}` changed {ago(case.now, changed)}, and "
        f"{_reader(old, use)} reads it only when its container starts"
    )
    kind = KINDS[use.kind]
    look = (GetMetadata if kind == kinds.SECRET else Get)(kind, case.namespace, use.name)
    again = _again(case, ref, "only if they are to have what is new in it: new pods read it")
    plan = Plan((Step(look, "see who wrote it, when, and which keys it has"),), again)
    rows = tuple(_rows(case, old, use, changed))
    return Finding(HEALTHY, ref, Layer.NEEDS, clause, rows, plan, Confidence.POSSIBLE, changed, benign=True)


def _reader(old: Sequence[Pod], use: Reference) -> str:
    return use.place + (
        "" if use.container else f" ({', '.join(f'`{one}`' for one in _files(old[0], use))} by `subPath`)"
    )


def _rows(case: Case, old: Sequence[Pod], use: Reference, changed: datetime) -> list[Evidence]:
    rows = [Evidence(f"{use.kind.lower()} {use.name}", "its data was last written", ago(case.now, changed))]
    return rows + [
        Evidence(f"pod {pod.name}", "its container has been running since before", ago(case.now, pod.created))
        for pod in old[:2]
    ]


def _again(case: Case, ref: Ref, why: str) -> tuple[Step, ...]:
    if not workload(ref.type):
        return ()
    again = Restart(ref.type, ref.namespace, ref.name, case.now)
    return (Step(again, why, "the new pods become ready one after another"),)


def _files(pod: Pod, use: Reference) -> list[str]:
    mounts = [one for container in pod.main_containers for one in dicts(container.spec, "volumeMounts")]
    return sorted({text(one, "subPath") for one in mounts if f"`{text(one, 'name')}`" in use.place} - {""})
