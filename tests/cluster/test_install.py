"""The Kustomize folder on a real cluster: a signed /diagnose goes in from outside, the true verdict comes out."""

import json
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.console import people
from bot.console.server import Console
from tests.cluster.install import NAMESPACE, image_pushed, installed, kubectl, node_address, overlay
from tests.cluster.turns import turn
from tests.faults.harness import HERE, live, load
from tests.ports import free_port

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.docker,
    pytest.mark.registry,
    pytest.mark.timeout(900),
    pytest.mark.xdist_group("tessera-namespace"),
]

POLICY = f"""
teams:
  {people.TEAM_ID}:
    everyone: {{user: tessera-viewer, groups: [tessera-viewers]}}
"""
SLACK_PORT = 443
"""The base lets the bot out to 443 only, where Slack is; the stand-in must be there too."""
PARTS = ("deployment/bot", "deployment/worker")
REACH = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 5).close()"


@contextmanager
def forwarded(port: int) -> Iterator[None]:
    """The bot's Service on a local port, as an ingress would give it to Slack."""
    words = ["kubectl", "-n", NAMESPACE, "port-forward", "service/tessera", f"{port}:80"]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as forward:
        try:
            wait_for_port(port)
            yield
        finally:
            forward.terminate()


def wait_for_port(port: int) -> None:
    for _ in range(300):
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the port is not forwarded")


@pytest.fixture(scope="module")
def slack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """The stand-in Slack, which the installed bot takes for the real one."""
    folder = tmp_path_factory.mktemp("overlay")
    address, port = node_address(), free_port()
    secret, token = secrets.token_hex(16), f"xoxb-{secrets.token_hex(16)}"
    overlay(folder, image_pushed(), POLICY, {"TESSERA_SLACK_API_URL": f"http://{address}:{SLACK_PORT}/api/"})
    slack = Console(
        f"http://127.0.0.1:{port}/slack/events", secret, token, None, SLACK_PORT, host=address, advertised_host=address
    )
    mounted = {"tessera_slack_bot_token": token, "tessera_slack_signing_secret": secret}
    with turn(), slack, installed(folder, mounted), forwarded(port):
        yield slack


def test_the_installed_bot_answers_from_the_cluster(slack: Console) -> None:
    with live(load(HERE / "056-command-typo")) as namespace:
        ack = slack.slash("ana", "shop", "/diagnose", f"web -n {namespace}")
        assert ack.status == 200
        assert slack.wait_for(lambda: any("ngnix" in one["text"] for one in slack.messages("C0SHOP")), 120), log()
        assert list(slack.refusals) == []


def log() -> str:
    """The worker's log, for a failing test."""
    return kubectl("-n", NAMESPACE, "logs", "-l", "app.kubernetes.io/component=worker", "--tail=50")


def inside(part: str, *words: str, namespace: str = NAMESPACE) -> subprocess.CompletedProcess[str]:
    """Run something in a container of the installation."""
    command = ["kubectl", "-n", namespace, "exec", part, "--", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.usefixtures("slack")
@pytest.mark.parametrize("part", [*PARTS, "statefulset/redis"])
def test_nothing_is_root_and_no_root_file_system_can_be_written(part: str) -> None:
    assert inside(part, "id", "-u").stdout.strip() == "65532"
    for path in ("/anything", "/opt/anything", "/usr/bin/anything"):
        assert "Read-only file system" in inside(part, "touch", path).stderr
    assert "CapEff:\t0000000000000000" in inside(part, "cat", "/proc/self/status").stdout


@pytest.mark.usefixtures("slack")
@pytest.mark.parametrize("part", PARTS)
def test_probes_and_figures_are_served(part: str) -> None:
    """What the kubelet and Prometheus ask for, asked from inside."""
    for path, said in (("healthz", "ok"), ("readyz", ""), ("metrics", "tessera_")):
        ask = f"import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:8080/{path}').read().decode())"
        answer = inside(part, "python", "-c", ask)
        assert answer.returncode == 0, answer.stderr
        assert said in answer.stdout


@pytest.mark.usefixtures("slack")
def test_network_policies_let_through_what_is_needed_and_nothing_else(stranger: str) -> None:
    """A pod elsewhere reaches the bot and not Redis; the bot and its parts do not reach that pod."""
    where = kubectl("-n", stranger, "get", "pod", "stranger", "-o", "jsonpath={.status.podIP}")
    bot, redis, other = (f"tessera.{NAMESPACE}", "80"), (f"redis.{NAMESPACE}", "6379"), (where, "8000")
    asked = {
        "stranger to bot": inside("pod/stranger", "python", "-c", REACH, *bot, namespace=stranger),
        "stranger to redis": inside("pod/stranger", "python", "-c", REACH, *redis, namespace=stranger),
        "stranger to itself": inside("pod/stranger", "python", "-c", REACH, *other, namespace=stranger),
        "worker to redis": inside("deployment/worker", "python", "-c", REACH, *redis),
        "worker to stranger": inside("deployment/worker", "python", "-c", REACH, *other),
        "bot to stranger": inside("deployment/bot", "python", "-c", REACH, *other),
        "redis to stranger": inside("statefulset/redis", "python3", "-c", REACH, *other),
    }
    reached = {name for name, done in asked.items() if done.returncode == 0}
    assert reached == {"stranger to bot", "stranger to itself", "worker to redis"}


@pytest.fixture
def stranger() -> Iterator[str]:
    """The namespace of a web server that has nothing to do with Tessera."""
    namespace = f"stranger-{secrets.token_hex(3)}"
    kubectl("create", "namespace", namespace)
    try:
        probe = {"tcpSocket": {"port": 8000}, "periodSeconds": 1}
        container = {"name": "web", "image": "python:3.11-slim", "command": ["python", "-m", "http.server", "8000"]}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "stranger"},
               "spec": {"containers": [{**container, "readinessProbe": probe}]}}  # fmt: skip
        kubectl("-n", namespace, "apply", "-f", "-", text=json.dumps(pod))
        kubectl("-n", namespace, "wait", "pod/stranger", "--for=condition=Ready", "--timeout=170s")
        yield namespace
    finally:
        kubectl("delete", "namespace", namespace, "--wait=false")


@pytest.mark.usefixtures("slack")
def test_what_redis_was_given_is_there_after_it_was_killed() -> None:
    value = secrets.token_hex(8)
    assert inside("statefulset/redis", "redis-cli", "set", "test-kept", value).stdout.strip() == "OK"
    time.sleep(1.5)  # the append-only file is written each second
    kubectl("-n", NAMESPACE, "delete", "pod", "redis-0", "--grace-period=0", "--force")
    kubectl("-n", NAMESPACE, "rollout", "status", "statefulset/redis", "--timeout=170s")
    assert inside("statefulset/redis", "redis-cli", "get", "test-kept").stdout.strip() == value
    for part in PARTS:
        kubectl("-n", NAMESPACE, "rollout", "status", part, "--timeout=170s")
