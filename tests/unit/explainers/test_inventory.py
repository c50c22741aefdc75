"""One row a workload: how it is, and what is told of it, from lists as the API returns them."""

import pytest

from commands.base.investigate import investigate
from explainers.diagnosis.facts import Facts
from explainers.inventory import Row, State, inventory, short_image
from explainers.operations.reads import List
from tests.unit.clusters import NOW, Json, pod, services, thing
from tests.unit.explainers.diagnosis.test_standing import LABELS, service, workload

CANNOT_RUN = "RunContainerError"


def rows(*objects: Json) -> list[Row]:
    ports = services(*objects)
    return investigate(lambda facts: inventory(facts, "shop"), Facts(NOW), ports.cluster, ports.ask)


def waiting(reason: str) -> Json:
    made = pod("web-x", LABELS, ready=False)
    state = {"waiting": {"reason": reason}}
    made["status"]["containerStatuses"] = [{"name": "app", "ready": False, "restartCount": 2, "state": state}]
    return made


@pytest.mark.parametrize(
    ("thing", "pods", "state", "reason"),
    [
        (workload("Deployment"), [], State.HEALTHY, ""),
        (workload("DaemonSet"), [], State.HEALTHY, ""),
        (workload("StatefulSet"), [], State.HEALTHY, ""),
        (workload("Deployment", {"replicas": 0}), [], State.ZERO, ""),
        (workload("Deployment", status={"readyReplicas": 1}), [], State.DEGRADED, ""),
        (workload("Deployment", status={"readyReplicas": None}), [waiting(CANNOT_RUN)], State.DOWN, CANNOT_RUN),
        (workload("DaemonSet", status={"numberReady": 0}), [], State.DOWN, ""),
        (workload("Deployment", status={"updatedReplicas": 1}), [], State.ROLLING, ""),
        (workload("Deployment", generation=3), [waiting("ContainerCreating")], State.ROLLING, ""),
        (workload("Deployment", status={"updatedReplicas": 1}), [waiting(CANNOT_RUN)], State.STUCK, CANNOT_RUN),
        (workload("Deployment", {"paused": True}, {"updatedReplicas": 0}), [], State.PAUSED, ""),
        (workload("Deployment", {"paused": True}), [], State.HEALTHY, ""),
    ],
)  # fmt: skip
def test_how_a_workload_is(thing: Json, pods: list[Json], state: State, reason: str) -> None:
    (row,) = rows(thing, *pods)
    assert (row.state, row.reason) == (state, reason)


def cron_job(suspend: bool = False, active: int = 0) -> Json:
    template = {"spec": {"containers": [{"name": "c", "image": "ghcr.io/team/report:7"}]}}
    spec = {"schedule": "* * * * *", "suspend": suspend, "jobTemplate": {"spec": {"template": template}}}
    return thing("CronJob", "report", spec=spec, status={"active": [{"name": "x"}] * active})


def job(name: str, minute: int, condition: str = "", of: str = "uid-CronJob-report") -> Json:
    made = thing(
        "Job", name, status={"conditions": [{"type": condition, "status": "True", "reason": "BackoffLimitExceeded"}]}
    )
    made["metadata"] |= {
        "ownerReferences": [{"uid": of, "kind": "CronJob", "name": "report"}],
        "creationTimestamp": f"2026-01-02T11:{minute:02}:00Z",
    }
    return made


@pytest.mark.parametrize(
    ("objects", "state", "ready"),
    [
        ([cron_job()], State.HEALTHY, 0),
        ([cron_job(active=1)], State.HEALTHY, 1),
        ([cron_job(suspend=True)], State.SUSPENDED, 0),
        ([cron_job(), job("a", 1, "Failed"), job("b", 2, "Complete")], State.HEALTHY, 0),
        ([cron_job(), job("a", 1, "Complete"), job("b", 2, "Failed")], State.FAILED, 0),
        ([cron_job(), job("a", 1, "Failed", of="uid-of-another")], State.HEALTHY, 0),
    ],
)
def test_how_a_cron_job_is(objects: list[Json], state: State, ready: int) -> None:
    (row,) = rows(*objects)
    assert (row.state, row.ready, row.images) == (state, ready, ("report:7",))


def named(name: str, status: Json) -> Json:
    made = workload("Deployment", status=status)
    made["metadata"]["name"] = name
    return made


def test_the_broken_come_first() -> None:
    down, degraded = {"readyReplicas": 0}, {"readyReplicas": 1}
    found = rows(named("a", {}), named("c", degraded), cron_job(), named("b", down), job("x", 1, "Failed"))
    assert [row.ref.name for row in found] == ["b", "c", "report", "a"]


SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("annotations", "template", "commit"),
    [
        ({"tessera.dev/commit": SHA}, {}, "0123456"),
        ({}, {"org.opencontainers.image.revision": SHA}, "0123456"),
        ({"tessera.dev/commit": SHA}, {"org.opencontainers.image.revision": "f" * 40}, "0123456"),
        ({"org.opencontainers.image.revision": "v1.4"}, {}, "v1.4"),
        ({}, {}, ""),
    ],
)
def test_the_commit_that_annotations_tell(annotations: Json, template: Json, commit: str) -> None:
    made = workload("Deployment")
    made["metadata"]["annotations"] = annotations
    made["spec"]["template"]["metadata"]["annotations"] = template
    assert rows(made)[0].commit == commit


def test_a_row_in_words() -> None:
    made = workload("Deployment", status={"readyReplicas": 0})
    made["metadata"]["annotations"] = {"tessera.dev/commit": SHA}
    made["spec"]["template"]["spec"]["containers"] += [{"name": "log", "image": "log:1"}]
    elsewhere = service({"app": "other"})
    elsewhere["metadata"]["name"] = "elsewhere"
    (row,) = rows(made, service(), elsewhere, waiting("CrashLoopBackOff"))
    assert row.told == "down: CrashLoopBackOff · 0/2 · web:2 +1 · commit 0123456 · service web:80"


@pytest.mark.parametrize(
    ("image", "short"),
    [
        ("nginx", "nginx"),
        ("ghcr.io/team/web:1.4", "web:1.4"),
        ("localhost:5000/web", "web"),
        ("web@sha256:" + "ab" * 32, "web@abababababab"),
        ("ghcr.io/team/web:1.4@sha256:" + "ab" * 32, "web:1.4@abababababab"),
    ],
)
def test_an_image_in_short(image: str, short: str) -> None:
    assert short_image(image) == short


def test_seven_lists_whatever_is_there() -> None:
    objects = [named(f"web-{number}", {}) for number in range(30)]
    ports, facts = services(*objects, cron_job(), service()), Facts(NOW)
    found = investigate(lambda known: inventory(known, "shop"), facts, ports.cluster, ports.ask)
    assert len(found) == 31
    assert len(facts.answers) == 7
    assert all(isinstance(fact, List) for fact in facts.answers)
