"""What is not asked because the pod itself rules it out."""

import pytest

from explainers.diagnosis.rules.dependencies import lower_dependency
from explainers.diagnosis.rules.probes import not_ready
from explainers.diagnosis.rules.scheduling import missing_node
from explainers.diagnosis.rules.storage import mounted
from explainers.diagnosis.views.calls import suspected_calls
from explainers.network.dns import DnsDeployment, dns_deployment
from tests.unit.clusters import Json, deployment, thing
from tests.unit.explainers.diagnosis.reading import Reading, web, web_pod

PROBED = {"name": "app", "image": "app:1", "readinessProbe": {"exec": {"command": ["pg_isready", "-h", "db"]}}}


def asks(reading: Reading, what: str) -> bool:
    return any(what in line for line in reading.lines)


def ended(code: int) -> Json:
    """A pod whose container runs again after it had ended a moment ago."""
    made = web_pod(1, "one11", ready=False)
    made["spec"]["containers"] = [PROBED]
    end = {"exitCode": code, "startedAt": "2026-01-02T11:59:40Z", "finishedAt": "2026-01-02T11:59:50Z"}
    state = {"running": {"startedAt": "2026-01-02T11:59:55Z"}}
    made["status"] = {
        "phase": "Running",
        "containerStatuses": [
            {"name": "app", "ready": False, "restartCount": 2, "state": state, "lastState": {"terminated": end}}
        ],
    }
    return made


@pytest.mark.parametrize(("code", "asked"), [(1, False), (2, False), (0, True), (137, True), (143, True)])
def test_what_ends_with_an_error_of_its_own_is_not_asked_for_its_probe(code: int, asked: bool) -> None:
    reading = Reading(web(1, 1, 1, 0), ended(code))
    reading.see(lambda case: [*not_ready(case), *lower_dependency(case)])
    assert asks(reading, "event") is asked


@pytest.mark.parametrize(
    ("scheduled", "born", "asked"),
    [(True, "11:59:50", False), (True, "11:50:00", True), (False, "11:59:50", True)],
)
def test_a_node_that_the_scheduler_chose_a_moment_ago_is_not_read(scheduled: bool, born: str, asked: bool) -> None:
    made = web_pod(1, "one11", ready=False, born=f"2026-01-02T{born}Z")
    made["spec"]["nodeName"] = "node-1"
    conditions = [{"type": "PodScheduled", "status": "True"}] if scheduled else []
    made["status"] = {"phase": "Pending", "conditions": conditions}
    reading = Reading(web(1, 1, 1, 0), made)
    assert [one.number for one in reading.see(lambda case: list(missing_node(case)))] == [89] * asked
    assert asks(reading, "node") is asked


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("0/3 nodes are available: 3 Insufficient memory.", False),
        (
            "0/3 nodes are available: 1 Insufficient cpu, 2 Insufficient memory. preemption: 0/3 nodes are available.",
            False,
        ),
        ("0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient memory.", True),
        ('0/3 nodes are available: persistentvolumeclaim "data" not found.', True),
        ("", True),
    ],
)
def test_claims_are_not_why_nodes_lack_room(words: str, asked: bool) -> None:
    made = web_pod(1, "one11", ready=False)
    made["spec"]["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    scheduled = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": words}
    made["status"] = {"phase": "Pending", "conditions": [scheduled]}
    reading = Reading(web(1, 1, 1, 0), made)
    reading.see(lambda case: list(mounted(case)))
    assert asks(reading, "persistentvolumeclaim") is asked


@pytest.mark.parametrize(("name", "labels"), [("rke2-coredns", {"k8s-app": "kube-dns"}), ("coredns", {"app": "dns"})])
def test_what_runs_dns_is_known_by_its_row(name: str, labels: dict[str, str]) -> None:
    runs = deployment(name, replicas=2, ready=0)
    runs["metadata"] |= {"namespace": "kube-system", "labels": labels}
    reading = Reading(runs)
    assert reading.see(dns_deployment) == DnsDeployment(name, 2, 0)
    assert all(line.endswith("-o wide") for line in reading.lines)


def test_dns_that_nothing_here_runs_is_nobodys() -> None:
    assert Reading(deployment("web")).see(dns_deployment) is None


@pytest.mark.parametrize(
    ("said", "hosts"),
    [
        ("Readiness probe failed: ", ["web"]),
        ("Readiness probe failed: curl: (6) Could not resolve host: old", []),
        ("Readiness probe failed: dial tcp 127.0.0.1:80: connection refused", ["web"]),
    ],
)
def test_calls_that_nothing_complains_of_are_not_suspected_beside_one_that_its_probe_complains_of(
    said: str, hosts: list[str]
) -> None:
    made = web_pod(1, "one11", ready=False)
    made["spec"]["containers"] = [PROBED | {"env": [{"name": "WEB_URL", "value": "http://web:80"}]}]
    made["status"]["containerStatuses"][0]["state"] = {"running": {"startedAt": "2026-01-02T11:50:00Z"}}
    workload = web(1, 1, 1, 0)
    workload["spec"]["template"]["spec"] = made["spec"]
    about = {"kind": "Pod", "name": made["metadata"]["name"], "namespace": "shop", "uid": ""}
    unhealthy = thing("Event", "unhealthy", involvedObject=about, reason="Unhealthy", message=said)
    reading = Reading(workload, made, unhealthy)
    assert [call.address.host for call in reading.see(suspected_calls)] == hosts


@pytest.mark.parametrize(("state", "asked"), [("running", True), ("waiting", False)])
def test_that_an_image_is_pulled_says_nothing_of_what_has_begun(state: str, asked: bool) -> None:
    made = web_pod(1, "one11", ready=False)
    made["status"]["containerStatuses"][0]["state"] = {state: {"startedAt": "2026-01-02T11:50:00Z"}}
    reading = Reading(web(1, 1, 1, 0), made)
    reading.see(lambda case: case.events(case.unready_pods[0].ref))
    assert asks(reading, "reason!=Pulling") is asked
