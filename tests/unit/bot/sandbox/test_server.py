"""The sandbox over HTTP: what only a socket can show."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import websocket
import yaml

from bot.sandbox.server import Sandbox
from bot.sandbox.serving import SandboxError
from tests.unit.bot.sandbox.clusters import DEPLOYMENTS, PODS


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(("shop",)) as started:
        yield started


@pytest.fixture(scope="module")
def http(sandbox: Sandbox) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {sandbox.token}"}
    with httpx.Client(base_url=sandbox.url, headers=headers, timeout=20) as client:
        yield client


def test_a_kubeconfig_that_only_its_owner_reads(sandbox: Sandbox, tmp_path: Path) -> None:
    file = sandbox.write_kubeconfig(tmp_path / "config", "shop")
    assert file.stat().st_mode & 0o777 == 0o600
    content = yaml.safe_load(file.read_text())
    assert content["clusters"][0]["cluster"]["server"] == sandbox.url
    assert content["contexts"][0]["context"]["namespace"] == "shop"


def test_a_wrong_token_is_refused(sandbox: Sandbox) -> None:
    answer = httpx.get(f"{sandbox.url}{PODS}", headers={"Authorization": "Bearer wrong"})
    assert (answer.status_code, answer.json()["reason"]) == (401, "Unauthorized")


def test_a_watch_starts_with_what_is_there(http: httpx.Client) -> None:
    with http.stream("GET", DEPLOYMENTS, params={"watch": "true", "timeoutSeconds": "1"}) as stream:
        events = [json.loads(line) for line in stream.iter_lines()]
    assert [(event["type"], event["object"]["metadata"]["name"]) for event in events[:3]] == [
        ("ADDED", "checkout"),
        ("ADDED", "pg"),
        ("ADDED", "web"),
    ]


def test_a_watch_shows_a_rollout_as_it_happens(http: httpx.Client) -> None:
    since = http.get(DEPLOYMENTS).json()["metadata"]["resourceVersion"]
    patch = {"spec": {"replicas": 4}}
    headers = {"Content-Type": "application/merge-patch+json"}
    writer = threading.Timer(0.2, lambda: http.patch(f"{DEPLOYMENTS}/web/scale", json=patch, headers=headers))
    writer.start()
    query = {"watch": "true", "resourceVersion": since, "fieldSelector": "metadata.name=web", "timeoutSeconds": "30"}
    seen: dict[str, Any] = {}
    with http.stream("GET", DEPLOYMENTS, params=query) as stream:
        for line in stream.iter_lines():
            seen = json.loads(line)["object"]
            if seen["status"].get("availableReplicas") == 4:
                break
    writer.join()
    assert seen["status"]["observedGeneration"] == seen["metadata"]["generation"]


def test_a_log_is_followed(http: httpx.Client) -> None:
    body = {
        "metadata": {"name": "talker"},
        "spec": {
            "restartPolicy": "Never",
            "containers": [{"name": "c", "image": "busybox", "command": ["sh", "-c", "echo one; sleep 1; echo two"]}],
        },
    }
    assert http.post(PODS, json=body).status_code == 201
    for _ in range(40):
        if http.get(f"{PODS}/talker/log").status_code == 200:
            break
        threading.Event().wait(0.2)
    with http.stream("GET", f"{PODS}/talker/log", params={"follow": "true"}) as stream:
        assert list(stream.iter_lines()) == ["one", "two"]


def test_a_command_is_run_in_a_container(sandbox: Sandbox, http: httpx.Client) -> None:
    pods = http.get(PODS, params={"labelSelector": "app=web"}).json()["items"]
    name = pods[0]["metadata"]["name"]
    url = f"ws{sandbox.url.removeprefix('http')}{PODS}/{name}/exec?command=sh&command=-c&command=echo%20a%3B%20exit%202"
    session = websocket.create_connection(url, subprotocols=["v4.channel.k8s.io"], timeout=10)
    messages = {}
    while True:
        data = session.recv()
        if not data:
            break
        assert isinstance(data, bytes)
        messages[data[0]] = data[1:].decode()
    if session.sock is not None:
        session.sock.close()
    assert messages[1] == "a\n"
    status = json.loads(messages[3])
    assert status["details"]["causes"] == [{"reason": "ExitCode", "message": "2"}]


def test_time_passes_at_once(sandbox: Sandbox, http: httpx.Client) -> None:
    def restarts() -> int:
        pods = http.get(PODS, params={"labelSelector": "app=checkout"}).json()["items"]
        return sum(pod["status"]["containerStatuses"][0]["restartCount"] for pod in pods)

    before = restarts()
    sandbox.pass_time(900)
    assert restarts() >= before + 4


def test_a_sandbox_that_is_not_started_says_so() -> None:
    with pytest.raises(SandboxError, match="not started"):
        Sandbox(()).pass_time(1)


def test_an_open_watch_ends_whole_and_does_not_hold_the_end_up(caplog: pytest.LogCaptureFixture) -> None:
    sandbox = Sandbox(()).start()
    caplog.set_level("ERROR", "uvicorn.error")
    with httpx.stream("GET", f"{sandbox.url}/api/v1/nodes?watch=true", timeout=20) as stream:
        lines = stream.iter_lines()
        assert json.loads(next(lines))["object"]["kind"] == "Node"
        sandbox.stop()
        assert all(json.loads(line)["object"] for line in lines if line), "the stream ends between two events"
    assert caplog.records == []


def test_a_stopped_sandbox_answers_no_more() -> None:
    with Sandbox(()) as stopped:
        assert httpx.get(f"{stopped.url}/readyz").text == "ok"
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{stopped.url}/readyz")
