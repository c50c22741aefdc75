"""What a sparing case reads of what is called, and of other workloads that could be meant."""

import pytest

from explainers import kinds
from explainers.diagnosis.rules.addresses import names_no_service
from explainers.diagnosis.rules.called_by_others import called_without_service
from explainers.diagnosis.rules.dependencies import lower_dependency
from explainers.diagnosis.rules.dns import dns_egress_blocked, dns_is_down
from explainers.diagnosis.rules.lost_nodes import on_a_lost_node
from explainers.diagnosis.rules.network import caller_is_kept_out
from explainers.diagnosis.rules.services import selector_matches_nothing
from explainers.diagnosis.views.listed import PRINTED
from explainers.diagnosis.views.nodes import MANY
from explainers.diagnosis.views.serving import always_ready
from explainers.diagnosis.views.unplaced import labelled_nodes
from explainers.kinds import Ref
from explainers.operations.reads import List
from tests.unit.clusters import Json, deployment, pod, thing
from tests.unit.explainers.diagnosis.reading import (
    Reading,
    replica_set,
    service,
    web,
    web_pod,
    well,
)  # fmt: skip


def caller(log: str, url: str = "http://web:80") -> tuple[list[Json], Json]:
    """A workload that calls the service `web` and is not ready, and its log."""
    made = deployment("front", ready=0)
    only = pod("front-dddddd-front", {"app": "front"}, ready=False)
    for spec in (made["spec"]["template"]["spec"], only["spec"]):
        spec["containers"] = [{"name": "app", "image": "app:1", "env": [{"name": "WEB_URL", "value": url}]}]
    return [made, only], {"shop/front-dddddd-front/app": log}


FRONT = Ref("Deployment", "shop", "front")
TIMED_OUT = "Error: dial tcp 10.1.0.1:80: i/o timeout while calling http://web:80"
NAMED = [{"name": "http", "containerPort": 8080}, {"name": "grpc", "containerPort": 9090}]
REFUSED = "Error: connect ECONNREFUSED 10.1.0.1:80 (http://web:80)"


def steady(objects: list[Json], generation: int = 2) -> list[Json]:
    """The same with a slice that was written so often, of pods that listen on 8080."""
    told = {"ports": [{"name": "", "port": 8080, "protocol": "TCP"}]}
    return [
        {**one, **told, "metadata": {**one["metadata"], "generation": generation}}
        if one["kind"] == "EndpointSlice" else one
        for one in objects
    ]  # fmt: skip


def read_of_web(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith(("deployment web", "pod -l app=web"))]


def policy(ingress: object, selector: Json) -> Json:
    spec = {"podSelector": selector, "policyTypes": ["Ingress"], "ingress": ingress}
    return thing("NetworkPolicy", "web-in", spec=spec)


def kept_out(*policies: Json) -> tuple[list[int], list[str]]:
    """The classes that the rules find, and what they read of the called workload."""
    objects, log = caller(TIMED_OUT)
    reading = Reading(*objects, *steady(well(1)), *policies, logs=log)
    found = reading.see(lambda case: [*caller_is_kept_out(case), *lower_dependency(case)], FRONT)
    return [one.number for one in found], read_of_web(reading.lines)


def test_a_policy_that_asks_for_no_more_than_the_selector_is_judged_by_the_endpoints() -> None:
    assert kept_out(policy([], {})) == ([30], [])
    asks = {"from": [{"podSelector": {"matchLabels": {"app": "admin"}}}], "ports": [{"port": 8080}]}
    assert kept_out(policy([asks], {"matchLabels": {"app": "web"}}))[1] == []
    assert kept_out(policy([], {"matchLabels": {"app": "other", "tier": "back"}}))[0] == []


@pytest.mark.parametrize(
    "one",
    [
        policy([], {"matchLabels": {"tier": "back"}}),
        policy([], {"matchExpressions": [{"key": "tier", "operator": "Exists"}]}),
        policy([{"ports": [{"port": "http"}]}], {}),
    ],
    ids=["another label", "an expression", "a port by name"],
)
def test_for_one_that_asks_for_more_the_template_is_read(one: Json) -> None:
    assert kept_out(one)[1] != []


@pytest.mark.parametrize(("asked", "found"), [("http", []), ("grpc", [32])])
def test_a_port_that_the_service_calls_by_name_is_known_by_the_endpoints(asked: str, found: list[int]) -> None:
    """Another one is not, and the template is read for it."""
    objects, log = caller(TIMED_OUT)
    around = steady(well(1, containers=[{"name": "app", "image": "app:1", "ports": NAMED}]))
    around[2]["spec"]["ports"] = [{"port": 80, "targetPort": "http"}]
    reading = Reading(*objects, *around, policy([{"ports": [{"port": asked}]}], {}), logs=log)
    assert [one.number for one in reading.see(lambda case: [*caller_is_kept_out(case)], FRONT)] == found
    assert bool(read_of_web(reading.lines)) is (asked == "grpc")


@pytest.mark.parametrize(("label", "asked"), [("kubernetes.io/metadata.name", False), ("team", True)])
def test_the_namespace_of_dns_is_read_for_labels_of_its_own(label: str, asked: bool) -> None:
    to = [{"namespaceSelector": {"matchLabels": {label: "kube-system"}}}]
    spec = {
        "podSelector": {},
        "policyTypes": ["Egress"],
        "egress": [{"to": to, "ports": [{"port": 53, "protocol": "UDP"}]}],
    }
    objects, log = caller("Error: getaddrinfo EAI_AGAIN web")
    home = thing("Namespace", "kube-system", "")
    reading = Reading(*objects, *well(1), home, thing("NetworkPolicy", "out", spec=spec), logs=log)
    found = reading.see(lambda case: [*dns_egress_blocked(case)], FRONT)
    assert ([one.number for one in found] == [33]) is asked
    assert any("get namespace kube-system" in line for line in reading.lines) is asked


def test_without_policies_what_is_called_in_silence_and_always_served_is_not_read() -> None:
    objects, log = caller("")
    for generation, lines in ((2, []), (5, ["deployment web -o yaml"])):
        reading = Reading(*objects, *steady(well(1), generation), logs=log)
        assert reading.see(lambda case: [*caller_is_kept_out(case), *lower_dependency(case)], FRONT) == []
        assert read_of_web(reading.lines)[:1] == lines


def test_a_call_to_a_port_that_is_not_offered_is_not_followed() -> None:
    objects, log = caller(REFUSED.replace(":80", ":8080"), "http://web:8080")
    reading = Reading(*objects, *well(1), policy([], {}), logs=log)
    assert reading.see(lambda case: [*caller_is_kept_out(case), *lower_dependency(case)], FRONT) == []
    assert read_of_web(reading.lines) == []


def test_a_name_that_was_not_found_is_not_followed_where_it_has_an_address() -> None:
    objects, log = caller("Error: getaddrinfo ENOTFOUND web")
    for address, followed in (("10.1.0.1", False), ("None", True)):
        around = well(1)
        around[2]["spec"]["clusterIP"] = address
        reading = Reading(*objects, *around, logs=log)
        reading.see(lambda case: [*lower_dependency(case)], FRONT)
        assert bool(read_of_web(reading.lines)) is followed


def test_dns_is_not_asked_for_a_name_that_nothing_has() -> None:
    for host, asked in (("wbe", False), ("web", True)):
        objects, log = caller(f"Error: getaddrinfo ENOTFOUND {host}", f"http://{host}:80")
        reading = Reading(*objects, *well(1), logs=log)
        reading.see(lambda case: [*dns_is_down(case)], FRONT)
        assert any("kube-dns" in line for line in reading.lines) is asked


def test_a_slice_that_was_written_more_often_may_have_lost_an_endpoint() -> None:
    slices = [steady([service("a", "b")[1]], generation)[0] for generation in (5, 6)]
    assert [always_ready([one]) for one in slices] == [True, False]
    slices[0]["endpoints"][0]["conditions"]["ready"] = False
    assert not always_ready(slices[:1])
    assert not always_ready([])


def test_other_services_tell_that_there_are_other_deployments() -> None:
    reading = Reading(*well(1), deployment("api"), *service(name="api"))
    assert [PRINTED in one for one in reading.see(lambda case: case.other_workloads)] == [True]
    assert "deployment -o wide" in reading.lines
    assert [PRINTED in one for one in reading.see(lambda case: case.workloads)] == [False, False]


def test_a_service_may_select_by_a_label_that_no_row_shows() -> None:
    """The Deployment's selector asks for less than its pods carry."""
    made = deployment("api", 0)
    made["spec"]["template"]["metadata"]["labels"] = {"app": "api", "tier": "back"}
    selecting = thing("Service", "backend", spec={"selector": {"tier": "back", "app": "api"}, "ports": [{"port": 80}]})
    backend = Ref("Service", "shop", "backend")
    for others in range(0, 6, 5):
        beside = [one for index in range(others) for one in (deployment(f"n{index}"), *service(name=f"n{index}"))]
        reading = Reading(made, selecting, *well(1), *beside)
        assert reading.see(lambda case: case.workload_ref, backend) == Ref("Deployment", "shop", "api")
        assert reading.see(lambda case: [*selector_matches_nothing(case)], backend) == []
        assert reading.see(lambda case: [*selector_matches_nothing(case)]) == []


def misspelt(host: str, *beside: Json) -> tuple[str, list[str]]:
    """The sentence about a host that no Service has, beside the Service `web`, and the lists that were read for it."""
    objects, log = caller(f"Error: getaddrinfo ENOTFOUND {host}", f"http://{host}:80")
    reading = Reading(*objects, *well(1), *beside, logs=log)
    (found,) = reading.see(lambda case: [*names_no_service(case)], FRONT)
    lists = [line for line in reading.lines if line.startswith(("deployment -o", "statefulset -o", "deployment '"))]
    return found.clause, lists


def test_beside_a_service_of_nearly_that_name_only_a_workload_of_that_name_is_sought() -> None:
    assert misspelt("webb") == ("`WEB_URL` points to `webb`, a name that no service has; the nearest is `web`", [])
    said, lists = misspelt("webb", deployment("webb"))
    assert said.endswith("Deployment `webb` runs without one")
    assert lists == []


def test_a_workload_whose_service_has_another_name_is_reached_by_that() -> None:
    selecting = thing(
        "Service", "db-svc", spec={"selector": {"app": "db"}, "ports": [{"port": 5432}], "clusterIP": "10.1.0.3"}
    )
    said, lists = misspelt("db", deployment("db"), selecting)
    assert said.endswith("a name that no service has; Deployment `db` is reached as `db-svc` on port 5432")
    assert lists != []
    selecting["spec"]["clusterIP"] = "None"
    assert misspelt("db", deployment("db"), selecting)[0].endswith("Deployment `db` runs without one")


@pytest.mark.parametrize(("owner", "found"), [(None, []), ("Job", [2])])
def test_what_has_ended_still_carries_its_labels(owner: str | None, found: list[int]) -> None:
    """The pod of a Job is not what a Service is there for."""
    ended = pod("backend-x7k2p", {"app": "backend"}, ready=False)
    ended["status"]["phase"] = "Failed"
    ended["metadata"]["ownerReferences"] = [{"kind": owner, "name": "backend", "controller": True}] if owner else []
    reading = Reading(service(name="backend")[0], ended)
    backend = Ref("Service", "shop", "backend")
    assert [one.number for one in reading.see(lambda case: [*selector_matches_nothing(case)], backend)] == found


def test_a_pod_that_only_its_row_tells_of_is_not_sought_on_a_lost_node() -> None:
    old = web_pod(1, "old11", ready=False, born="2026-01-02T11:00:00Z")
    objects = [web(2, 2, 1, 0), replica_set(1, 1), replica_set(2, 1), web_pod(2, "new11", ready=False), old]
    reading = Reading(*objects)
    assert reading.see(lambda case: [*on_a_lost_node(case)]) == []
    assert [one.whole for one in reading.see(lambda case: case.all_pods)] == [True, False]
    assert not any(line.startswith("kubectl get node") for line in reading.lines)


def test_nodes_that_were_read_whole_are_not_read_again() -> None:
    nodes = [thing("Node", "one", "", labels={"disk": "ssd"})]
    reading = Reading(*nodes)
    reading.see(lambda case: [case.ask(List(kinds.NODE, "", limit=MANY)), labelled_nodes(case)])
    assert len(reading.lines) == 1


@pytest.mark.parametrize(("ready", "found"), [(0, [1]), (1, [])])
def test_among_many_callers_are_sought_that_lack_pods(ready: int, found: list[int]) -> None:
    """Their variables stand in no row."""
    called = deployment("inventory")
    called["spec"]["template"]["spec"]["containers"][0]["ports"] = [{"containerPort": 80}]
    calls, _ = caller("", "http://inventory:80")
    calls[0]["status"] |= {"readyReplicas": ready}
    beside = [one for index in range(5) for one in (deployment(f"n{index}"), *service(name=f"n{index}"))]
    reading = Reading(called, pod("inventory-1", {"app": "inventory"}), *calls, *beside)
    inventory = Ref("Deployment", "shop", "inventory")
    assert [one.number for one in reading.see(lambda case: [*called_without_service(case)], inventory)] == found
    whole = [line for line in reading.lines if line.startswith("deployment ") and line.endswith("-o yaml")]
    assert whole == ["deployment inventory -o yaml", *(["deployment front -o yaml"] if found else [])]


@pytest.mark.parametrize(
    ("ready", "shut_out", "asked"), [(True, False, True), (False, False, False), (True, True, False)]
)
def test_of_a_quiet_call_dns_is_asked_about_only_where_it_could_be_why(
    ready: bool, shut_out: bool, asked: bool
) -> None:
    objects, log = caller("")
    behind = steady(well(1)) if ready else service()
    policies = [policy([{"from": [{"podSelector": {"matchLabels": {"app": "shop"}}}]}], {})] if shut_out else []
    reading = Reading(*objects, *behind, *policies, logs=log)
    reading.see(lambda case: [*dns_is_down(case)], FRONT)
    assert any("k8s-app=kube-dns" in line for line in reading.lines) is asked
