"""Ports that programs say they listen on."""

import pytest

from explainers.diagnosis.views.command_ports import named_ports
from explainers.diagnosis.views.listening import better_port, listened
from tests.unit.clusters import Json
from tests.unit.explainers.diagnosis.reading import Reading, well

LINES = {
    "Serving HTTP on 0.0.0.0 port 3000 (http://0.0.0.0:3000/) ...": [3000],
    "Tomcat started on port(s): 8080 (http) with context path ''": [8080],
    "Server running at http://localhost:3000/": [3000],
    "12:30:45 INFO listening on [::]:9000": [9000],
    "started at 12:30:45, listening on :8443": [8443],
    '{"level":"info","msg":"listening","addr":":8081"}': [8081],
    " * Running on http://127.0.0.1:5000": [5000],
    "[INFO] Listening at: http://0.0.0.0:8000 (7)": [8000],
    "Running mode=standalone, port=6379.": [6379],
    'listening on IPv4 address "0.0.0.0", port 5432': [5432],
    "Started server process [12]": [],
    '10.0.0.1 - - "GET / HTTP/1.1" 200 ready:80': [],
    "connecting to pg:5432": [],
}


@pytest.mark.parametrize("line", LINES)
def test_ports_of_a_line(line: str) -> None:
    assert list(listened(line)) == LINES[line]


COMMANDS: list[tuple[list[str], list[int]]] = [
    (["sh", "-c", "sleep 9999"], []),
    (["sleep", "9999"], []),
    (["timeout", "-s", "KILL", "60", "nc", "-lk", "8080"], [8080]),
    (["timeout", "600", "./worker"], []),
    (["sh", "-c", "sleep 50; exec app :8080"], [8080]),
    (["python", "-m", "http.server", "8080", "--bind", "127.0.0.1"], [8080]),
    (["app", "--port=9090", "--workers", "80"], [9090]),
    (["serve", "--workers", "80", "3000"], [3000]),
    (["redis-server", "--port", "6380"], [6380]),
    (["java", "-Dserver.port=8081", "-Xmx512"], [8081]),
    (["sh", "-c", "PORT=8080 ./app"], [8080]),
    (["app", "-p", "81"], [81]),
    (["./app", "100", "250"], []),
    (["tail", "-n", "500", "/var/log/app"], []),
    ([], []),
]


@pytest.mark.parametrize(("command", "ports"), COMMANDS)
def test_ports_of_a_command(command: list[str], ports: list[int]) -> None:
    assert named_ports(command) == ports


@pytest.mark.parametrize(
    ("log", "inside", "port"),
    [
        ("listening on 127.0.0.1:5432", False, 0),
        ("listening on 127.0.0.1:5432", True, 5432),
        ("Server running at http://localhost:3000/", False, 3000),
        (" * Running on http://127.0.0.1:5000\n * Running on http://10.0.0.9:5000", False, 5000),
    ],
)
def test_a_probe_from_outside_reaches_no_port_of_the_loopback(log: str, inside: bool, port: int) -> None:
    probe: Json = {"httpGet": {"path": "/", "port": 8080}}
    objects = well(1, containers=[{"name": "app", "readinessProbe": probe}])[:2]
    reading = Reading(*objects, logs={f"shop/{objects[1]['metadata']['name']}/app": log})
    found = reading.see(
        lambda case: better_port(case, case.pods[0].main_containers[0], 8080, "readiness", inside=inside)
    )
    assert found[0] == port
