"""Libraries that an image lacks, variables that are too long, scripts with carriage returns, data that is locked."""

import pytest

from tests.unit.clusters import Json, thing
from tests.unit.explainers.diagnosis.test_owners_and_logins import BACK_OFF, ENDED, crashed, made, verdict
from tests.unit.explainers.diagnosis.test_scripts_and_subpaths import script

LOADING = "error while loading shared libraries: libpq.so.9: cannot open shared object file: No such file or directory"


@pytest.mark.parametrize(
    ("line", "code", "lacks"),
    [
        (f"/app/server: {LOADING}", 127, "lacks the shared library `libpq.so.9`"),
        (
            "Error loading shared library libssl.so.1.1: No such file or directory (needed by /app/server)", 127,
            "lacks the shared library `libssl.so.1.1`",
        ),
        (
            "/app/server: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by /app/server)", 1,
            "has `/lib/x86_64-linux-gnu/libc.so.6` without the version `GLIBC_2.34`",
        ),
        ("Error relocating /app/server: __memcpy_chk: symbol not found", 127, "without the symbol `__memcpy_chk`"),
        (
            "ImportError: libGL.so.1: cannot open shared object file: No such file or directory", 1,
            "lacks the shared library `libGL.so.1`",
        ),
    ],
)  # fmt: skip
def test_a_library_that_the_image_lacks(line: str, code: int, lacks: str) -> None:
    found = crashed({"command": ["/app/server"]}, line, {"exitCode": code})
    assert found["cause"]["class"] == 57
    assert lacks in found["headline"]
    assert not any(row["changes"] for row in found["plan"])


def too_long(*env: Json, **more: Json) -> Json:
    line = "exec /usr/bin/python: argument list too long"
    container = {"env": list(env), **more}
    big = thing("ConfigMap", "big", data={"BLOB": "x" * 200_000, "SMALL": "1"})
    return verdict(*made(container, BACK_OFF, ENDED), big, thing("Secret", "certs"), log=line)


def test_the_variable_that_is_too_long_is_named() -> None:
    found = too_long(envFrom=[{"configMapRef": {"name": "big"}}])  # type: ignore[arg-type]
    assert (found["cause"]["object"], found["cause"]["confidence"]) == ("configmap/big", "sure")
    assert "the variable `BLOB` from the ConfigMap `big` alone has 195 KiB, and one may have 128" in found["headline"]


def test_one_that_is_not_read_is_only_perhaps_too_long() -> None:
    key = {"name": "CERTS", "valueFrom": {"secretKeyRef": {"name": "certs", "key": "all"}}}
    found = too_long({"name": "A", "value": "b"}, key)
    assert found["cause"]["confidence"] == "likely"
    assert "perhaps the variable `CERTS` from the Secret `certs`" in found["headline"]


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("set -e\r\nexec sleep 9\r\n", "/scripts/start.sh: 1: set: Illegal option -", True),
        ("set -e\r\nexec sleep 9\r\n", "set: line 1: illegal option -", True),
        ("#!/bin/bash\r\nls\r\n", "/scripts/start.sh: line 2: $'ls\\r': command not found", True),
        ("set -e\nexec sleep 9\n", "/scripts/start.sh: 1: set: Illegal option -", False),
        ("#!/usr/bin/python\r\nx()\r\n", "/scripts/start.sh: 1: x: not found", False),
    ],
)
def test_a_shell_that_reads_carriage_returns(text: str, line: str, told: bool) -> None:
    found = script(text, ["sh", "/scripts/start.sh"], line, 2)
    assert ("with Windows line ends" in found["headline"]) is told
    assert any("patch configmap/scripts" in row["kubectl"] for row in found["plan"]) is told


LOST = "LOG:  performing immediate shutdown because data directory lock file is invalid"


def locked(line: str, strategy: str, replicas: int = 1, claimed: bool = True) -> Json:
    volume = {"name": "d", **({"persistentVolumeClaim": {"claimName": "data"}} if claimed else {"emptyDir": {}})}
    mount = {"volumeMounts": [{"name": "d", "mountPath": "/var/lib/data"}]}
    objects = made(mount, BACK_OFF, {**ENDED, "exitCode": 0}, volumes=[volume])
    objects[0]["spec"] |= {"strategy": {"type": strategy}, "replicas": replicas}
    return verdict(
        *objects, log=f"FATAL:  the database system is starting up\n{line}\nLOG:  database system is shut down"
    )


@pytest.mark.parametrize(
    "line",
    [LOST, "Another mongod instance is already running on the /data/db directory", "InnoDB: Unable to lock ./ibdata1"],
)
def test_two_pods_on_one_data_folder(line: str) -> None:
    found = locked(line, "RollingUpdate")
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (95, "likely")
    assert "its old and its new pod use the same data folder at the same time, on the claim `data`" in found["headline"]
    assert '"type":"Recreate"' in found["plan"][0]["kubectl"]


def test_several_replicas_on_one_claim_become_one() -> None:
    found = locked(LOST, "RollingUpdate", 2)
    assert "its 2 pods use the same data folder" in found["headline"]
    assert "scale" in found["plan"][0]["kubectl"]


@pytest.mark.parametrize(("strategy", "claimed"), [("Recreate", True), ("RollingUpdate", False)])
def test_one_pod_at_a_time_shares_nothing(strategy: str, claimed: bool) -> None:
    assert "at the same time" not in locked(LOST, strategy, claimed=claimed)["headline"]


def test_a_lock_that_one_pod_finds_may_be_left_by_itself() -> None:
    left = 'FATAL:  lock file "postmaster.pid" already exists'
    assert "at the same time" not in locked(left, "RollingUpdate")["headline"]
