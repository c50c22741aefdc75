"""The API without a socket: what is refused and in which words, what is shown and to whom."""

from typing import Any

import pytest

from bot.sandbox.messages import Request
from tests.unit.bot.sandbox.clusters import DEPLOYMENTS, PODS, Bench, deployment, empty_bench, pod, scenario_bench

CONFIG_MAPS = "/api/v1/namespaces/shop/configmaps"
APP = "  acme/app:*: {listens: [8080], user: 1000}"


@pytest.fixture
def bench() -> Bench:
    return empty_bench(APP)


def refusal(bench: Bench, method: str, path: str, body: Any = None, **query: str) -> tuple[int, str, str]:
    response = bench.ask(method, path, body, **query)
    assert isinstance(response.body, dict)
    assert response.body["kind"] == "Status"
    return response.code, response.body["reason"], response.body["message"]


def test_what_is_not_there(bench: Bench) -> None:
    assert refusal(bench, "GET", f"{PODS}/x") == (404, "NotFound", 'pods "x" not found')
    assert refusal(bench, "GET", f"{DEPLOYMENTS}/x") == (404, "NotFound", 'deployments.apps "x" not found')
    missing = (404, "NotFound", "the server could not find the requested resource")
    assert refusal(bench, "GET", "/apis/nothing/v1/things") == missing
    absent = (404, "NotFound", 'namespaces "nosuch" not found')
    assert refusal(bench, "POST", "/api/v1/namespaces/nosuch/configmaps", {"metadata": {"name": "a"}}) == absent


def test_names_and_versions_conflict(bench: Bench) -> None:
    body = {"metadata": {"name": "a"}, "data": {"k": "1"}}
    created = bench.post(CONFIG_MAPS, body)
    assert created.code == 201
    assert refusal(bench, "POST", CONFIG_MAPS, body) == (409, "AlreadyExists", 'configmaps "a" already exists')
    old = created.body
    bench.patch(f"{CONFIG_MAPS}/a", "merge-patch", {"data": {"k": "2"}})
    text = (
        'Operation cannot be fulfilled on configmaps "a": the object has been modified; '
        "please apply your changes to the latest version and try again"
    )
    assert refusal(bench, "PUT", f"{CONFIG_MAPS}/a", old) == (409, "Conflict", text)


INVALID = [
    ({"metadata": {}}, "metadata.name: Required value: name or generateName is required"),
    (
        {**deployment("web", "acme/app:1"), "metadata": {"name": "BAD"}},
        'metadata.name: Invalid value: "BAD": a lowercase RFC 1123 subdomain must consist of',
    ),
    (
        deployment("web", "acme/app:1", replicas=-1),
        "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
    ),
    (deployment("web", ""), "spec.template.spec.containers[0].image: Required value"),
    (
        deployment("web", "a", resources={"requests": {"memory": "2Gi"}, "limits": {"memory": "1Gi"}}),
        'resources.requests: Invalid value: "2Gi": must be less than or equal to memory limit of 1Gi',
    ),
]


@pytest.mark.parametrize(("body", "text"), INVALID)
def test_invalid_objects_are_refused_with_the_field(bench: Bench, body: Any, text: str) -> None:
    code, reason, message = refusal(bench, "POST", DEPLOYMENTS, body)
    assert (code, reason) == (422, "Invalid")
    assert text in message


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"replicas": "3"}, "cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32"),
        ({"template": []}, "cannot unmarshal array into Go struct field DeploymentSpec.spec.template of type "),
        ({"template": {"spec": {"containers": "x"}}}, "spec.template.spec.containers of type []v1.Container"),
        ({"replicsa": 3}, 'strict decoding error: unknown field "spec.replicsa"'),
    ],
)
def test_fields_of_the_wrong_type_or_name(bench: Bench, spec: Any, text: str) -> None:
    body = deployment("web", "acme/app:1")
    body["spec"] |= spec
    code, reason, message = refusal(bench, "POST", DEPLOYMENTS, body, fieldValidation="Strict")
    assert (code, reason) == (400, "BadRequest")
    assert message.startswith('Deployment in version "v1" cannot be handled as a Deployment: ')
    assert text in message


def test_a_selector_must_match_and_stay(bench: Bench) -> None:
    body = deployment("web", "acme/app:1")
    body["spec"]["selector"] = {"matchLabels": {"app": "other"}}
    assert "`selector` does not match template `labels`" in refusal(bench, "POST", DEPLOYMENTS, body)[2]
    bench.post(DEPLOYMENTS, deployment("web", "acme/app:1"))
    change = {"spec": {"selector": {"matchLabels": {"more": "1"}}, "template": {"metadata": {"labels": {"more": "1"}}}}}
    response = bench.patch(f"{DEPLOYMENTS}/web", "strategic-merge-patch", change)
    assert "field is immutable" in str(response.body)


def test_a_dry_run_changes_nothing(bench: Bench) -> None:
    response = bench.ask("POST", CONFIG_MAPS, {"metadata": {"name": "a"}}, dryRun="All")
    assert response.code == 201
    assert refusal(bench, "GET", f"{CONFIG_MAPS}/a")[0] == 404
    bench.post(CONFIG_MAPS, {"metadata": {"name": "a"}})
    assert bench.ask("DELETE", f"{CONFIG_MAPS}/a", dryRun="All").code == 200
    assert bench.ask("GET", f"{CONFIG_MAPS}/a").code == 200


def test_lists_come_in_pages(bench: Bench) -> None:
    for index in range(5):
        bench.post(CONFIG_MAPS, {"metadata": {"name": f"c{index}"}})
    names: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = bench.get(CONFIG_MAPS, limit="2", **token)
        names += [item["metadata"]["name"] for item in page["items"]]
        if "continue" not in page["metadata"]:
            break
        token = {"continue": page["metadata"]["continue"]}
    assert names == [*(f"c{index}" for index in range(5)), "kube-root-ca.crt"]
    assert refusal(bench, "GET", CONFIG_MAPS, **{"continue": "zzz"})[:2] == (410, "Expired")


def test_selectors_that_cannot_be_read(bench: Bench) -> None:
    text = "field label not supported: spec.foo"
    assert refusal(bench, "GET", PODS, fieldSelector="spec.foo=1") == (400, "BadRequest", text)
    assert refusal(bench, "GET", PODS, labelSelector="a in b")[:2] == (400, "BadRequest")


def test_rights_of_a_service_account(bench: Bench) -> None:
    bench.headers["impersonate-user"] = "system:serviceaccount:shop:default"
    text = (
        'pods is forbidden: User "system:serviceaccount:shop:default" cannot list resource "pods" '
        'in API group "" in the namespace "shop"'
    )
    assert refusal(bench, "GET", PODS) == (403, "Forbidden", text)
    bench.headers.clear()
    rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/shop"
    bench.post(
        f"{rbac}/roles",
        {"metadata": {"name": "reader"}, "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}]},
    )
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"}
    subjects = [{"kind": "ServiceAccount", "name": "default", "namespace": "shop"}]
    bench.post(f"{rbac}/rolebindings", {"metadata": {"name": "b"}, "roleRef": reference, "subjects": subjects})
    bench.headers["impersonate-user"] = "system:serviceaccount:shop:default"
    assert bench.ask("GET", PODS).code == 200
    assert bench.ask("GET", CONFIG_MAPS).code == 403
    review = {"spec": {"resourceAttributes": {"verb": "list", "resource": "pods", "namespace": "shop"}}}
    answer = bench.ask("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review).body
    assert isinstance(answer, dict)
    assert answer["status"]["allowed"]


def test_people_may_do_everything_until_a_binding_names_them(bench: Bench) -> None:
    bench.headers["impersonate-user"] = "jane"
    assert bench.ask("GET", PODS).code == 200
    bench.headers.clear()
    binding = {
        "metadata": {"name": "jane"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
        "subjects": [{"kind": "User", "name": "jane"}],
    }
    bench.post("/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings", binding)
    bench.headers["impersonate-user"] = "jane"
    assert bench.ask("GET", PODS).code == 200
    assert bench.ask("GET", "/api/v1/namespaces/shop/secrets").code == 403
    assert bench.ask("GET", "/api/v1/nodes").code == 403


def test_an_unknown_token_is_refused(bench: Bench) -> None:
    bench.headers["authorization"] = "Bearer wrong"
    assert refusal(bench, "GET", PODS) == (401, "Unauthorized", "Unauthorized")


def test_logs_are_cut_and_named() -> None:
    bench = scenario_bench("shop")
    name = bench.pods("shop", "app=web")[0]["metadata"]["name"]
    assert bench.ask("GET", f"{PODS}/{name}/log", tailLines="1").body == "web listening on :8080\n"
    assert bench.ask("GET", f"{PODS}/{name}/log", tailLines="0").body == ""
    assert str(bench.ask("GET", f"{PODS}/{name}/log", timestamps="true").body)[:4].isdigit()
    assert refusal(bench, "GET", f"{PODS}/{name}/log", container="x") == (
        400,
        "BadRequest",
        f"container x is not valid for pod {name}",
    )
    assert refusal(bench, "GET", f"{PODS}/{name}/log", previous="true") == (
        400,
        "BadRequest",
        f'previous terminated container "web" in pod "{name}" not found',
    )


def test_scaling_deleting_and_what_goes_with_it(bench: Bench) -> None:
    bench.post(DEPLOYMENTS, deployment("web", "acme/app:1"))
    bench.pass_time(5)
    scale = bench.get(f"{DEPLOYMENTS}/web/scale")
    assert (scale["kind"], scale["status"]["selector"]) == ("Scale", "app=web")
    bench.patch(f"{DEPLOYMENTS}/web/scale", "merge-patch", {"spec": {"replicas": 3}})
    bench.pass_time(5)
    assert bench.available("shop", "web") == 3
    assert bench.ask("DELETE", f"{DEPLOYMENTS}/web", {"propagationPolicy": "Background"}).code == 200
    bench.cluster.engine.settle()
    bench.pass_time(5)
    assert bench.pods("shop") == []


@pytest.mark.parametrize(("policy", "left"), [("Foreground", 0), ("Background", 0), ("Orphan", 2)])
def test_deletion_reaches_what_the_policy_says(bench: Bench, policy: str, left: int) -> None:
    bench.post(DEPLOYMENTS, deployment("web", "acme/app:1", replicas=2))
    bench.pass_time(5)
    assert bench.ask("DELETE", f"{DEPLOYMENTS}/web", {"propagationPolicy": policy}).code == 200
    bench.cluster.engine.settle()
    bench.pass_time(5)
    assert refusal(bench, "GET", f"{DEPLOYMENTS}/web")[0] == 404
    assert len(bench.pods("shop")) == left
    sets = bench.get("/apis/apps/v1/namespaces/shop/replicasets")["items"]
    assert len(sets) == min(left, 1)


def test_metrics_of_pods_and_nodes() -> None:
    bench = scenario_bench("shop")
    metrics = bench.get("/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods")["items"]
    used = {item["containers"][0]["name"]: item["containers"][0]["usage"]["memory"] for item in metrics}
    assert used == {"postgres": "20Mi", "web": "30Mi"}
    assert metrics[0]["timestamp"] == "2026-11-21T14:20:00Z"
    assert len(bench.get("/apis/metrics.k8s.io/v1beta1/nodes")["items"]) == 2


def test_a_budget_protects_from_eviction(bench: Bench) -> None:
    bench.post(DEPLOYMENTS, deployment("web", "acme/app:1"))
    budget = {"metadata": {"name": "web"}, "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}}
    bench.post("/apis/policy/v1/namespaces/shop/poddisruptionbudgets", budget)
    bench.pass_time(5)
    name = bench.pods("shop")[0]["metadata"]["name"]
    code, reason, text = refusal(bench, "POST", f"{PODS}/{name}/eviction", {"metadata": {"name": name}})
    assert (code, reason) == (429, "TooManyRequests")
    assert text == "Cannot evict pod as it would violate the pod's disruption budget."


def test_a_deleted_namespace_goes_with_everything(bench: Bench) -> None:
    bench.post(PODS, pod("p", "acme/app:1"))
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    bench.post("/api/v1/namespaces/shop/persistentvolumeclaims", {"metadata": {"name": "data"}, "spec": claim})
    bench.pass_time(3)
    bench.ask("DELETE", "/api/v1/namespaces/shop")
    bench.cluster.engine.settle()
    assert "is being terminated" in refusal(bench, "POST", CONFIG_MAPS, {"metadata": {"name": "a"}})[2]
    bench.pass_time(40)
    assert refusal(bench, "GET", "/api/v1/namespaces/shop")[0] == 404


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b'{"metadata": 3}', b'{"metadata": {"name": 5}}'])
@pytest.mark.parametrize("path", [PODS, DEPLOYMENTS, CONFIG_MAPS])
def test_broken_bodies_are_refused_not_raised(bench: Bench, body: bytes, path: str) -> None:
    response = bench.cluster.api.answer(Request("POST", path, {}, {"content-type": "application/json"}, body))
    assert response.code in (400, 422)
