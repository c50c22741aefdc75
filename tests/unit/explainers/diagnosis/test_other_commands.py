"""A command that is not there, and nothing near is known: what the image has of its own is offered, not done."""

import json
from typing import Any

import pytest

from tests.unit.clusters import Json, thing
from tests.unit.explainers.diagnosis.test_owners_and_logins import BACK_OFF, ENDED, made, verdict

ABSENT = 'unable to start container process: exec: "{0}": stat {0}: no such file or directory: unknown'
DATA = {"name": "d", "mountPath": "/app"}


def started(word: str, container: Json, *others: Json, **spec: Any) -> Json:
    """The verdict about a container that starts this absolute path, which its image does not have."""
    last = {**ENDED, "exitCode": 128, "reason": "StartError", "message": ABSENT.format(word)}
    filled = {"name": "app", "image": "r.example/shop:1", **container}
    return verdict(*made(filled, BACK_OFF, last, **spec), *others)


def offered(said: Json) -> Json:
    """The container of the patch that is the only alternative of a plan that only reads; empty where there is none."""
    assert said["cause"]["class"] in (56, 70)
    assert [step["changes"] for step in said["plan"]] == [False]
    if not said["alternatives"]:
        return {}
    (step,) = said["alternatives"]
    pod = json.loads(step["kubectl"].split(" -p ")[1].strip("'"))["spec"]["template"]["spec"]
    container = pod["containers"][0]
    assert isinstance(container, dict)
    return {key: value for key, value in container.items() if key != "name"}


@pytest.mark.parametrize(
    ("container", "without"),
    [
        ({"command": ["/app/sevrer", "-x"]}, {"command": None}),
        ({"args": ["/app/sevrer"]}, {"args": None}),
        ({"command": ["/app/sevrer"], "args": ["-x"]}, {}),
        ({"command": ["/app/sevrer"], "image": "docker.io/library/python:3.12"}, {}),
        ({"command": ["tini", "/app/sevrer"]}, {}),
    ],
)
def test_the_command_that_the_image_was_built_with(container: Json, without: Json) -> None:
    assert offered(started("/app/sevrer", container)) == without


def test_what_must_end_runs_nothing_that_the_image_is_made_to_run() -> None:
    last = {**ENDED, "exitCode": 128, "reason": "StartError", "message": ABSENT.format("/app/migrat")}
    first = {"name": "first", "image": "r.example/shop:1", "command": ["/app/migrat"]}
    assert offered(verdict(*made(first, BACK_OFF, last, init=True), of="first")) == {}


def test_a_file_that_a_mount_may_hide() -> None:
    run = {"command": ["/app/run"], "volumeMounts": [DATA]}
    beside = offered(started("/app/run", run, thing("ConfigMap", "c", data={"a.yaml": "x"}),
                             volumes=[{"name": "d", "configMap": {"name": "c"}}]))  # fmt: skip
    assert {"name": "d", "mountPath": "/app/a.yaml", "subPath": "a.yaml"} in beside["volumeMounts"]
    empty = [{"name": "d", "emptyDir": {}}]
    moved = offered(started("/app/run", run, volumes=empty))
    assert moved["volumeMounts"][1] == {"name": "d", "mountPath": "/mnt/d"}
    filled = [{"name": "fill", "image": "busybox:1", "volumeMounts": [{"name": "d", "mountPath": "/out"}]}]
    assert "volumeMounts" not in offered(started("/app/run", run, volumes=empty, initContainers=filled))


def test_a_file_that_the_mount_holds_by_now_is_hidden_by_none() -> None:
    run = {"command": ["/app/run"], "args": ["x"], "volumeMounts": [DATA]}
    volumes = [{"name": "d", "configMap": {"name": "c"}}]
    assert offered(started("/app/run", run, thing("ConfigMap", "c", data={"run": "x"}), volumes=volumes)) == {}


def test_a_probe_or_another_container_of_the_image_tells_what_is_meant() -> None:
    probe = {"readinessProbe": {"exec": {"command": ["/app/frobnicate", "--check"]}}}
    said = started("/app/frobnicat", {"command": ["/app/frobnicat"], **probe})
    assert '"command":["/app/frobnicate"]' in said["plan"][0]["kubectl"]


@pytest.mark.parametrize(
    ("image", "program"),
    [("redis:7", "redis-server"), ("r.example/mirror/valkey:8@sha256:1", "valkey-server"), ("r.example/shop:1", "")],
)
def test_options_without_their_program_stay_with_it(image: str, program: str) -> None:
    """Without `--requirepass` everybody may log in."""
    given = started("--requirepass", {"args": ["--requirepass", "$(PW)"], "image": image})
    assert offered(given) == ({"command": [program]} if program else {})


@pytest.mark.parametrize(
    ("word", "image", "said", "patch"),
    [
        ("ngnix", "nginx:1.27", "(perhaps `nginx` is meant)", '"command":["nginx"]'),
        ("postgres-entrypoint-x", "registry.example.com/postgres:17", "which its image does not have.", ""),
    ],
)
def test_what_only_the_name_of_an_image_tells_is_a_guess(word: str, image: str, said: str, patch: str) -> None:
    """A slip of letters may be meant so; of a word more nobody knows."""
    found = started(word, {"command": [word], "image": image})
    assert said in found["headline"]
    assert found["plan"][0]["changes"] is bool(patch)
    assert patch in found["plan"][0]["kubectl"]
    if not patch:
        assert '"command":null' in found["alternatives"][0]["kubectl"]
