"""Who else keeps an object as it is: Argo CD, Flux or Helm, known by what they write on it.

Sources: https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/ ·
https://fluxcd.io/flux/components/kustomize/kustomizations/ · https://fluxcd.io/flux/components/helm/helmreleases/ ·
https://helm.sh/docs/topics/advanced/#storage-backends (release-name and release-namespace annotations)
"""

from dataclasses import dataclass
from enum import Enum

from explainers.operations.base import Json
from explainers.operations.objects import listed, mapping

ARGO_TRACKING, ARGO_INSTANCE = "argocd.argoproj.io/tracking-id", "argocd.argoproj.io/instance"
INSTANCE, MANAGED_BY = "app.kubernetes.io/instance", "app.kubernetes.io/managed-by"
KUSTOMIZATION, HELM_RELEASE = "kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io"
RELEASE_NAME, RELEASE_NAMESPACE = "meta.helm.sh/release-name", "meta.helm.sh/release-namespace"


class Tool(Enum):
    """The tool, by the name that people know it by."""

    ARGO_CD = "Argo CD"
    FLUX = "Flux"
    FLUX_HELM = "Flux's Helm controller"
    HELM = "Helm"


_UNIT = {Tool.ARGO_CD: "application", Tool.FLUX: "kustomization", Tool.FLUX_HELM: "release", Tool.HELM: "release"}
_BACK = {
    Tool.ARGO_CD: "with self-heal it takes this back within minutes, without it the application counts as out of sync;"
    " to last, the change belongs into its Git repository",
    Tool.FLUX: "it takes this back when it next reconciles; to last, the change belongs into its Git repository",
    Tool.FLUX_HELM: "the next upgrade of the release takes this back; to last, the change belongs into its values",
    Tool.HELM: "the next upgrade of the release takes this back; to last, the change belongs into its values",
}
_RESTARTED = "a restart writes only a time that it does not set, so there is nothing to take back"
_BY_FIELD_MANAGER = {
    "argocd-controller": Tool.ARGO_CD,
    "kustomize-controller": Tool.FLUX,
    "helm-controller": Tool.FLUX_HELM,
    "helm": Tool.HELM,
}


@dataclass(frozen=True)
class Manager:
    """`name` is the application, kustomization or release, with its namespace where it says so; empty if unknown."""

    tool: Tool
    name: str = ""

    def told(self, restart: bool = False) -> str:
        """What becomes of a change made past it, as a fact; a `restart` changes nothing that it knows."""
        which = f" ({_UNIT[self.tool]} `{self.name}`)" if self.name else ""
        return f"{self.tool.value} manages it{which}: {_RESTARTED if restart else _BACK[self.tool]}"


def manager(thing: Json) -> Manager | None:
    """Who manages an object, by its labels and annotations, else by the managers of its fields; None for nobody."""
    labels, annotations = mapping(thing, "metadata", "labels"), mapping(thing, "metadata", "annotations")
    if name := _argo(thing, labels, annotations):
        return Manager(Tool.ARGO_CD, name)
    for tool, prefix in ((Tool.FLUX, KUSTOMIZATION), (Tool.FLUX_HELM, HELM_RELEASE)):
        if name := _said(labels, f"{prefix}/name"):
            return Manager(tool, _qualified(_said(labels, f"{prefix}/namespace"), name))
    release = _said(annotations, RELEASE_NAME)
    by_field = _field_manager(thing)
    if by_field and by_field is not Tool.HELM:
        return Manager(by_field, release or _said(labels, INSTANCE))
    if release or _said(labels, MANAGED_BY) == "Helm":
        return Manager(Tool.HELM, _qualified(_said(annotations, RELEASE_NAMESPACE), release))
    return Manager(by_field, _said(labels, INSTANCE)) if by_field else None


def _argo(thing: Json, labels: Json, annotations: Json) -> str:
    """The application; a tracking id that names another object was copied here and means nothing."""
    name, _, rest = _said(annotations, ARGO_TRACKING).partition(":")
    tracked, _, where = rest.partition(":")
    kind, own = tracked.rpartition("/")[2], where.rpartition("/")[2]
    if name and kind in ("", thing.get("kind")) and own in ("", mapping(thing, "metadata").get("name")):
        return name
    return _said(labels, ARGO_INSTANCE)


def _field_manager(thing: Json) -> Tool | None:
    names = {str(entry.get("manager")) for entry in listed(mapping(thing, "metadata").get("managedFields"))}
    return next((tool for name, tool in _BY_FIELD_MANAGER.items() if name in names), None)


def _said(values: Json, key: str) -> str:
    value = values.get(key)
    return value if isinstance(value, str) else ""


def _qualified(namespace: str, name: str) -> str:
    return f"{namespace}/{name}" if namespace and name else name
