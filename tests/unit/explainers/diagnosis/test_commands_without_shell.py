"""Commands of probes and hooks that only a shell understands, which run without one."""

import json

import pytest

from explainers.diagnosis.case import Case
from explainers.diagnosis.facts import Facts
from explainers.diagnosis.views.pods import Container, Pod
from explainers.diagnosis.views.unshelled import unshelled
from explainers.kinds import Ref
from tests.unit.clusters import NOW, Json
from tests.unit.explainers.diagnosis.test_probe_causes import ended, event, running, verdict

ENV: Json = {"env": [{"name": "PASSWORD", "value": "x"}, {"name": "TABLE", "value": "y"}]}
ABSENT = 'errored and resulted in unknown state: OCI runtime exec failed: exec: "{}": executable file not found'


def lacks(*command: str) -> list[str] | None:
    spec = {"name": "app", **ENV}
    case = Case(Facts(NOW), Ref("Deployment", "shop", "web"))
    found = unshelled(case, Container(Pod({}), "app", spec, {}, False), list(command))
    return found.command if found else None


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (("ask -p $PASSWORD",), "ask -p $PASSWORD"),
        (("ask -p $(PASSWORD)",), "ask -p ${PASSWORD}"),
        (("ask", "-p", "$PASSWORD", "a b"), "ask -p \"${PASSWORD}\" 'a b'"),
        (("ask", 'say "$(PASSWORD)" `x` $HOME'), 'ask "say \\"${PASSWORD}\\" \\`x\\` \\$HOME"'),
        (("ask", "${PASSWORD}@${TABLE}"), 'ask "${PASSWORD}@${TABLE}"'),
    ],
)
def test_what_lacks_its_shell_gets_one(command: tuple[str, ...], line: str) -> None:
    assert lacks(*command) == ["sh", "-c", line]


@pytest.mark.parametrize(
    "command",
    [
        ("sh", "-c", "ask $PASSWORD"),
        ("/bin/bash", "-ec", "ask $PASSWORD"),
        ("ask", "-p", "secret"),
        ("awk", "{print $NF}"),
        ("grep", "^ok$"),
        ("/opt/ask",),
    ],
)
def test_what_needs_no_shell_is_left_alone(command: tuple[str, ...]) -> None:
    assert lacks(*command) is None


def probe(*command: str) -> Json:
    return {"exec": {"command": list(command)}, "periodSeconds": 5}


def test_a_line_in_one_word_is_no_absent_command() -> None:
    seen = event("Unhealthy", f"Readiness probe {ABSENT.format('ask ')}", "2026-01-02T11:59:58Z")
    found = verdict({"readinessProbe": probe("ask -q")}, running(), seen)
    assert "taken for the name of one program" in found["headline"]
    assert found["cause"]["class"] == 66
    assert '["sh","-c","ask -q"]' in found["plan"][0]["kubectl"]
    assert "tcpSocket" not in json.dumps(found["plan"])


def test_a_variable_in_a_probe_is_given_as_written() -> None:
    seen = event("Unhealthy", "Readiness probe failed: wrong password", "2026-01-02T11:59:58Z")
    found = verdict({"readinessProbe": probe("ask", "$PASSWORD"), **ENV}, running(), seen)
    assert "gets `$PASSWORD` as written" in found["headline"]
    assert "wrong password" in found["headline"]


def test_a_liveness_probe_that_lacks_its_shell_ends_the_container() -> None:
    seen = event("Unhealthy", "Liveness probe failed: wrong password", "2026-01-02T11:58:58Z")
    killing = event("Killing", "Container app failed liveness probe, will be restarted", "2026-01-02T11:58:58Z")
    found = verdict({"livenessProbe": probe("ask", "$PASSWORD"), **ENV}, ended(137, 20), seen, killing)
    assert found["cause"]["class"] == 62
    assert "gets `$PASSWORD` as written" in found["headline"]


def test_a_hook_that_lacks_its_shell() -> None:
    hook = {"lifecycle": {"postStart": {"exec": {"command": ["warm up"]}}}}
    failed = event("FailedPostStartHook", "PostStartHook failed", "2026-01-02T11:58:59Z")
    killing = event("Killing", "FailedPostStartHook", "2026-01-02T11:58:59Z")
    found = verdict(hook, {**ended(137, 3), "started": False}, failed, killing)
    assert found["cause"]["class"] == 73
    assert "taken for the name of one program" in found["headline"]
    assert '["sh","-c","warm up"]' in found["plan"][0]["kubectl"]


def test_failures_that_differ_in_a_made_up_name_are_counted_together() -> None:
    said = [f"Readiness probe {ABSENT.format(one)}" for one in ("ask", "ask ")]
    events = [event("Unhealthy", one, f"2026-01-02T11:59:5{at}Z") for at, one in enumerate(said)]
    events[0]["metadata"]["name"] = "web-1.first"
    later = {**events[1], "message": f"(combined from similar events): {said[1]}"}
    found = verdict({"readinessProbe": probe("ask -q")}, running(), events[0], later)
    assert any("failed 18 times" in row["text"] for row in found["evidence"])


def test_a_command_that_may_hold_a_credential_is_not_written_out() -> None:
    seen = event("Unhealthy", "Readiness probe failed: no", "2026-01-02T11:59:58Z")
    found = verdict({"readinessProbe": probe("ask", "--password=$PASSWORD"), **ENV}, running(), seen)
    assert found["cause"]["class"] == 66
    assert not any("patch" in row["kubectl"] for row in found["plan"])
