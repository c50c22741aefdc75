"""Who changed the image of a pod after its controller had made it, as the managed fields tell.

Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
"""

from explainers.diagnosis.views.pods import Json, dicts, table, text

_MAKERS = frozenset({"kube-controller-manager", "kubelet"})
_SIDES = ("f:containers", "f:initContainers")


def image_writes(pod: Json) -> list[Json]:
    """The managed fields of a pod reduced to images that others than its controller have set."""
    found = []
    for entry in dicts(pod, "metadata", "managedFields"):
        spec = table(entry, "fieldsV1", "f:spec")
        images: Json = {
            side: {key: {"f:image": {}} for key, one in table(spec, side).items() if "f:image" in table(one)}
            for side in _SIDES
        }
        if text(entry, "manager") not in _MAKERS and any(images.values()):
            found.append({"manager": text(entry, "manager"), "fieldsV1": {"f:spec": images}})
    return found


def image_set_by(pod: Json, container: str) -> str:
    """Who set the image of a container on the pod itself, e.g. `kubectl-set`; empty for what was so from the start."""
    key = f'k:{{"name":"{container}"}}'
    writes = image_writes(pod)
    return next(
        (text(one, "manager") for one in writes for side in _SIDES if key in table(one, "fieldsV1", "f:spec", side)), ""
    )
