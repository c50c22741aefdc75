"""Plans for files whose owner or group keeps a container's user out: the group of a volume, or its owner.

Source: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
"""

from explainers import kinds
from explainers.diagnosis.plans.capabilities import dropped, given_back, to_give
from explainers.diagnosis.plans.remedies import CHANGEABLE, another_pod, back_step, change_container, writable
from explainers.diagnosis.views.endings import Ending
from explainers.diagnosis.views.pods import Container, Json, dicts, dig, table, text, words
from explainers.operations.objects import in_pod_spec
from explainers.operations.patches import Patch
from explainers.operations.reads import Get
from explainers.plan import Plan, Step

READ_ONLY = ("secret", "configMap", "projected", "downwardAPI")
"""Volumes that the kubelet fills, and that nobody may write."""
_FOLDERS = ("", "Directory", "DirectoryOrCreate")
_OF_THE_NODE = ("bin", "boot", "dev", "etc", "lib", "lib64", "proc", "root", "run", "sbin", "sys", "usr", "var")
"""Folders whose owner a node relies on: what lies under them is not given away."""
_SHARED = ("home", "media", "mnt", "opt", "srv", "tmp")
"""Folders of a node that are not given away as a whole."""
_STAYS = "the container stays up"


def opened(ending: Ending, path: str, mount: Json, volume: Json, owner: str) -> Plan:
    """Let the container's user into a volume: by its group where that has an effect, else as its owner."""
    given = isinstance(dig(ending.container.pod.spec, "securityContext", "fsGroup"), int)
    if not (owner and volume) or not (given or _takes_no_group(ending, volume)):
        return writable(ending, path, text(volume, "name"), owner)
    return _owned(ending, mount, volume, owner)


def may_write(ending: Ending, mount: Json, volume: Json) -> Plan | None:
    """Mount a volume so that it may be written; None where it is not the mount that keeps the program from it."""
    claim, name = table(volume, "persistentVolumeClaim"), text(volume, "name")
    whole = {"claimName": text(claim, "claimName"), "readOnly": False} if claim.get("readOnly") is True else {}
    filled = any(kind in volume for kind in READ_ONLY)
    if filled or not name or not (mount.get("readOnly") is True or whole):
        return None
    entry = {"mountPath": text(mount, "mountPath"), "readOnly": False}
    entry |= {"recursiveReadOnly": None} if "recursiveReadOnly" in mount else {}
    why = f"mount the volume `{name}` at `{text(mount, 'mountPath')}` so that `{ending.container.name}` may write it"
    more = {"volumes": [{"name": name, "persistentVolumeClaim": whole}]} if whole else None
    steps = change_container(
        ending.case, ending.blame, ending.container, {"volumeMounts": [entry]}, why, _STAYS, more
    )  # fmt: skip
    return Plan(steps, back_step(ending.case, ending.blame)) if steps else None


def _takes_no_group(ending: Ending, volume: Json) -> bool:
    """Whether `fsGroup` cannot help: Kubernetes sets it on no hostPath or NFS volume, be it behind a claim. A pod that
    has one is in that group already."""
    return any(
        kind in each for each in (volume, table(_behind(ending, volume), "spec")) for kind in ("hostPath", "nfs")
    )


def _behind(ending: Ending, volume: Json) -> Json:
    """The PersistentVolume behind the claim that a volume mounts; empty for others, and where it may not be read."""
    claim = text(volume, "persistentVolumeClaim", "claimName")
    if not claim:
        return {}
    bound = ending.case.get(kinds.PERSISTENT_VOLUME_CLAIM, claim, ending.container.pod.namespace).object
    name = text(bound, "spec", "volumeName")
    return ending.case.get(kinds.PERSISTENT_VOLUME, name).object if name else {}


def _owned(ending: Ending, mount: Json, volume: Json, owner: str) -> Plan:
    """An init container that gives the volume to the user, as root, right before the container that needs it."""
    blame, container, name = ending.blame, ending.container, text(volume, "name")
    own, spec = f"own-{name}"[:63].rstrip("-"), table(ending.case.template, "spec") or container.pod.spec
    there = [text(one, "name") for one in dicts(spec, "initContainers")]
    if (
        blame.kind not in CHANGEABLE
        or own in there
        or owner == "0"
        or not _may_be_given(mount, volume, _behind(ending, volume))
    ):
        look = Get(blame.type, blame.namespace, blame.name)
        why = f"see what volume `{name}` is: its files must belong to user {owner}, and `fsGroup` does not bring that"
        return Plan((*back_step(ending.case, blame), Step(look, why)))
    at = there.index(container.name) if container.name in there else len(there)
    order = [{"name": one} for one in [*there[:at], own, *there[at:]]]
    made = _giving(container, own, mount, owner)
    body = in_pod_spec(blame.type, {"$setElementOrder/initContainers": order, "initContainers": [made]})
    back = in_pod_spec(blame.type, {"initContainers": [{"name": own, "$patch": "delete"}]})
    why = f"give volume `{name}`, on which `fsGroup` has no effect, to user {owner}; the image must have `chown`"
    step = Step(Patch(blame.type, blame.namespace, blame.name, body, back=back), why, _STAYS)
    return Plan((step, *another_pod(ending.case, blame, container)))


def _may_be_given(mount: Json, volume: Json, bound: Json) -> bool:
    """Whether root may change the owner of what is mounted, and nobody else needs it as it is; of a folder that was
    made for its claim nobody does."""
    made = bool(text(bound, "metadata", "annotations", "pv.kubernetes.io/provisioned-by"))
    volume = {**volume, **({} if made and "nfs" not in table(bound, "spec") else table(bound, "spec"))}
    if mount.get("readOnly") is True or "nfs" in volume or any(kind in volume for kind in READ_ONLY):
        return False
    if "hostPath" not in volume:
        return True
    path = text(volume, "hostPath", "path").strip("/")
    kept = path in ("", *_SHARED) or path.partition("/")[0] in _OF_THE_NODE
    return text(volume, "hostPath", "type") in _FOLDERS and not kept


def _giving(container: Container, name: str, mount: Json, owner: str) -> Json:
    return {
        "name": name,
        "image": container.image,
        "command": ["chown", "-R", owner, text(mount, "mountPath")],
        "securityContext": {"runAsUser": 0, "runAsNonRoot": False},
        "volumeMounts": [mount],
    }


def lacks_chown(container: Container) -> bool:
    """Whether the spec takes from the container the capability to change owners."""
    return bool(dropped(container, ["CHOWN"]))


def as_root(ending: Ending) -> Plan:
    """Let an init container change owners; what runs for good is not made root."""
    blame, container = ending.blame, ending.container
    pod_context = table(container.pod.spec, "securityContext")
    why = f"`{blame}` as it is now: take the change of the owner out of the container, and set `fsGroup` instead"
    look = Step(Get(blame.type, blame.namespace, blame.name), why)
    runs_on = not container.init or container.sidecar
    of_root = dig(container.spec, "securityContext", "runAsUser", default=dig(pod_context, "runAsUser")) in (None, 0)
    if runs_on and lacks_chown(container) and of_root:
        return given_back(ending, to_give(container))
    if runs_on:
        return Plan((*back_step(ending.case, blame), look))
    have, fields = table(container.spec, "securityContext"), _of_root(container)
    why = f"run `{container.name}` as root, which may change owners; or take that out of it and set the pod's `fsGroup`"
    steps = change_container(
        ending.case, blame, container, {"securityContext": fields}, why, "it ends with exit code 0",
        back={"securityContext": {key: have.get(key) for key in fields}},
    )  # fmt: skip
    return Plan(steps, (look,)) if steps else Plan((look,))


def _of_root(container: Container) -> Json:
    """The security context of root with the capability to change owners, as far as it is not so by default."""
    fields: Json = {"runAsUser": 0}
    wheres = (container.spec, container.pod.spec)
    if any(dig(where, "securityContext", "runAsNonRoot") is True for where in wheres):
        fields["runAsNonRoot"] = False
    if lacks_chown(container):
        have = table(container.spec, "securityContext", "capabilities")
        fields["capabilities"] = {**have, "add": [*words(have, "add"), "CHOWN"]}
    return fields
