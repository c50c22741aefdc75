"""Claims that get no volume: what the volumes at hand lack, what a provisioner answers, and how long it may take."""

import pytest

from explainers.diagnosis.model import Finding
from explainers.diagnosis.rules.storage import asked_about
from explainers.diagnosis.views.claims import supported
from explainers.kinds import Ref
from explainers.operations.apply import Apply
from explainers.plan import Step
from tests.unit.clusters import Json, cluster, pod, thing
from tests.unit.explainers.diagnosis.reading import Reading

CLAIM = Ref("PersistentVolumeClaim", "shop", "data")
SAID = "NodePath only supports ReadWriteOnce and ReadWriteOncePod (1.22+) access modes"
ONCE, MANY = "ReadWriteOnce", "ReadWriteMany"
UNREADABLE = {"resource": "persistentvolumes", "namespace": "", "status": 403, "problem": "they are forbidden"}
FREE: Json = {"phase": "Available"}


def claim(storage_class: str, mode: str = ONCE, born: str = "11:00:00", **spec: object) -> Json:
    spec = {"accessModes": [mode], "resources": {"requests": {"storage": "100Mi"}}, **spec}
    made = thing("PersistentVolumeClaim", "data", spec={"storageClassName": storage_class, **spec})
    made["metadata"] |= {
        "creationTimestamp": f"2026-01-02T{born}Z",
        "annotations": {"volume.kubernetes.io/selected-node": "node-1"},
    }
    return made | {"status": {"phase": "Pending"}}


def volume(name: str, size: str, storage_class: str = "team-manual", status: Json = FREE, **spec: object) -> Json:
    offers = {"capacity": {"storage": size}, "accessModes": [ONCE], "storageClassName": storage_class}
    return thing("PersistentVolume", name, namespace="", spec={**offers, **spec}, status=status)


def local_path() -> Json:
    made = thing("StorageClass", "local-path", namespace="", provisioner="rancher.io/local-path")
    made["metadata"]["annotations"] = {"storageclass.kubernetes.io/is-default-class": "true"}
    return made | {"volumeBindingMode": "WaitForFirstConsumer"}


def event(reason: str, first: str, said: str = "", uid: str = "uid-PersistentVolumeClaim-data") -> Json:
    about = {"kind": CLAIM.kind, "name": CLAIM.name, "namespace": "shop", "uid": uid}
    made = thing("Event", f"data.{reason}".lower(), reason=reason, message=said, involvedObject=about)
    return made | {"firstTimestamp": f"2026-01-02T{first}Z", "lastTimestamp": "2026-01-02T11:59:58Z"}


def found(*objects: Json) -> list[Finding]:
    return Reading(local_path(), *objects).see(lambda case: [*asked_about(case)], CLAIM)


def lines(steps: tuple[Step, ...]) -> list[str]:
    return [step.operation.line().split(" -f -")[0] for step in steps]


def test_a_class_of_volumes_made_by_hand_needs_no_object() -> None:
    (one,) = found(claim("team-manual"), volume("pv-1", "50Mi"))
    assert one.number == 93
    assert one.clause.startswith("no volume fits the claim `data` (`100Mi`): no class `team-manual` exists")
    assert one.clause.endswith("; `pv-1` has `50Mi`, less than the `100Mi` that the claim asks for")


def test_all_that_a_volume_lacks_is_said() -> None:
    (one,) = found(claim("team-manual", MANY), volume("pv-1", "50Mi"))
    assert one.clause.endswith("that the claim asks for, and allows ReadWriteOnce, not ReadWriteMany")


@pytest.mark.parametrize(
    ("asked", "lacks"),
    [
        ({"volumeMode": "Block"}, "is of the volume mode Filesystem, not Block"),
        ({"selector": {"matchLabels": {"tier": "fast"}}}, "lacks the labels that the claim selects"),
        ({}, "seems to, and is not bound to it"),
    ],
)
def test_what_else_keeps_a_volume_from_it(asked: Json, lacks: str) -> None:
    (one,) = found(claim("team-manual", **asked), volume("pv-1", "200Mi"), volume("pv-0", "1Mi", "other"))
    assert one.clause.endswith(f"; `pv-1` {lacks}")


def test_a_volume_that_fits_is_bound_in_a_moment() -> None:
    assert not found(claim("team-manual", born="11:59:55"), volume("pv-1", "200Mi"))


@pytest.mark.parametrize(("phase", "of"), [("Bound", "other"), ("Released", "data"), ("Available", "other")])
def test_volumes_of_other_claims_show_what_the_class_is_too(phase: str, of: str) -> None:
    taken = volume("pv-1", "200Mi", status={"phase": phase}, claimRef={"namespace": "shop", "name": of})
    (one,) = found(claim("team-manual"), taken)
    assert (one.number, one.clause.endswith(", and no free one exists")) == (93, True)


def test_a_class_that_no_volume_carries_is_a_wrong_name() -> None:
    (one,) = found(claim("team-manual"), volume("pv-1", "200Mi", "other"))
    assert (one.number, "`team-manual`, which does not exist" in one.clause) == (92, True)


def test_the_volume_is_looked_at_before_storage_is_exchanged() -> None:
    (one,) = found(claim("team-manual"), volume("pv-1", "50Mi"))
    assert lines(one.plan.steps) == ["kubectl get persistentvolume pv-1 -o yaml"]
    remove, make, look = one.plan.alternatives
    assert remove.why.startswith("if it need not be this storage, delete the claim")
    assert lines((remove,))[0].endswith("delete persistentvolumeclaim data")
    assert (make.why, look.changes) == ("make it again with the class `local-path`", False)


@pytest.mark.parametrize("volumes", [[volume("pv-1", "50Mi")], []])
@pytest.mark.parametrize("storage_class", ["team-manual", ""])
def test_what_several_nodes_write_is_not_moved_to_a_class_for_one(volumes: list[Json], storage_class: str) -> None:
    (one,) = found(claim(storage_class, MANY), *volumes)
    assert not [step for step in (*one.plan.steps, *one.plan.alternatives) if step.changes]
    assert one.plan.steps


def test_with_no_volume_at_hand_one_of_the_default_class_is_made() -> None:
    (one,) = found(claim(""))
    assert one.number == 93
    assert [step.why.split(" ")[0] for step in one.plan.steps] == ["delete", "make"]


@pytest.mark.parametrize("mode", [MANY, "ReadOnlyMany"])
def test_a_provisioner_that_says_which_modes_it_makes_does_answer(mode: str) -> None:
    (one,) = found(claim("local-path", mode), event("ProvisioningFailed", "11:00:00", SAID))
    assert (one.number, f'answers "{SAID}"' in one.clause) == (94, True)
    remove, make = one.plan.steps
    assert remove.why.startswith("if one writer is enough")
    assert isinstance(make.operation, Apply)
    spec = make.operation.manifest["spec"]
    assert (spec["accessModes"], spec["storageClassName"]) == ([ONCE], "local-path")


@pytest.mark.parametrize(("mode", "said"), [(ONCE, SAID), (MANY, "no space left on the pool")])
def test_after_any_other_answer_the_provisioner_is_looked_at(mode: str, said: str) -> None:
    (one,) = found(claim("local-path", mode), event("ProvisioningFailed", "11:00:00", said))
    assert lines(one.plan.steps) == ["kubectl get storageclass local-path -o yaml"]


@pytest.mark.parametrize(
    ("said", "modes"),
    [
        (SAID, [ONCE, "ReadWriteOncePod"]),
        ("invalid AccessModes [ReadWriteMany]: only AccessModes [ReadWriteOnce] are supported", [ONCE]),
        ("Only support ReadWriteOnce access mode", [ONCE]),
        ("access mode ReadWriteMany is not supported", []),
        ("only one of ReadWriteOnce and ReadWriteMany may be named", []),
        ("", []),
    ],
)
def test_the_modes_that_an_answer_names(said: str, modes: list[str]) -> None:
    assert supported(said) == modes


@pytest.mark.parametrize(
    ("born", "events", "numbers"),
    [
        ("11:59:30", [event("Provisioning", "11:59:30")], [125]),
        ("11:58:30", [event("Provisioning", "11:58:30")], [125]),
        ("11:56:30", [event("Provisioning", "11:56:30")], [94]),
        ("11:00:00", [event("Provisioning", "11:59:30"), event("ExternalProvisioning", "11:59:30")], [125]),
        ("11:58:30", [event("Provisioning", "11:59:40"), event("ExternalProvisioning", "11:58:31")], [125]),
        ("11:59:30", [], [125]),
        ("11:58:50", [], [94]),
        ("11:59:30", [event("ExternalProvisioning", "11:59:30")], [94]),
        ("11:00:00", [event("ExternalProvisioning", "11:59:50")], [125]),
        ("11:59:40", [event("ProvisioningFailed", "11:59:41", "no"), event("Provisioning", "11:59:40")], [94]),
        ("11:59:50", [event("ProvisioningFailed", "11:59:51", "no")], []),
        ("11:59:30", [event("ProvisioningFailed", "11:50:00", "no", uid="of-one-deleted")], [125]),
    ],
)
def test_a_volume_that_is_being_made_takes_its_time(born: str, events: list[Json], numbers: list[int]) -> None:
    every = found(claim("local-path", born=born), *events)
    assert [one.number for one in every] == numbers
    assert all(one.benign == (one.number == 125) for one in every)


@pytest.mark.parametrize(("asked", "number"), [("11:58:30", 125), ("11:57:30", 94)])
def test_one_that_has_made_others_may_begin_late(asked: str, number: int) -> None:
    """It makes one after the other, and many claims may be new."""
    (one,) = found(
        claim("local-path", born=asked), event("ExternalProvisioning", asked), volume("pv-1", "1Gi", "local-path")
    )
    assert one.number == number
    if number == 125:
        assert one.clause.endswith("has been asked for the volume of the claim `data` and has not begun it yet")


def test_one_that_has_begun_and_is_silent_is_said_to_have_begun() -> None:
    (one,) = found(claim("local-path", born="11:50:00"), event("Provisioning", "11:50:00"))
    assert "began to make 10 min ago, and nothing has been heard of it since" in one.clause


def test_where_volumes_may_not_be_read_only_the_class_is_judged() -> None:
    reading = Reading()
    reading.inner = cluster(local_path(), claim("team-manual"), volume("pv-1", "50Mi"), unread=[UNREADABLE])
    assert [one.number for one in reading.see(lambda case: [*asked_about(case)], CLAIM)] == [92]


@pytest.mark.parametrize(
    ("reason", "said", "who"),
    [
        ("WaitForFirstConsumer", "waiting for first consumer to be created before binding", "a pod that mounts it"),
        ("WaitForPodScheduled", "waiting for pod web-1 to be scheduled", "pod `web-1`"),
        ("WaitForPodScheduled", "waiting for pods web-1,web-2 to be scheduled", "pod `web-1`"),
    ],
)
def test_a_claim_whose_consumer_is_well_only_waits(reason: str, said: str, who: str) -> None:
    waits = claim("local-path")
    del waits["metadata"]["annotations"]
    (one,) = found(waits, event(reason, "11:59:00", said), pod("web-1", {"app": "web"}))
    assert (one.number, one.benign) == (99, True)
    assert one.clause.endswith(f"binds it when {who} is placed")


def test_of_two_events_in_one_second_the_one_that_names_a_pod_is_the_later() -> None:
    waits = claim("local-path")
    del waits["metadata"]["annotations"]
    nobody = event("WaitForFirstConsumer", "11:59:00", "waiting for first consumer to be created before binding")
    named = event("WaitForPodScheduled", "11:59:00", "waiting for pod web-1 to be scheduled")
    (one,) = found(waits, nobody, named, pod("web-1", {"app": "web"}))
    assert "pod `web-1`" in one.clause
