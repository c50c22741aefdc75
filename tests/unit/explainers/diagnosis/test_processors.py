"""Images that are made for another processor than the node's."""

from typing import Any

import pytest

from explainers.diagnosis.views.processors import made_for
from tests.unit.clusters import Json, deployment, pod, thing
from tests.unit.explainers.diagnosis.test_not_begun import verdict
from tests.unit.explainers.diagnosis.test_placement import verdict as placed
from tests.unit.explainers.diagnosis.test_placement import waiting

NO_MATCH = 'failed to pull and unpack image "r.example/web:1": no match for platform in manifest: not found'
EXEC = 'failed to create containerd task: runc create failed: exec: "/bin/web": exec format error: unknown'


def node(name: str, arch: str) -> Json:
    return thing("Node", name, "", labels={"kubernetes.io/arch": arch, "kubernetes.io/hostname": name})


def unpulled(image: str = "r.example/web:1") -> list[Json]:
    return having(image, {"waiting": {"reason": "ErrImagePull", "message": NO_MATCH}})


def unstarted(**spec: Any) -> list[Json]:
    end = {"exitCode": 128, "reason": "StartError", "message": EXEC, "finishedAt": "2026-01-02T11:59:00Z"}
    web, one = having("r.example/web:1", {"waiting": {"reason": "CrashLoopBackOff"}})
    one["status"]["phase"] = "Running"
    one["status"]["containerStatuses"][0] |= {"lastState": {"terminated": end}, "restartCount": 3}
    one["spec"]["containers"][0] |= spec
    return [web, one]


def having(image: str, state: Json) -> list[Json]:
    web, one = deployment("web", ready=0), pod("web-1", {"app": "web"}, ready=False)
    web["spec"]["template"]["spec"]["containers"] = [{"name": "app", "image": image}]
    one["spec"]["containers"] = [{"name": "app", "image": image}]
    one["status"]["phase"] = "Pending"
    one["status"]["containerStatuses"][0] |= {"state": state}
    return [web, one]


def lines(steps: list[Json]) -> list[str]:
    return [step["kubectl"] for step in steps]


def test_where_all_nodes_are_alike_no_move_is_offered() -> None:
    found = verdict(*unpulled(), node("node-1", "amd64"))
    assert found["cause"]["class"] == 48
    assert "the node `node-1` is `amd64`, as all nodes are" in found["headline"]
    assert "set image deployment/web app=r.example/web:CHANGE-ME" in lines(found["plan"])[0]
    assert "built for `amd64`" in found["plan"][0]["why"]
    assert found["alternatives"] == []


def test_nodes_that_exist_are_one() -> None:
    found = verdict(*unpulled(), node("node-1", "amd64"), node("node-2", "arm64"))
    assert "as all nodes are" not in found["headline"]
    (move,) = lines(found["alternatives"])
    assert '"nodeSelector":{"kubernetes.io/arch":"arm64"}' in move


@pytest.mark.parametrize(("image", "moves"), [("r.example/web:1-arm64", True), ("s390x/web:1", False)])
def test_an_image_that_says_what_it_is_made_for_is_believed(image: str, moves: bool) -> None:
    found = verdict(*unpulled(image), node("node-1", "amd64"), node("node-2", "arm64"))
    assert "by its name for `" in found["headline"]
    assert bool(found["alternatives"]) is moves


def test_nodes_that_may_not_be_read_are_not_guessed() -> None:
    found = verdict(*unpulled())
    assert "has it only for other processors than that of the node `node-1`" in found["headline"]
    assert found["alternatives"] == []


def test_a_program_of_the_image_that_the_node_cannot_run() -> None:
    found = verdict(*unstarted(), node("node-1", "amd64"))
    assert found["cause"]["class"] == 48
    (other,) = lines(found["alternatives"])
    assert "set image deployment/web" in other


def test_a_mounted_script_is_no_matter_of_the_image() -> None:
    mounts = [{"name": "scripts", "mountPath": "/bin"}]
    found = verdict(*unstarted(volumeMounts=mounts), node("node-1", "amd64"), node("node-2", "arm64"))
    assert (found["cause"]["class"], found["alternatives"]) == (48, [])


def test_another_processor_that_is_demanded_is_no_slip() -> None:
    words = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."
    found = placed(waiting(words, {"nodeSelector": {"kubernetes.io/arch": "arm64"}}), node("node-1", "amd64"))
    assert found["cause"]["class"] == 80
    assert "nearest" not in found["headline"]
    assert "if its image is made for these nodes too" in found["plan"][0]["why"]


@pytest.mark.parametrize(
    ("image", "told"),
    [
        ("arm64v8/redis:7", "arm64"),
        ("web:1.2-linux-x86_64", "amd64"),
        ("r.example/armour/web:1", ""),
        ("web:arm64@sha256:00", "arm64"),
        ("nginx", ""),
    ],
)
def test_what_a_name_says(image: str, told: str) -> None:
    assert made_for(image) == told
