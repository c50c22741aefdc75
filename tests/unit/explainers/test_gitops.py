"""Who manages an object, from what the tools really write on it."""

from typing import Any

import pytest

from explainers.gitops import Manager, Tool, manager

Json = dict[str, Any]


def deployment(labels: Json | None = None, annotations: Json | None = None, managers: tuple[str, ...] = ()) -> Json:
    fields = [{"manager": name, "operation": "Apply"} for name in managers]
    metadata = {"name": "web", "labels": labels or {}, "annotations": annotations or {}, "managedFields": fields}
    return {"kind": "Deployment", "metadata": metadata}


ARGO = {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:prod/web"}
FLUX = {"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}
FLUX_HELM = {"helm.toolkit.fluxcd.io/name": "web", "helm.toolkit.fluxcd.io/namespace": "prod"}
HELM_LABEL = {"app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/instance": "web"}
HELM = {"meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "prod"}


@pytest.mark.parametrize(
    ("thing", "expected"),
    [
        (deployment(annotations=ARGO), Manager(Tool.ARGO_CD, "shop")),
        (deployment({"argocd.argoproj.io/instance": "shop"}), Manager(Tool.ARGO_CD, "shop")),
        (
            deployment({"app.kubernetes.io/instance": "shop"}, managers=("argocd-controller",)),
            Manager(Tool.ARGO_CD, "shop"),
        ),
        (deployment(FLUX), Manager(Tool.FLUX, "flux-system/apps")),
        (deployment(managers=("kubectl", "kustomize-controller")), Manager(Tool.FLUX)),
        (deployment({**HELM_LABEL, **FLUX_HELM}, HELM), Manager(Tool.FLUX_HELM, "prod/web")),
        (deployment(HELM_LABEL, HELM, ("helm-controller",)), Manager(Tool.FLUX_HELM, "web")),
        (deployment(HELM_LABEL, HELM, ("helm",)), Manager(Tool.HELM, "prod/web")),
        (deployment(HELM_LABEL), Manager(Tool.HELM)),
        (deployment({**HELM_LABEL}, ARGO), Manager(Tool.ARGO_CD, "shop")),
    ],
)
def test_is_known_by_what_the_tool_writes(thing: Json, expected: Manager) -> None:
    assert manager(thing) == expected


@pytest.mark.parametrize(
    "thing",
    [
        deployment(),
        deployment({"app.kubernetes.io/instance": "web", "app.kubernetes.io/managed-by": "kustomize"}),
        deployment(managers=("kubectl-client-side-apply", "kube-controller-manager")),
        deployment(annotations={"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:prod/other"}),
        {},
        {"metadata": {"labels": None, "annotations": [], "managedFields": "?"}},
    ],
)
def test_nobody_manages_it(thing: Json) -> None:
    assert manager(thing) is None


def test_says_what_becomes_of_the_change() -> None:
    assert "application `shop`" in Manager(Tool.ARGO_CD, "shop").told()
    assert "takes this back" in Manager(Tool.FLUX, "flux-system/apps").told()
    assert "()" not in Manager(Tool.HELM).told()


def test_a_restart_is_left_alone() -> None:
    assert "nothing to take back" in Manager(Tool.FLUX, "flux-system/apps").told(restart=True)
