"""Storage (classes 91–97, 99): the claims that a pod mounts, or the claim that was asked about."""

from collections.abc import Iterator
from math import inf

from explainers import kinds
from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.plans import claims as plans
from explainers.diagnosis.rules.consumers import first_consumer
from explainers.diagnosis.rules.named_volumes import bound_by_name
from explainers.diagnosis.views.claims import (
    ONE_WRITER,
    SELECTED_NODE,
    STATIC,
    WAITS,
    Claim,
    asked_by_template,
    claims_of,
    supported,
    unfit,
)
from explainers.diagnosis.views.named import named
from explainers.diagnosis.views.pods import Json, Pod, dicts, dig, table, text
from explainers.diagnosis.views.provisioning import FAILED, PATIENCE, begun, still_made, told_of
from explainers.diagnosis.views.unplaced import only_room, somewhere, verdict_of
from explainers.diagnosis.views.volumes import left_by, volumes_of
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.plan import Plan


def mounted(case: Case) -> Iterator[Finding]:
    """91–97: a pod that does not start for lack of a volume."""
    pod = next((one for one in case.unready_pods if one.phase == "Pending" and not _started(one)), None)
    if pod is None or only_room(verdict_of(pod)):
        return
    for claim in claims_of(case, pod):
        yield from _missing(case, pod, claim)
        yield from _unbound(case, claim)
        yield from _elsewhere(case, pod, claim)


def asked_about(case: Case) -> Iterator[Finding]:
    """92–94, 97 and 99 for a claim that is itself the target."""
    if case.target.kind != "PersistentVolumeClaim" or not case.object:
        return
    (answer,) = (case.get(kinds.PERSISTENT_VOLUME_CLAIM, case.target.name),)
    claim = Claim(case.target.name, "", answer)
    yield from _unbound(case, claim)
    if claim.phase != "Pending" or not claim.storage_class or claim.volume_name:
        return
    storage_class = case.get(kinds.STORAGE_CLASS, claim.storage_class)
    if text(storage_class.object, "volumeBindingMode") == WAITS and not _chosen_node(claim):
        yield from first_consumer(case, claim, _seen(case, claim))


def _started(pod: Pod) -> bool:
    return any(one.ran for one in pod.containers)


def _chosen_node(claim: Claim) -> str:
    return text(claim.object, "metadata", "annotations", SELECTED_NODE)


def _since(claim: Claim) -> str:
    return text(claim.object, "metadata", "creationTimestamp")


def _seen(case: Case, claim: Claim) -> Evidence:
    told = f"phase {claim.phase}, storageClassName {claim.storage_class or 'empty'}"
    return Evidence(f"persistentvolumeclaim {claim.name}", told, ago(case.now, moment(_since(claim))))


def _missing(case: Case, pod: Pod, claim: Claim) -> Iterator[Finding]:
    if not claim.answer.absent:
        return
    names = named(case, kinds.PERSISTENT_VOLUME_CLAIM)
    near = "" if claim.made_by_template else nearest_one(claim.name, names or ())
    others = "there is 1 other" if names and len(names) == 1 else f"there are {len(names or ())} others"
    there = f"the nearest name is `{near}`" if near else others if names else "there is none"
    clause = f"its pods mount the claim `{claim.name}`, which does not exist"
    if names is not None:
        clause += f" in `{case.namespace}` ({there})"
    seen = [
        Evidence(f"pod {pod.name}", f"volume {claim.volume} mounts the claim {claim.name}"),
        Evidence(f"persistentvolumeclaim {claim.name}", "does not exist"),
        Evidence(f"pod {pod.name}", verdict_of(pod) or f"phase {pod.phase}", ago(case.now, pod.created)),
    ]
    left = left_by(case, claim.name)
    if left:
        volume = text(left[0], "metadata", "name")
        clause = (
            f"its pods mount the claim `{claim.name}`, which was deleted; its volume `{volume}` is left, Released, "
            "with the data on it"
        )
        released = ago(case.now, moment(dig(left[0], "status", "lastPhaseTransitionTime")))
        seen.append(Evidence(f"persistentvolume {volume}", f"phase Released, of the claim {claim.name}", released))
        plan = plans.bind_again(case, claim, left[0])
    else:
        plan = plans.create(case, claim, near, asked_by_template(case, pod, claim), left is not None)
    yield Finding(91, claim.ref(case.namespace), Layer.NEEDS, clause, tuple(seen), plan, since=pod.created)


def _unbound(case: Case, claim: Claim) -> Iterator[Finding]:
    if claim.phase == "Lost":
        yield _lost(case, claim)
    if claim.phase != "Pending":
        return
    if claim.volume_name:
        yield from bound_by_name(case, claim)
        return
    if not claim.storage_class:
        yield from _no_class(case, claim)
        return
    answer = case.get(kinds.STORAGE_CLASS, claim.storage_class)
    if answer.absent and volumes_of(case, claim.storage_class):
        yield from _no_volume(case, claim, f"no class `{claim.storage_class}` exists that would make one")
    elif answer.absent:
        yield _class_absent(case, claim)
    elif answer.ok and text(answer.object, "provisioner") == STATIC:
        if text(answer.object, "volumeBindingMode") != WAITS or _chosen_node(claim):
            yield from _no_volume(case, claim, f"the class `{claim.storage_class}` makes none by itself")
    elif answer.ok and (text(answer.object, "volumeBindingMode") != WAITS or _chosen_node(claim)):
        yield from _not_provisioned(case, claim, text(answer.object, "provisioner"))


def _finding(case: Case, number: int, claim: Claim, clause: str, plan: Plan, *evidence: Evidence) -> Finding:
    where, seen = claim.ref(case.namespace), _seen(case, claim)
    return Finding(number, where, Layer.NEEDS, clause, (seen, *evidence), plan, since=moment(_since(claim)))


def _lost(case: Case, claim: Claim) -> Finding:
    clause = f"the claim `{claim.name}` is Lost: the volume `{claim.volume_name}` that it was bound to is gone"
    plan = plans.look_at(
        claim.ref(case.namespace), "note size and class; restore the volume from a backup if it held data"
    )
    return _finding(case, 97, claim, clause, plan)


def _classes(case: Case) -> list[Json]:
    return case.find(kinds.STORAGE_CLASS).items


def _class_absent(case: Case, claim: Claim) -> Finding:
    classes = _classes(case)
    names = sorted(text(one, "metadata", "name") for one in classes)
    near = nearest_one(claim.storage_class, names)
    there = f"there is {', '.join(f'`{name}`' for name in names[:4])}" if names else "the cluster has none"
    clause = (
        f"the claim `{claim.name}` asks for the storage class `{claim.storage_class}`, which does not exist ({there})"
    )
    told = [text(event, "message") for event in case.events(claim.ref(case.namespace))]
    failed = [Evidence("event ProvisioningFailed", words) for words in told if claim.storage_class in words][:1]
    absent = Evidence(f"storageclass {claim.storage_class}", "does not exist")
    meant = next((one for one in classes if text(one, "metadata", "name") == near), None)
    plan = plans.without_class(case, claim, meant or plans.usable_default(claim, classes))
    return _finding(case, 92, claim, clause, plan, absent, *failed)


def _no_class(case: Case, claim: Claim) -> Iterator[Finding]:
    if "storageClassName" in table(claim.object, "spec"):
        why = "it asks for no storage class, so nothing makes one"
    else:
        why = "it names no storage class and had no default one, so nothing makes one"
    yield from _no_volume(case, claim, why)


def _no_volume(case: Case, claim: Claim, why: str) -> Iterator[Finding]:
    """No volume of that class is free and fits; say what the nearest one lacks."""
    clause = f"no volume fits the claim `{claim.name}` (`{claim.size}`): {why}"
    every = volumes_of(case, claim.storage_class)
    same = every or []
    lacking = [(text(one, "metadata", "name"), unfit(claim, one)) for one in same]
    if not all(reason for _, reason in lacking) and _age(case, claim) < PATIENCE.total_seconds():
        return  # it fits, and is bound in a moment
    near = [one for one in lacking if not one[1].startswith("belongs")]
    shown = sorted(near, key=lambda one: (bool(one[1]), one[0]))
    if shown:
        clause += f"; `{shown[0][0]}` {shown[0][1] or 'seems to, and is not bound to it'}"
    elif every is not None:
        clause += ", and no free one exists"
    told = [Evidence(f"persistentvolume {name}", reason.replace("`", "")) for name, reason in lacking[:3] if reason]
    first = shown[0][0] if shown else ""
    plan = plans.volume_that_fits(case, claim, first, plans.usable_default(claim, _classes(case)))
    yield _finding(case, 93, claim, clause, plan, *told)


def _age(case: Case, claim: Claim) -> float:
    """Seconds since the claim was made; endless where that is not known."""
    made = moment(_since(claim))
    return (case.now - made).total_seconds() if made else inf


def _not_provisioned(case: Case, claim: Claim, provisioner: str) -> Iterator[Finding]:
    if _age(case, claim) < PATIENCE.total_seconds() or moment(_since(claim)) is None:
        return
    told = next((event for event in told_of(case, claim) if event.get("reason") == FAILED), None)
    if told is None and still_made(case, claim):
        yield from _being_made(case, claim, provisioner)
        return
    storage_class = Ref("StorageClass", "", claim.storage_class)
    why = f"see the provisioner's name, then look for its pods: `{provisioner}` must run"
    if told:
        clause = f'the claim `{claim.name}` gets no volume: `{provisioner}` answers "{text(told, "message")}"'
        said = [Evidence("event ProvisioningFailed", text(told, "message"))]
    elif since := begun(case, claim):
        clause = (
            f"the claim `{claim.name}` waits for a volume that `{provisioner}` began to make {ago(case.now, since)}, "
            "and nothing has been heard of it since"
        )
        said = [Evidence("event Provisioning", f"of {provisioner}", ago(case.now, since))]
        why = f"see the provisioner's name, then read the log of its pods: what `{provisioner}` does stands there"
    else:
        clause = f"the claim `{claim.name}` waits for a volume that `{provisioner}` should make and does not"
        said = [Evidence(f"storageclass {claim.storage_class}", f"provisioner: {provisioner}")]
    plan = plans.look_at(storage_class, why)
    modes = supported(text(told, "message")) if told else []
    if ONE_WRITER in modes and not set(claim.modes) <= set(modes):
        plan = plans.with_one_writer(case, claim) or plan
    found = _finding(case, 94, claim, clause, plan, *said)
    yield Finding(94, found.subject, found.layer, clause, found.evidence, plan, Confidence.LIKELY, found.since)


def _being_made(case: Case, claim: Claim, provisioner: str) -> Iterator[Finding]:
    """125: a provisioner takes its time."""
    since = begun(case, claim)
    if since:
        began = ago(case.now, since)
        clause = f"the volume of the claim `{claim.name}` is being made by `{provisioner}`, which began {began}"
        seen = Evidence("event Provisioning", f"of {provisioner}", began)
    else:
        clause = f"`{provisioner}` has been asked for the volume of the claim `{claim.name}` and has not begun it yet"
        seen = _seen(case, claim)
    yield Finding(125, claim.ref(case.namespace), Layer.NEEDS, clause, (seen,), benign=True)


def _elsewhere(case: Case, pod: Pod, claim: Claim) -> Iterator[Finding]:
    """96: the volume exists, on a node that cannot take the pod."""
    told = verdict_of(pod).lower()
    if claim.phase != "Bound" or "node affinity" not in told or "volume" not in told:
        return
    name = claim.volume_name
    volume = case.get(kinds.PERSISTENT_VOLUME, name).object
    terms = dicts(volume, "spec", "nodeAffinity", "required", "nodeSelectorTerms")
    rules = [rule for term in terms for rule in dicts(term, "matchExpressions")]
    if not rules:
        return
    lone = next((rule for rule in rules if not somewhere(case, rule)), rules[0])
    values = dig(lone, "values")
    where = f"{lone.get('key')}={', '.join(map(str, values))}" if isinstance(values, list) else str(lone.get("key"))
    why = "that node cannot take the pod" if somewhere(case, lone) else "no node carries that label"
    yield Finding(
        96,
        Ref("PersistentVolume", "", name),
        Layer.NEEDS,
        f"its volume `{name}` (claim `{claim.name}`) can be used only on a node with `{where}`, and {why}",
        (
            Evidence(f"pod {pod.name}", verdict_of(pod)),
            Evidence(f"persistentvolume {name}", f"nodeAffinity: {where}"),
        ),
        plans.look_at(
            Ref("PersistentVolume", "", name), "see where the data lies; bring that node back, or move the data"
        ),
        since=pod.created,
    )


RULES: tuple[Rule, ...] = (mounted, asked_about)
