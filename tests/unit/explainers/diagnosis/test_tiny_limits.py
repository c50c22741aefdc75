"""Memory limits in which nothing starts, wherever the kubelet puts the blame."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.cluster.snapshot import SnapshotCluster
from bot.state.memory import MemoryState
from commands.base.ports import Services
from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from explainers.diagnosis.plans.admission import misspelt
from explainers.diagnosis.views.misspelt import as_it_counts, meant, too_little
from explainers.diagnosis.views.refusals import OutOfBounds
from tests.unit.clusters import Json, deployment
from tests.unit.explainers.diagnosis.test_not_begun import event, verdict, waiting

KILLED = (
    "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to create containerd task: failed to create "
    "shim task: OCI runtime create failed: runc create failed: unable to start container process: container init was "
    "OOM-killed (memory limit too low?): unknown"
)
LOW = "Error: set memory limit 1 too low; should be at least 12582912 bytes"


def web(limit: str, request: str = "", kind: str = "Deployment") -> Json:
    made = deployment("web", ready=0)
    made["kind"] = kind
    made["spec"]["template"]["spec"]["containers"][0] = {
        "name": "app",
        "image": "app:1",
        "resources": of(limit, request),
    }
    return made


def of(limit: str, request: str = "") -> Json:
    return {"limits": {"memory": limit}, **({"requests": {"memory": request}} if request else {})}


def pod(limit: str, **state: Any) -> Json:
    made = waiting()
    made["spec"]["containers"][0]["resources"] = of(limit)
    made["status"]["containerStatuses"][0] |= state
    return made


def test_the_sandbox_that_cannot_begin_is_no_fault_of_the_node() -> None:
    found = verdict(web("128m"), pod("128m"), event("FailedCreatePodSandBox", KILLED, "web-1"))
    assert (found["cause"]["class"], found["cause"]["object"]) == (60, "deployment/web")
    assert "its memory limit is `128m`, of which `m` makes a thousandth" in found["headline"]
    assert "`128Mi` is probably meant" in found["headline"]
    assert found["consequences"] == []
    assert found["plan"][0]["kubectl"].endswith("set resources deployment/web -c app --limits=memory=128Mi")
    assert any("OOM-killed" in row["text"] for row in found["evidence"])


def test_nor_is_a_container_that_ended_told_as_one_that_needs_a_little_more() -> None:
    end = {"exitCode": 137, "reason": "OOMKilled", "finishedAt": "2026-01-02T11:59:00Z"}
    state = {"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": end}, "restartCount": 3}
    found = verdict(web("64", "64"), pod("64", **state))
    assert (found["cause"]["class"], found["consequences"]) == (60, [])
    assert "its memory limit is `64`, which is 64 bytes; `64Mi` is probably meant" in found["headline"]
    assert "--requests=memory=64Mi --limits=memory=64Mi" in found["plan"][0]["kubectl"]


def test_the_words_of_another_runtime_are_shown() -> None:
    state = {"state": {"waiting": {"reason": "CreateContainerError", "message": LOW}}}
    found = verdict(web("128m"), pod("128m", **state))
    assert found["cause"]["class"] == 60
    assert any(row["text"] == LOW for row in found["evidence"])


def test_where_no_number_is_meant_the_spec_is_looked_at() -> None:
    found = verdict(web("1000000m"), pod("1000000m"), event("FailedCreatePodSandBox", KILLED, "web-1"))
    assert (found["cause"]["class"], "probably meant" in found["headline"]) == (60, False)
    assert not any(step["changes"] for step in found["plan"])


@pytest.mark.parametrize("limit", ["128Mi", "1Gi", "64M", "2000000"])
def test_other_limits_leave_the_sandbox_to_its_node(limit: str) -> None:
    assert not too_little(limit)
    found = verdict(web(limit), pod(limit), event("FailedCreatePodSandBox", KILLED, "web-1"))
    assert found["cause"]["class"] == 39


@pytest.mark.parametrize(
    ("limit", "right", "counts"),
    [
        ("512m", "512Mi", "of which `m` makes a thousandth: not even one byte"),
        ("128000m", "", "which is 128 bytes"),
        ("256", "256Mi", "which is 256 bytes"),
        ("512Ki", "512Mi", "which is 512 KiB"),
        ("512k", "512Mi", "which is 500 KiB"),
        ("0.5", "", "which is 0 bytes"),
    ],
)
def test_what_is_probably_meant(limit: str, right: str, counts: str) -> None:
    assert too_little(limit)
    assert (meant(limit), as_it_counts(limit)) == (right, counts)


@pytest.mark.parametrize("limit", ["0", "", "none"])
def test_no_limit_is_none(limit: str) -> None:
    assert not too_little(limit)


@pytest.mark.parametrize(
    ("bound", "has", "right"), [("16Mi", "128m", "128Mi"), ("16Mi", "8m", ""), ("16Mi", "8Mi", ""), ("16Mi", "", "")]
)
def test_a_limit_range_that_wants_more_gets_what_is_meant_where_that_is_enough(
    bound: str, has: str, right: str
) -> None:
    assert misspelt(OutOfBounds("minimum", "memory", "Container", bound, "limit", has)) == right
    assert misspelt(OutOfBounds("maximum", "memory", "Container", bound, "limit", has)) == ""


def test_the_refusal_of_a_limit_range_names_the_slip() -> None:
    refused = Path("tests/faults/102-limit-range-min/capture.json").read_text()
    for was, now in (("minimum cpu", "minimum memory"), ("50m, but request is 5m", "16Mi, but limit is 128m")):
        refused = refused.replace(was, now)
    capture = json.loads(refused)
    (limits,) = [one for one in capture["objects"] if one["kind"] == "LimitRange"]
    limits["spec"]["limits"][0]["min"]["memory"] = "16Mi"
    made = SnapshotCluster(capture)
    request = Request("diagnose", "ds/agent", Actor("test"), namespace="shop")
    data = diagnose(request, Services(made, made.clock, made.ask, MemoryState())).data
    assert isinstance(data, dict)
    found: Json = data
    assert found["cause"]["class"] == 102
    assert "`128Mi` is probably meant" in found["headline"]
    assert "memory=128Mi" in found["plan"][0]["kubectl"]
