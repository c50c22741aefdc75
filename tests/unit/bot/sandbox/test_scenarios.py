"""Every scenario shows the signals of its fault, word by word, and heals by the repair that helps on a real cluster."""

from typing import Any

import pytest

from bot.sandbox.scenarios import ScenarioError, load, names, parse
from tests.unit.bot.sandbox.clusters import scenario_bench


def path(kind: str, namespace: str, name: str) -> str:
    prefix = (
        "/api/v1" if kind in ("services", "configmaps", "persistentvolumeclaims", "resourcequotas") else "/apis/apps/v1"
    )
    return f"{prefix}/namespaces/{namespace}/{kind}/{name}"


@pytest.mark.parametrize("name", names())
def test_every_scenario_has_a_title_and_a_namespace_of_its_own(name: str) -> None:
    scenario = load(name)
    assert scenario.title
    assert scenario.namespace == name


def test_there_are_enough_scenarios() -> None:
    healthy = [name for name in names() if name.startswith("healthy")]
    assert len(healthy) >= 2
    assert len(names()) - len(healthy) >= 8


STATUSES = {
    "shop": {"checkout": "CrashLoopBackOff", "web": "Running", "postgres": "Running"},
    "missing-configmap": {"api": "CreateContainerConfigError"},
    "image-not-found": {"mailer": "Running"},
    "selector-mismatch": {"catalog": "Running"},
    "out-of-memory": {"reports": "CrashLoopBackOff"},
    "pending-cpu": {"trainer": "Pending"},
    "missing-claim": {"archive": "Pending"},
    "quota-exceeded": {"search": "Running"},
    "readiness-path": {"gateway": "Running"},
    "paused-rollout": {"billing": "Running"},
    "dependency-down": {"orders": "CrashLoopBackOff"},
    "default-deny": {"frontend": "CrashLoopBackOff", "backend": "Running"},
    "failed-job": {"migrate": "Error"},
    "healthy": {"portal": "Running", "sessions": "Running"},
    "healthy-job": {"import": "Completed", "tidy": "Completed"},
}


@pytest.mark.parametrize("name", names())
def test_pods_stand_as_the_scenario_means(name: str) -> None:
    assert scenario_bench(name).statuses(name) == STATUSES[name]


TEXTS = [
    ("missing-configmap", "Failed", 'Error: configmap "api-setings" not found'),
    ("image-not-found", "BackOff", 'Back-off pulling image "acme/mailer:2.11"'),
    (
        "pending-cpu",
        "FailedScheduling",
        "0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, "
        "preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
    ),
    (
        "missing-claim",
        "FailedScheduling",
        '0/2 nodes are available: persistentvolumeclaim "archive-dat" not found. not found',
    ),
    ("readiness-path", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 404"),
    ("failed-job", "BackoffLimitExceeded", "Job has reached the specified backoff limit"),
]


@pytest.mark.parametrize(("name", "reason", "text"), TEXTS)
def test_events_say_what_a_real_cluster_says(name: str, reason: str, text: str) -> None:
    assert text in scenario_bench(name).messages(name, reason)


def test_a_rule_of_the_scenario_denies() -> None:
    bench = scenario_bench("shop")
    name = bench.pods("shop", "app=checkout")[0]["metadata"]["name"]
    bench.headers["impersonate-user"] = "intern"
    assert bench.ask("GET", "/api/v1/namespaces/shop/pods").code == 200
    refused = bench.ask("GET", f"/api/v1/namespaces/shop/pods/{name}/log").body
    assert isinstance(refused, dict)
    assert refused["message"] == (
        f'pods "{name}" is forbidden: User "intern" cannot get resource "pods/log" in API group "" '
        'in the namespace "shop"'
    )


def test_a_quota_refuses_with_the_amounts() -> None:
    messages = scenario_bench("quota-exceeded").messages("quota-exceeded", "FailedCreate")
    assert any(
        text.endswith("exceeded quota: team, requested: pods=1, used: pods=2, limited: pods=2") for text in messages
    )


def test_a_memory_kill_leaves_its_mark() -> None:
    pod = scenario_bench("out-of-memory").pods("out-of-memory")[0]
    ended = pod["status"]["containerStatuses"][0]["lastState"]["terminated"]
    assert (ended["reason"], ended["exitCode"]) == ("OOMKilled", 137)


def test_an_undo_heals_the_shop() -> None:
    bench = scenario_bench("shop")
    assert bench.available("shop", "checkout") == 0
    old = next(
        item
        for item in bench.get("/apis/apps/v1/namespaces/shop/replicasets", labelSelector="app=checkout")["items"]
        if item["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "1"
    )
    template = old["spec"]["template"]
    template["metadata"]["labels"].pop("pod-template-hash")
    undo = [{"op": "replace", "path": "/spec/template", "value": template}]
    assert bench.patch(path("deployments", "shop", "checkout"), "json-patch", undo).code == 200
    bench.pass_time(60)
    assert bench.available("shop", "checkout") == 2
    assert bench.get(path("deployments", "shop", "checkout"))["metadata"]["annotations"] == {
        "deployment.kubernetes.io/revision": "3"
    }


CONTAINER = {"spec": {"template": {"spec": {"containers": None}}}}


def containers(name: str, **fields: Any) -> Any:
    return {"spec": {"template": {"spec": {"containers": [{"name": name, **fields}]}}}}


REPAIRS: list[tuple[str, str, str, Any]] = [
    ("image-not-found", "deployments", "mailer", containers("mailer", image="acme/mailer:2.1")),
    ("out-of-memory", "deployments", "reports", containers("reports", resources={"limits": {"memory": "512Mi"}})),
    ("pending-cpu", "deployments", "trainer", containers("trainer", resources={"requests": {"cpu": "1"}})),
    ("quota-exceeded", "resourcequotas", "team", {"spec": {"hard": {"pods": "10"}}}),
    (
        "readiness-path",
        "deployments",
        "gateway",
        containers("gateway", readinessProbe={"httpGet": {"path": "/healthz"}}),
    ),
    ("paused-rollout", "deployments", "billing", {"spec": {"paused": False}}),
]


@pytest.mark.parametrize(("namespace", "kind", "name", "repair"), REPAIRS)
def test_a_patch_heals(namespace: str, kind: str, name: str, repair: Any) -> None:
    bench = scenario_bench(namespace)
    assert bench.patch(path(kind, namespace, name), "strategic-merge-patch", repair).code == 200
    bench.pass_time(700)
    deployment = bench.get(f"/apis/apps/v1/namespaces/{namespace}/deployments")["items"][0]
    wanted = deployment["spec"]["replicas"]
    assert deployment["status"].get("updatedReplicas") == deployment["status"].get("availableReplicas") == wanted


def test_creating_the_missing_object_heals() -> None:
    bench = scenario_bench("missing-configmap", "missing-claim")
    bench.post(
        "/api/v1/namespaces/missing-configmap/configmaps", {"metadata": {"name": "api-setings"}, "data": {"A": "b"}}
    )
    claim = {
        "metadata": {"name": "archive-dat"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    bench.post("/api/v1/namespaces/missing-claim/persistentvolumeclaims", claim)
    bench.pass_time(30)
    assert bench.available("missing-configmap", "api") == 1
    assert bench.available("missing-claim", "archive") == 1


def test_a_volume_goes_with_its_claim() -> None:
    bench = scenario_bench("shop")
    assert len(bench.get("/api/v1/persistentvolumes")["items"]) == 1
    bench.ask("DELETE", path("deployments", "shop", "pg"))
    bench.ask("DELETE", path("persistentvolumeclaims", "shop", "pg-data"))
    bench.cluster.engine.settle()
    bench.pass_time(5)
    assert bench.get("/api/v1/persistentvolumes")["items"] == []


def test_a_selector_that_matches_fills_the_slice() -> None:
    bench = scenario_bench("selector-mismatch")
    slices = "/apis/discovery.k8s.io/v1/namespaces/selector-mismatch/endpointslices"
    assert bench.get(slices)["items"][0]["endpoints"] == []
    selector = {"spec": {"selector": {"app": "catalog"}}}
    bench.patch(path("services", "selector-mismatch", "catalog"), "merge-patch", selector)
    endpoints = bench.get(slices)["items"][0]["endpoints"]
    assert [item["conditions"]["ready"] for item in endpoints] == [True, True]


def test_starting_the_dependency_heals_its_caller() -> None:
    bench = scenario_bench("dependency-down")
    scale = path("deployments", "dependency-down", "cache") + "/scale"
    assert bench.patch(scale, "merge-patch", {"spec": {"replicas": 1}}).code == 200
    bench.pass_time(400)
    assert bench.available("dependency-down", "orders") == 1


def test_an_allowing_policy_heals() -> None:
    bench = scenario_bench("default-deny")
    peers = [{"podSelector": {"matchLabels": {"app": "frontend"}}}]
    rules = [{"from": peers, "ports": [{"port": 8080}]}]
    policy = {
        "metadata": {"name": "allow-frontend"},
        "spec": {"podSelector": {"matchLabels": {"app": "backend"}}, "ingress": rules},
    }
    bench.post("/apis/networking.k8s.io/v1/namespaces/default-deny/networkpolicies", policy)
    bench.pass_time(400)
    assert bench.available("default-deny", "frontend") == 1


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("timeline: [{ago: soon}]", "no duration"),
        ("images: {a: {colour: red}}\ntimeline: []", "unknown keys colour"),
        ("title: x", "timeline"),
        ("[", "scenario broken"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(text: str, complaint: str) -> None:
    with pytest.raises(ScenarioError, match=complaint):
        parse("broken", text)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ScenarioError, match="there are: default-deny, "):
        load("nothing")
