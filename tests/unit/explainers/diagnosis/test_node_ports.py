"""A pod with `hostNetwork` that cannot have its port: the holder is on its node."""

import pytest

from explainers.diagnosis.rules.crashes import crashed
from tests.unit.clusters import Json, deployment, pod
from tests.unit.explainers.diagnosis.reading import WEB, Reading


def said(command: list[str], log: str, *others: Json, host: bool = True) -> str:
    made, one = deployment("web", 1, 0), pod("web-1", {"app": "web"}, ready=False)
    for spec in (made["spec"]["template"]["spec"], one["spec"]):
        spec |= {"hostNetwork": host, "containers": [{"name": "app", "image": "app:1", "command": command}]}
    ended = {"exitCode": 1, "reason": "Error", "finishedAt": "2026-01-02T11:59:50Z"}
    waits = {"waiting": {"reason": "CrashLoopBackOff"}}
    one["status"]["containerStatuses"] = [
        {"name": "app", "restartCount": 3, "state": waits, "lastState": {"terminated": ended}}
    ]
    logs = {"shop/web-1/app": log, "shop/web-1/app/previous": log}
    found = Reading(made, one, *others, logs=logs).see(lambda case: [*crashed(case)], WEB)
    return found[0].clause


IN_USE = "OSError: [Errno 98] Address already in use\n"
SERVER = ["python", "-m", "http.server"]


@pytest.mark.parametrize(
    ("command", "log", "told"),
    [
        ([*SERVER, "10250"], IN_USE, "on port 10250: the kubelet has that port on node `node-1`"),
        ([*SERVER, "9100"], IN_USE, "on port 9100: something has it on node `node-1`, whose ports it shares"),
        (["run"], "listen tcp :9100: bind: address already in use\n", "on port 9100: something has it on node"),
        (["run"], IN_USE, "on its port: something has it on node `node-1`"),
    ],
)
def test_the_node_has_the_port(command: list[str], log: str, told: str) -> None:
    assert told in said(command, log)


def test_another_pod_of_the_same_workload_may_be_the_one() -> None:
    assert "pod `web-0` of the same workload runs on node" in said(
        [*SERVER, "9100"], IN_USE, pod("web-0", {"app": "web"})
    )


def test_a_pod_with_a_network_of_its_own_shares_it_with_nobody() -> None:
    assert "something in the same pod has it" in said([*SERVER, "10250"], IN_USE, host=False)
