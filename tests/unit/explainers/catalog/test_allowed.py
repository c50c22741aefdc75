"""What an instance may consist of, wherever in an object it stands."""

from typing import Any

import pytest

from explainers.catalog.allowed import allows, modern, refusals
from explainers.catalog.fields import written

Json = dict[str, Any]
POD: Json = {
    "containers": [
        {
            "name": "db",
            "image": "postgres:16",
            "ports": [{"containerPort": 5432, "hostPort": 0}],
            "securityContext": {
                "privileged": False,
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"], "add": []},
                "seccompProfile": {"type": "RuntimeDefault"},
            },
        }
    ],
    "serviceAccountName": "default",
    "hostNetwork": False,
    "nodeSelector": {"hostPath": "x"},
    "volumes": [{"name": "data", "emptyDir": {}}, {"name": "more", "configMap": {"name": "x"}}],
}


def deployment(pod: Json, **more: Any) -> Json:
    labels = {"metadata": {"labels": {"privileged": "true", "hostPath": "x"}}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "db", **more},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"hostNetwork": "x"}}, "template": {**labels, "spec": pod}},
    }


def with_container(**more: Any) -> Json:
    return {**POD, "containers": [{**POD["containers"][0], **more}]}


def places(manifest: Json, *kinds: str, accounts: tuple[str, ...] = ()) -> list[str]:
    return [written(each.path) for each in refusals(manifest, kinds, accounts)]


def test_an_ordinary_deployment_is_allowed() -> None:
    assert refusals(deployment(POD)) == ()


@pytest.mark.parametrize("kind", ["Deployment", "Service", "Pod", "ReplicaSet", "ConfigMap", "Secret"])
def test_kinds_that_are_always_allowed(kind: str) -> None:
    version = "apps/v1" if kind in ("Deployment", "ReplicaSet") else "v1"
    assert refusals({"apiVersion": version, "kind": kind, "metadata": {"name": "x"}}) == ()


@pytest.mark.parametrize(("kind", "version"), [("StatefulSet", "apps/v1"), ("Job", "batch/v1"), ("Widget", "x.io/v1")])
def test_kinds_that_the_settings_allow(kind: str, version: str) -> None:
    manifest = {"apiVersion": version, "kind": kind, "metadata": {"name": "x"}}
    assert places(manifest) == ["kind"]
    assert places(manifest, kind) == []
    assert allows(kind, [kind])


@pytest.mark.parametrize(
    "kind",
    [
        *("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "Namespace", "Node", "PersistentVolume", "List"),
        *("CustomResourceDefinition", "ValidatingWebhookConfiguration", "StorageClass", "PriorityClass", "APIService"),
    ],
)
def test_kinds_that_no_setting_allows(kind: str) -> None:
    assert "kind" in places({"apiVersion": "v1", "kind": kind, "metadata": {"name": "x"}}, kind)
    assert not allows(kind, [kind])


def test_a_kind_of_another_group_with_a_known_name() -> None:
    assert places({"apiVersion": "evil.io/v1", "kind": "Deployment", "metadata": {"name": "x"}}) == ["apiVersion"]
    assert places({"kind": ["Pod"], "apiVersion": 1}) == ["kind"]


@pytest.mark.parametrize(
    ("pod", "place"),
    [
        ({**POD, "hostNetwork": True}, "hostNetwork"),
        ({**POD, "hostPID": True}, "hostPID"),
        ({**POD, "hostIPC": True}, "hostIPC"),
        ({**POD, "hostNetwork": "{{ parameters.host }}"}, "hostNetwork"),
        ({**POD, "serviceAccountName": "admin"}, "serviceAccountName"),
        ({**POD, "serviceAccount": "admin"}, "serviceAccount"),
        ({**POD, "volumes": [{"name": "x", "hostPath": {"path": "/"}}]}, "volumes[0].hostPath"),
        ({**POD, "volumes": [{"name": "x", "hostPath": {}}]}, "volumes[0].hostPath"),
        ({**POD, "securityContext": {"sysctls": [{"name": "x", "value": "1"}]}}, "securityContext.sysctls"),
        (
            {**POD, "securityContext": {"seccompProfile": {"type": "Unconfined"}}},
            "securityContext.seccompProfile",
        ),
        (with_container(securityContext={"privileged": True}), "containers[0].securityContext.privileged"),
        (with_container(securityContext={"procMount": "Unmasked"}), "containers[0].securityContext.procMount"),
        (
            with_container(securityContext={"allowPrivilegeEscalation": True}),
            "containers[0].securityContext.allowPrivilegeEscalation",
        ),
        (
            with_container(securityContext={"capabilities": {"add": ["SYS_ADMIN"]}}),
            "containers[0].securityContext.capabilities.add",
        ),
        (
            with_container(securityContext={"windowsOptions": {"hostProcess": True}}),
            "containers[0].securityContext.windowsOptions.hostProcess",
        ),
        (with_container(ports=[{"containerPort": 1, "hostPort": 9000}]), "containers[0].ports[0].hostPort"),
        (
            {**POD, "initContainers": [{"securityContext": {"privileged": True}}]},
            "initContainers[0].securityContext.privileged",
        ),
        (
            {**POD, "ephemeralContainers": [{"securityContext": {"privileged": True}}]},
            "ephemeralContainers[0].securityContext.privileged",
        ),
    ],
)
def test_refused_contents_wherever_a_pod_stands(pod: Json, place: str) -> None:
    assert places(deployment(pod)) == [f"spec.template.spec.{place}"]
    assert places({"apiVersion": "v1", "kind": "Pod", "metadata": {}, "spec": pod}) == [f"spec.{place}"]
    job = {"jobTemplate": {"spec": {"template": {"spec": pod}}}}
    cron = {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {}, "spec": job}
    assert places(cron, "CronJob") == [f"spec.jobTemplate.spec.template.spec.{place}"]


def test_data_with_nested_values_is_looked_through() -> None:
    """Free words are plain texts; anything deeper is no label and no datum."""
    custom = {"apiVersion": "x.io/v1", "kind": "Widget", "metadata": {}, "data": {"pod": {"spec": {"hostPID": True}}}}
    assert places(custom, "Widget") == ["data.pod.spec.hostPID"]
    settings = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {},
        "data": {"hostPath": "/", "privileged": "true"},
    }
    assert places(settings) == []


def test_service_accounts_that_are_listed() -> None:
    assert places(deployment({**POD, "serviceAccountName": "db"}), accounts=("db",)) == []
    found = refusals(deployment({**POD, "serviceAccountName": "x"}), (), ("db",))
    assert "Pods run as `default`, `db` here" in found[0].message


@pytest.mark.parametrize(
    ("manifest", "place"),
    [
        ({"kind": "Secret", "type": "kubernetes.io/service-account-token"}, "type"),
        ({"kind": "Service", "spec": {"externalIPs": ["1.2.3.4"]}}, "spec.externalIPs"),
        ({"kind": "ConfigMap", "metadata": {"ownerReferences": [{"uid": "x"}]}}, "metadata.ownerReferences"),
    ],
)
def test_what_would_hand_out_rights_or_addresses(manifest: Json, place: str) -> None:
    assert places({"apiVersion": "v1", **manifest}) == [place]


def test_objects_of_apis_that_have_ended_become_todays() -> None:
    old = {
        "apiVersion": "extensions/v1beta1",
        "kind": "Deployment",
        "metadata": {"name": "back-end"},
        "spec": {"template": {"metadata": {"labels": {"app": "back-end"}}, "spec": POD}},
    }
    new = modern(old)
    assert (new["apiVersion"], new["spec"]["selector"]) == ("apps/v1", {"matchLabels": {"app": "back-end"}})
    assert refusals(new) == ()
    assert modern(new) == new
    ingress = {"apiVersion": "extensions/v1beta1", "kind": "Ingress"}
    assert modern(ingress) == ingress


@pytest.mark.parametrize("strange", [None, 3, "x", [], {"spec": None}, {"spec": [{"containers": 3}]}, {"metadata": 1}])
def test_strange_shapes_are_refused_without_an_error(strange: Any) -> None:
    manifest = {"apiVersion": "v1", "kind": "Pod", **(strange if isinstance(strange, dict) else {"spec": strange})}
    assert isinstance(places(manifest), list)
