"""The base grants exactly the permission table, and a real API server denies the rest."""

import json
from typing import Any

import pytest
import yaml

from tests.cluster.install import BASE, NAMESPACE, ROOT, kubectl

READ = frozenset({"get", "list", "watch"})
EVERYWHERE = {
    "pods": READ | {"create", "delete"},
    "deployments.apps": READ | {"update", "patch"},
    **dict.fromkeys(
        (
            "pods/log", "services", "events", "configmaps", "serviceaccounts", "persistentvolumeclaims",
            "persistentvolumes", "resourcequotas", "limitranges", "namespaces", "nodes", "replicasets.apps",
            "statefulsets.apps", "daemonsets.apps", "controllerrevisions.apps", "jobs.batch", "cronjobs.batch",
            "horizontalpodautoscalers.autoscaling", "poddisruptionbudgets.policy", "endpointslices.discovery.k8s.io",
            "ingresses.networking.k8s.io", "ingressclasses.networking.k8s.io", "networkpolicies.networking.k8s.io",
            "storageclasses.storage.k8s.io",
        ),
        READ,
    ),
}  # fmt: skip
"""The table of manifests/README.md: what the bot's own ServiceAccount may do in every namespace."""
DENIED = (
    ("get", "secrets"), ("list", "secrets"), ("create", "secrets"), ("create", "pods/exec"), ("get", "pods/exec"),
    ("delete", "deployments.apps"), ("create", "deployments.apps"), ("update", "services"), ("delete", "services"),
    ("patch", "nodes"), ("create", "rolebindings.rbac.authorization.k8s.io"),
    ("bind", "clusterroles.rbac.authorization.k8s.io"),
    ("escalate", "clusterroles.rbac.authorization.k8s.io"), ("impersonate", "users"), ("impersonate", "groups"),
    ("create", "serviceaccounts/token"), ("delete", "namespaces"), ("update", "pods"), ("delete", "configmaps"),
)  # fmt: skip


def documents(name: str) -> list[dict[str, Any]]:
    return [one for one in yaml.safe_load_all((BASE / name).read_text()) if one]


def granted(role: dict[str, Any]) -> dict[str, set[str]]:
    """Verbs by resource (with its group) of a role."""
    found: dict[str, set[str]] = {}
    for rule in role["rules"]:
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                found.setdefault(f"{resource}.{group}" if group else resource, set()).update(rule["verbs"])
    return found


def test_the_base_grants_the_table_and_no_more() -> None:
    role = next(one for one in documents("permissions.yaml") if one["kind"] == "ClusterRole")
    assert granted(role) == {resource: set(verbs) for resource, verbs in EVERYWHERE.items()}


def test_no_wildcards_and_impersonation_by_name() -> None:
    for name in ("permissions.yaml", "people.yaml"):
        for role in documents(name):
            for rule in role.get("rules", ()):
                assert "*" not in (*rule["verbs"], *rule["resources"], *rule["apiGroups"])
                assert "impersonate" not in rule["verbs"] or rule["resourceNames"]


def test_policy_and_impersonation_name_the_same_people() -> None:
    rules = documents("people.yaml")[0]["rules"]
    named = {name for rule in rules for name in rule["resourceNames"]}
    policy = yaml.safe_load((BASE / "policy.yaml").read_text())
    grants = [team["everyone"] for team in policy["teams"].values()]
    assert named == {grant["user"] for grant in grants} | {group for grant in grants for group in grant["groups"]}


def test_the_readme_shows_the_table() -> None:
    text = (ROOT / "manifests" / "README.md").read_text()
    assert [resource for resource in EVERYWHERE if f"`{resource}`" not in text] == []


@pytest.mark.cluster
@pytest.mark.xdist_group("tessera-namespace")
def test_a_real_api_server_denies_the_rest() -> None:
    kubectl("create", "namespace", NAMESPACE)
    for name in ("accounts.yaml", "permissions.yaml"):
        kubectl("-n", NAMESPACE, "apply", "-f", str(BASE / name))
    try:
        wanted = {(verb, resource): True for resource, verbs in EVERYWHERE.items() for verb in verbs}
        wanted |= dict.fromkeys(DENIED, False)
        assert {key: value for key, value in reviewed(wanted).items() if value != wanted[key]} == {}
    finally:
        kubectl("delete", "-f", str(BASE / "permissions.yaml"), "--ignore-not-found", "-n", NAMESPACE)
        kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found")


def reviewed(questions: dict[tuple[str, str], bool]) -> dict[tuple[str, str], bool]:
    """Ask the API server, by access reviews for the ServiceAccount in some other namespace."""
    reviews = []
    for verb, resource in questions:
        plain, _, group = resource.partition(".")
        plain, _, subresource = plain.partition("/")
        asked = {"verb": verb, "resource": plain, "group": group, "subresource": subresource, "namespace": "default"}
        spec = {"user": f"system:serviceaccount:{NAMESPACE}:tessera", "resourceAttributes": asked}
        reviews.append({"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec})
    made = kubectl(
        "create", "-o", "json", "-f", "-", text=json.dumps({"apiVersion": "v1", "kind": "List", "items": reviews})
    )
    answers = [one["status"]["allowed"] for one in _stream(made)]
    return dict(zip(questions, answers, strict=True))


def _stream(text: str) -> list[dict[str, Any]]:
    """kubectl prints several created objects as one JSON after the other, or as a List."""
    decoder, at = json.JSONDecoder(), 0
    found: list[dict[str, Any]] = []
    while at < len(text.rstrip()):
        one, at = decoder.raw_decode(text, at)
        found += one["items"] if one["kind"] == "List" else [one]
        at += len(text[at:]) - len(text[at:].lstrip())
    return found
