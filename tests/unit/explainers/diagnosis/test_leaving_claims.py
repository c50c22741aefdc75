"""Claims that were deleted while a workload uses them."""

from explainers.diagnosis.rules.leaving import going
from explainers.diagnosis.rules.leaving_claims import claims_that_go
from explainers.kinds import Ref
from tests.unit.clusters import Json, deployment, pod, thing
from tests.unit.explainers.diagnosis.reading import Reading
from tests.unit.explainers.diagnosis.test_not_begun import verdict

WEB = Ref("Deployment", "shop", "web")
SAID = '0/1 nodes are available: persistentvolumeclaim "notes" is being deleted. preemption: 0/1'
VOLUMES = [{"name": "data", "persistentVolumeClaim": {"claimName": "notes"}}]


def claim(**metadata: object) -> Json:
    made = thing("PersistentVolumeClaim", "notes", spec={"volumeName": "pv-1", "accessModes": ["ReadWriteOnce"]})
    made["metadata"] |= metadata
    return made | {"status": {"phase": "Bound"}}


GONE = claim(deletionTimestamp="2026-01-02T11:59:00Z", finalizers=["kubernetes.io/pvc-protection"])


def volume(policy: str = "Delete") -> Json:
    return thing("PersistentVolume", "pv-1", "", spec={"persistentVolumeReclaimPolicy": policy})


def mounts(name: str) -> Json:
    made = pod(name, {"app": "web"})
    made["spec"]["volumes"] = VOLUMES
    return made


def waits() -> Json:
    made = mounts("web-2")
    del made["spec"]["nodeName"]
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": SAID}
    return made | {"status": {"phase": "Pending", "conditions": [condition]}}


def test_a_workload_that_is_well_is_warned_of_what_awaits_it() -> None:
    """Its data may be lost: no tick before that."""
    found = verdict(deployment("web"), mounts("web-1"), GONE, volume())
    assert (found["verdict"], found["cause"]["confidence"]) == ("fault", "likely")
    assert "its claim `notes` was deleted 60 s ago and goes once no pod mounts it" in found["headline"]
    assert "serves until `web-1` ends, and no new pod can start then" in found["headline"]
    assert '"persistentVolumeReclaimPolicy":"Retain"' in found["plan"][0]["kubectl"]


def test_it_is_the_cause_where_a_new_pod_waits_for_it() -> None:
    found = verdict(deployment("web", 2, 1), mounts("web-1"), waits(), GONE, volume())
    cause = found["cause"]
    assert (cause["class"], cause["object"]) == (77, "persistentvolumeclaim/notes")
    assert "its pod `web-2` cannot start" in cause["sentence"]
    assert "only because `web-1` mounts it" in cause["sentence"]
    assert found["plan"][-1]["kubectl"].startswith("kubectl -n shop get pod web-1")


def test_a_volume_that_stays_needs_no_change() -> None:
    found = verdict(deployment("web"), mounts("web-1"), GONE, volume("Retain"))
    assert not any(step["changes"] for step in found["plan"])


def test_a_claim_that_stays_is_not_spoken_of() -> None:
    reading = Reading(deployment("web"), mounts("web-1"), claim())
    assert reading.see(lambda case: [*claims_that_go(case)], WEB) == []


def test_without_claims_none_is_read() -> None:
    reading = Reading(deployment("web"), pod("web-1", {"app": "web"}))
    assert reading.see(lambda case: [*claims_that_go(case)], WEB) == []
    assert not any("persistentvolumeclaim" in line for line in reading.lines)


def test_asked_about_the_claim_itself_its_data_are_kept_first_too() -> None:
    objects = (deployment("web"), mounts("web-1"), GONE, volume())
    found = Reading(*objects).see(lambda case: [*going(case)], Ref("PersistentVolumeClaim", "shop", "notes"))
    steps = [step.operation.line() for step in found[0].plan.steps]
    assert steps == [step["kubectl"] for step in verdict(*objects)["plan"]]
    assert '"persistentVolumeReclaimPolicy":"Retain"' in steps[0]
