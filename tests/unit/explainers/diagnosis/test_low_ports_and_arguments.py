"""Ports that only root may have, variables that a command keeps as written, name servers of one's own."""

import json

import pytest

from tests.unit.clusters import Json, thing
from tests.unit.explainers.diagnosis.test_owners_and_logins import BACK_OFF, ENDED, crashed, made, verdict

SYSCTL = "net.ipv4.ip_unprivileged_port_start"
USER = {"securityContext": {"runAsUser": 1000}}
DENIED = {
    "listen tcp :80: bind: permission denied": 80,
    "2026/01/01 12:00:01 [emerg] 1#1: bind() to 0.0.0.0:443 failed (13: Permission denied)": 443,
    "Error: listen EACCES: permission denied 0.0.0.0:81": 81,
    "(13)Permission denied: AH00072: make_sock: could not bind to address [::]:80": 80,
    "[ALERT] (1) : Starting frontend http: cannot bind socket (Permission denied) for [0.0.0.0:80]": 80,
    'Traceback (most recent call last):\n  File "server.py", line 466, in server_bind\n'
    "    self.socket.bind(self.server_address)\nPermissionError: [Errno 13] Permission denied": 88,
}
NOT_SO = [
    "listen tcp :8080: bind: permission denied",
    "dial tcp 10.0.0.1:80: connect: permission denied",
    "listen unix /run/x.sock: bind: permission denied",
]
PORT = [{"name": "PORT", "value": "8080"}]
NOT_A_PORT = "Error: '{}' is not a valid port number."


def patched(said: Json) -> Json:
    """The pod spec of the first step's patch."""
    (spec,) = [json.loads(said["plan"][0]["kubectl"].split(" -p ")[1].strip("'"))["spec"]["template"]["spec"]]
    assert isinstance(spec, dict)
    return spec


@pytest.mark.parametrize("line", DENIED)
def test_a_low_port_is_for_root(line: str) -> None:
    said = crashed({**USER, "ports": [{"containerPort": 88}]}, line)
    assert said["cause"]["class"] == 68
    assert f"may not listen on port {DENIED[line]}: " in said["headline"]
    assert "it runs as user 1000" in said["headline"]
    assert patched(said)["securityContext"]["sysctls"] == [{"name": SYSCTL, "value": str(DENIED[line])}]


def test_of_a_user_only_what_the_template_says_is_told() -> None:
    line = "listen tcp :80: bind: permission denied"
    assert "its template names no user" in crashed({}, line)["headline"]
    assert "user" not in crashed({"securityContext": {"runAsUser": 0}}, line)["headline"]


@pytest.mark.parametrize("line", NOT_SO)
def test_other_denials_are_about_no_low_port(line: str) -> None:
    assert "may not listen" not in crashed({**USER, "ports": [{"containerPort": 80}]}, line)["headline"]


def test_a_low_port_for_root_without_capabilities_and_beside_other_settings() -> None:
    context, line = {"capabilities": {"drop": ["ALL"]}}, "listen tcp :80: bind: permission denied"
    other = {"name": "net.ipv4.tcp_syncookies", "value": "1"}
    said = crashed({"securityContext": context}, line, securityContext={"sysctls": [other]})
    assert "its `securityContext` drops that" in said["headline"]
    assert patched(said)["securityContext"]["sysctls"] == [other, {"name": SYSCTL, "value": "80"}]
    assert not crashed(USER, line, hostNetwork=True)["plan"][0]["changes"]


@pytest.mark.parametrize(
    ("container", "kept", "says", "now"),
    [
        ({"args": ["--port=$PORT"], "env": PORT}, "$PORT", "no shell reads it", {"args": ["--port=$(PORT)"]}),
        ({"command": ["app", "${PORT:-80}"]}, "${PORT:-80}", "no variable `PORT` is set", {"command": ["app", "80"]}),
        ({"command": ["app", "$PORT"]}, "$PORT", "no variable `PORT` is set", {}),
        ({"args": ["$(PROT)"], "env": PORT}, "$(PROT)", "nearest: `PORT`", {"args": ["$(PORT)"]}),
    ],
)
def test_a_variable_that_a_command_keeps(container: Json, kept: str, says: str, now: Json) -> None:
    said = crashed(container, NOT_A_PORT.format(kept))
    assert said["cause"]["class"] == 52
    assert f"its command has `{kept}` in it as written" in said["headline"]
    assert says in said["headline"]
    assert said["plan"][0]["changes"] is bool(now)
    assert not now or patched(said)["containers"] == [{"name": "app", **now}]


@pytest.mark.parametrize(
    ("container", "line"),
    [
        ({"command": ["sh", "-ec", "app $PORT"], "env": PORT}, NOT_A_PORT.format("$PORT")),
        ({"args": ["--port=$PORT"], "env": PORT}, NOT_A_PORT.format("$PORTS")),
        ({"args": ["--port=$$(PORT)"], "env": PORT}, NOT_A_PORT.format("$(PORT)")),
    ],
    ids=["a shell", "another name", "escaped"],
)
def test_what_is_kept_for_another_reason(container: Json, line: str) -> None:
    assert crashed(container, line)["cause"]["class"] == 57


@pytest.mark.parametrize(("failure", "number"), [("EAI_AGAIN", 37), ("ENOTFOUND", 57)])
def test_a_name_server_of_ones_own_that_does_not_know_a_host_outside(failure: str, number: int) -> None:
    dns = thing("Service", "kube-dns", spec={"clusterIP": "10.0.0.10"})
    dns["metadata"]["namespace"] = "kube-system"
    own = {"nameservers": ["203.0.113.5"]}
    said = verdict(
        *made({}, BACK_OFF, ENDED, dnsPolicy="None", dnsConfig=own),
        dns,
        log=f"Error: getaddrinfo {failure} api.example.com",
    )
    assert said["cause"]["class"] == number
    told = [said["cause"], *said["consequences"]]
    assert any("`203.0.113.5`, which does not resolve `api.example.com`" in one["sentence"] for one in told)
    assert not any(step["changes"] for step in said["plan"])
