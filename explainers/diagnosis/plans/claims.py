"""Plans for volumes and their claims."""

from dataclasses import replace

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.views.claims import ONE_WRITER, Claim, made_by
from explainers.diagnosis.views.pods import Json, dicts, dig, table, text
from explainers.diagnosis.views.template import steps_after, template_patch
from explainers.kinds import Ref
from explainers.operations.apply import Apply
from explainers.operations.patches import Patch
from explainers.operations.pods import Delete
from explainers.operations.reads import Get, List
from explainers.plan import Plan, Step

CLAIM = kinds.PERSISTENT_VOLUME_CLAIM
DEFAULT_MARK = "storageclass.kubernetes.io/is-default-class"


def create(case: Case, claim: Claim, near: str, spec: Json, lost: bool) -> Plan:
    """Mount the claim that was probably meant, or make the one that is missing, of what its template says; `lost` says
    that no volume is left of an earlier one."""
    new = Apply(CLAIM, case.namespace, manifest(case.namespace, claim.name, spec), creates=True)
    why = "create the claim, empty; choose size and class for what it must hold"
    why += " (no volume of an earlier one is left)" if lost else ""
    make = Step(new, why, "it binds, and the pods start")
    if not near:
        return Plan((make,))
    volume = {"name": claim.volume, "persistentVolumeClaim": {"claimName": near}}
    change = template_patch(case, {"volumes": [volume]})
    steps = steps_after(case, change, f"mount the claim `{near}`, which exists", "the pods start")
    return Plan(steps, (make,)) if steps else Plan((make,))


def bind_again(case: Case, claim: Claim, volume: Json) -> Plan:
    """Let the volume that the claim left behind forget it, then make the claim for that volume: its data are there.

    Source: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reserving-a-persistentvolume
    """
    name, given = text(volume, "metadata", "name"), table(volume, "spec")
    was = {key: given["claimRef"][key] for key in ("namespace", "name", "uid") if key in given["claimRef"]}
    forget = Patch(kinds.PERSISTENT_VOLUME, "", name, {"spec": {"claimRef": None}}, back={"spec": {"claimRef": was}})
    spec: Json = {
        "accessModes": given.get("accessModes") or [ONE_WRITER],
        "resources": {"requests": {"storage": dig(given, "capacity", "storage", default="1Gi")}},
        "storageClassName": text(given, "storageClassName"),
    }
    body = manifest(case.namespace, claim.name, spec)
    body["spec"] |= {"volumeName": name}
    steps = [
        Step(forget, "free the volume of the claim that is gone; its data stay", "it is Available, no longer Released"),
        Step(Apply(CLAIM, case.namespace, body, creates=True), "make the claim for this volume, with the data on it",
             "it binds to this volume, and the pods start"),
    ]  # fmt: skip
    return Plan(tuple(steps))


def without_class(case: Case, claim: Claim, instead: Json) -> Plan:
    """What to do about a claim whose class does not exist; `instead` is the class that was probably meant.

    A StatefulSet makes its claims from a template that cannot be changed: there the class is made, for this claim and
    those of the pods to come.
    """
    again = recreate(case, claim, text(instead, "metadata", "name"))
    if not instead or _ephemeral(claim) or not made_by(case, claim):
        return again
    kept = {key: instead[key] for key in _CLASS_FIELDS if key in instead}
    body = {
        "apiVersion": kinds.STORAGE_CLASS.api_version, "kind": kinds.STORAGE_CLASS.name,
        "metadata": {"name": claim.storage_class}, **kept,
    }  # fmt: skip
    why = (
        f"make the class, like `{text(instead, 'metadata', 'name')}`, if the cluster's owner agrees: the StatefulSet "
        "asks for it in a claim template, which can only be changed by making the StatefulSet anew"
    )
    new = Step(Apply(kinds.STORAGE_CLASS, "", body, creates=True), why, "this claim binds, and those of later pods")
    return Plan((new,), (*again.steps, *again.alternatives))


_CLASS_FIELDS = (
    "provisioner", "parameters", "reclaimPolicy", "volumeBindingMode", "allowVolumeExpansion", "mountOptions",
)  # fmt: skip


def recreate(case: Case, claim: Claim, storage_class: str) -> Plan:
    """A claim's class cannot be changed; a claim that never bound holds no data and can be made again."""
    look = Step(List(kinds.STORAGE_CLASS, ""), "see which storage classes there are")
    if not storage_class:
        return Plan((look,))
    return Plan(_again(case, claim, {"storageClassName": storage_class}, f"the class `{storage_class}`"), (look,))


def _again(case: Case, claim: Claim, changed: Json, told: str) -> tuple[Step, ...]:
    """Make the claim again, with another class or other modes; the claim of one pod is made again with its pod, and
    that of a StatefulSet by the StatefulSet, at once and as before."""
    if _ephemeral(claim):
        volume = {"name": claim.volume, "ephemeral": {"volumeClaimTemplate": {"spec": changed}}}
        change = template_patch(case, {"volumes": [volume]})
        why = f"let the pods make their claims with {told}; this one goes with its pod"
        return steps_after(case, change, why, "the new pods' claims bind")
    if maker := made_by(case, claim):
        return (_other_template(maker, told),)
    new = manifest(case.namespace, claim.name, {**table(claim.object, "spec"), **changed}, claim.object)
    if "volumeName" in changed:
        new["spec"] |= changed
    same_class = changed.get("storageClassName", claim.storage_class) == claim.storage_class
    fixed = "what it asks for" if same_class else "its class"
    gone = f"delete the claim: {fixed} cannot be changed, and it never bound, so it holds no data"
    return (
        Step(Delete(CLAIM, case.namespace, claim.name), gone),
        Step(Apply(CLAIM, case.namespace, new), f"make it again with {told}", "it binds"),
    )


def _other_template(ref: Ref, told: str) -> Step:
    """What helps where a StatefulSet makes the claims: no command can change their template."""
    why = (
        f"for {told}: its claim template cannot be changed, and a claim that is deleted it makes again as before. "
        "Delete the StatefulSet with --cascade=orphan (its pods stay) and the claim, which never bound, then apply the "
        "StatefulSet with the other template"
    )
    return Step(Get(ref.type, ref.namespace, ref.name), why)


def with_one_writer(case: Case, claim: Claim) -> Plan:
    """The provisioner makes volumes for one node only: ask for such a one, if that is enough."""
    steps = _again(case, claim, {"accessModes": [ONE_WRITER]}, f"`{ONE_WRITER}`")
    look = Step(List(kinds.STORAGE_CLASS, ""), "if several nodes must use it, see which other class there is for that")
    return Plan(_if("one writer is enough (pods of one node can share it)", steps), (look,))


def volume_that_fits(case: Case, claim: Claim, near: str, default: Json) -> Plan:
    """No volume fits: first look at the one that comes near, if any; other storage is no more than a way out."""
    again = recreate(case, claim, text(default, "metadata", "name"))
    if not near:
        return again
    why = "see what this volume offers: ask for no more in the claim, or have a volume made that fits"
    others = _if("it need not be this storage", again.steps) if again.changes else again.steps
    return Plan((Step(Get(kinds.PERSISTENT_VOLUME, "", near), why),), (*others, *again.alternatives))


def volume_by_name(case: Case, claim: Claim, exists: bool, near: str) -> Plan:
    """A claim that names its volume wants what is on it: look at the volumes first. Another one, or an empty one of the
    default class, is no more than a way out."""
    name = claim.volume_name
    if exists:
        why = "see what this volume offers: ask for no more in a claim that is made again, or free the volume for it"
        return Plan((Step(Get(kinds.PERSISTENT_VOLUME, "", name), why),))
    why = f"see which volumes there are: restore `{name}`, or have the claim made again with the name of the right one"
    look = Step(List(kinds.PERSISTENT_VOLUME, ""), why)
    if near:
        steps = _again(case, claim, {"volumeName": near}, f"the volume `{near}`")
        return Plan((look,), _if(f"`{near}` is what was meant", steps))
    default = usable_default(claim, case.find(kinds.STORAGE_CLASS).items)
    again = recreate(case, claim, text(default, "metadata", "name"))
    empty = _if("the data on that volume are not wanted", again.steps) if again.changes else again.steps
    return Plan((look,), (*empty, *again.alternatives))


def _if(condition: str, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The same steps, the first of which says when they are right."""
    return tuple(replace(step, why=f"if {condition}, {step.why}") for step in steps[:1]) + steps[1:]


def _ephemeral(claim: Claim) -> bool:
    """Whether the claim was made for one pod, and lives and dies with it."""
    return any(one.get("kind") == "Pod" for one in dicts(claim.object, "metadata", "ownerReferences"))


def manifest(namespace: str, name: str, spec: Json, old: Json | None = None) -> Json:
    """A claim with this spec; what is missing there is one writer and 1 GiB of the default class."""
    kept = {key: value for key, value in spec.items() if key not in ("volumeName", "volumeMode", "dataSourceRef")}
    labels = table(old or {}, "metadata", "labels")
    metadata: Json = {"name": name, "namespace": namespace, **({"labels": labels} if labels else {})}
    fallback = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    return {
        "apiVersion": CLAIM.api_version, "kind": CLAIM.name, "metadata": metadata, "spec": {**fallback, **kept},
    }  # fmt: skip


def default_class(classes: list[Json]) -> Json:
    """The class for claims that name none; with several or none marked, the only one there is; else empty."""
    marked = [one for one in classes if dig(one, "metadata", "annotations", DEFAULT_MARK) == "true"]
    return marked[0] if marked else classes[0] if len(classes) == 1 else {}


def usable_default(claim: Claim, classes: list[Json]) -> Json:
    """The default class, if the claim would bind there: many classes make no volumes for several nodes."""
    found = default_class(classes)
    return found if claim.one_writer or text(found, "metadata", "name") == claim.storage_class else {}


def look_at(ref: Ref, why: str) -> Plan:
    return Plan((Step(Get(ref.type, ref.namespace, ref.name), why),))


def keep_data(claim: Ref, volume: Json, holder: Ref | None) -> Plan:
    """Before a claim that was deleted goes: let its volume stay, which goes with it else; then what must happen.

    Source: https://kubernetes.io/docs/tasks/administer-cluster/change-pv-reclaim-policy/
    """
    steps: list[Step] = []
    if text(volume, "spec", "persistentVolumeReclaimPolicy") == "Delete":
        body, back = ({"spec": {"persistentVolumeReclaimPolicy": one}} for one in ("Retain", "Delete"))
        change = Patch(kinds.PERSISTENT_VOLUME, "", text(volume, "metadata", "name"), body, back=back)
        why = "keep the volume and its data when the claim goes; a deletion itself cannot be taken back"
        steps.append(Step(change, why, "the volume stays, as Released"))
    why = "the claim goes once this pod has ended; then make it anew, with the data, and new pods start"
    look = Get(kinds.POD, holder.namespace, holder.name) if holder else Get(claim.type, claim.namespace, claim.name)
    return Plan((*steps, Step(look, why if holder else "see whether it is gone; then make it anew, with the data")))
