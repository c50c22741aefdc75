"""Files that a volume calls otherwise, would have from what is absent, or keeps from its reader."""

import json
from typing import Any

import pytest

from tests.unit.clusters import Json, thing
from tests.unit.explainers.diagnosis.test_owners_and_logins import crashed, made, patches, verdict

ENDED: Json = {"exitCode": 1, "reason": "Error"}
BACK_OFF: Json = {"waiting": {"reason": "CrashLoopBackOff"}}
MOUNT = {"volumeMounts": [{"name": "etc", "mountPath": "/etc/app"}]}
TOKEN: Json = {"serviceAccountToken": {"path": "token", "audience": "vault"}}
NAME: Json = {"items": [{"path": "pod-name", "fieldRef": {"fieldPath": "metadata.name"}}]}
MISSED = "FileNotFoundError: [Errno 2] No such file or directory: '/etc/app/{}'"


def said_of(volume: Json, file: str, *others: Json) -> Json:
    last = made(MOUNT, BACK_OFF, ENDED, volumes=[{"name": "etc", **volume}])
    return verdict(*last, *others, log=MISSED.format(file))


def operation(said: Json) -> Any:
    (one,) = json.loads(said["plan"][0]["kubectl"].partition(" -p ")[2].strip("'"))
    return one


@pytest.mark.parametrize(
    ("volume", "file", "holds", "at"),
    [
        ({"projected": {"sources": [TOKEN]}}, "vault", "`token`", "projected/sources/0/serviceAccountToken/path"),
        ({"downwardAPI": NAME}, "podname", "`pod-name` (nearest: `pod-name`)", "downwardAPI/items/0/path"),
        (
            {"projected": {"sources": [TOKEN, {"downwardAPI": NAME}]}},
            "podname",
            "`token`, `pod-name` (nearest: `pod-name`)",
            "projected/sources/1/downwardAPI/items/0/path",
        ),
    ],
)
def test_a_volume_calls_its_file_otherwise(volume: Json, file: str, holds: str, at: str) -> None:
    said = said_of(volume, file)
    assert (said["cause"]["class"], said["cause"]["confidence"]) == (54, "likely")
    assert (
        f"needs the file `/etc/app/{file}`, which the volume `etc` mounted there does not hold: it holds {holds}."
        in (said["headline"])
    )
    assert operation(said) == {"op": "replace", "path": f"/spec/template/spec/volumes/0/{at}", "value": file}


def test_of_several_files_none_is_meant_that_is_not_near() -> None:
    said = said_of({"projected": {"sources": [TOKEN, {"downwardAPI": NAME}]}}, "settings.ini")
    assert (said["cause"]["class"], said["plan"][0]["changes"]) == (54, False)


@pytest.mark.parametrize("volume", [{"emptyDir": {}}, {"projected": {"sources": [TOKEN]}}])
def test_a_file_that_is_there_or_may_be_is_not_missed(volume: Json) -> None:
    assert said_of(volume, "token")["cause"]["class"] == 57


@pytest.mark.parametrize(("source", "number"), [("secret", 50), ("configMap", 49)])
def test_an_optional_source_that_is_absent(source: str, number: int) -> None:
    named = {"name": "logins", "optional": True, "items": [{"key": "password", "path": "pw"}]}
    kind = {"secret": "Secret", "configMap": "ConfigMap"}[source]
    other = thing(kind, "login", data={"password": "eA=="})
    other["metadata"]["managedFields"] = [{"fieldsV1": {"f:data": {"f:password": {}}}}]
    said = said_of({"projected": {"sources": [{source: named}, TOKEN]}}, "pw", other)
    assert (said["cause"]["class"], said["cause"]["confidence"]) == (number, "sure")
    assert (
        f"from the {kind} `logins`, which does not exist (nearest: `login`); it is marked `optional`"
        in said["headline"]
    )
    (volume,) = patches(said)[0]["volumes"]
    assert volume["projected"]["sources"][0][source]["name"] == "login"


def test_an_optional_source_without_the_key() -> None:
    named = {"name": "env", "optional": True, "items": [{"key": "app_ini", "path": "app.ini"}]}
    said = said_of({"configMap": named}, "app.ini", thing("ConfigMap", "env", data={"app.ini": "x"}))
    assert said["cause"]["class"] == 51
    assert "the key `app_ini` of the ConfigMap `env`, which has no such key (nearest: `app.ini`)" in said["headline"]


UNSECTIONED = "configparser.NoSectionError: No section: 'app'"


@pytest.mark.parametrize(
    ("security", "mode", "is_closed"),
    [
        ({"runAsUser": 1000, "runAsGroup": 1000}, 0o440, True),
        ({"runAsUser": 1000}, 0o400, True),
        ({"runAsUser": 1000}, 0o440, False),
        ({"runAsUser": 1000, "runAsGroup": 1000, "fsGroup": 7}, 0o440, False),
        ({"runAsUser": 1000, "runAsGroup": 1000}, 0o444, False),
        ({"runAsUser": 0}, 0o400, False),
        ({}, 0o400, False),
    ],
)
def test_a_volume_that_its_reader_may_not_read(security: Json, mode: int, is_closed: bool) -> None:
    volume = {"name": "etc", "configMap": {"name": "app", "defaultMode": mode}}
    held = thing("ConfigMap", "app", data={"app.ini": "[app]"})
    last = made(MOUNT, BACK_OFF, ENDED, volumes=[volume], securityContext=security)
    said = verdict(*last, held, log=UNSECTIONED)
    assert (said["cause"]["class"], said["cause"]["confidence"] == "likely") == (
        (68, True) if is_closed else (57, False)
    )
    assert ("may not read the files of the volume `etc` at `/etc/app`" in said["headline"]) is is_closed
    assert not is_closed or patches(said)[0]["securityContext"] == {"fsGroup": 1000}


def test_what_fails_to_connect_has_read_its_files() -> None:
    volume = {"name": "etc", "secret": {"secretName": "app", "defaultMode": 0o400}}
    said = crashed(MOUNT, "dial tcp: lookup db: no such host", volumes=[volume], securityContext={"runAsUser": 7})
    assert said["cause"]["class"] != 68
