"""Variables from labels that the pod does not have, tokens that are not mounted, mounts that are only to be read."""

import pytest

from tests.unit.clusters import Json, thing
from tests.unit.explainers.diagnosis.test_owners_and_logins import (
    BACK_OFF,
    CLAIMED,
    DATA,
    ENDED,
    crashed,
    made,
    patches,
    verdict,
)

NOT_A_NUMBER = "ValueError: invalid literal for int() with base 10: ''"
FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount"
READ_ONLY = "OSError: [Errno 30] Read-only file system: '/data/tmp.txt'"
CONF = {"name": "c", "mountPath": "/etc/nginx/conf.d"}
EMERG = 'nginx: [emerg] unknown directive "lissten" in /etc/nginx/conf.d/a.conf:3'


def field(path: str, name: str = "CACHE_PORT") -> Json:
    return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}


@pytest.mark.parametrize("line", [NOT_A_NUMBER, "KeyError: 'CACHE_PORT'", 'Error: "" is not a valid port, invalid'])
def test_a_label_that_is_not_there_leaves_the_variable_empty(line: str) -> None:
    said = crashed({"env": [field("metadata.labels['cache-port']")]}, line)
    assert said["cause"]["class"] == 52
    assert "`CACHE_PORT` is set to nothing: it is read from the label `cache-port`" in said["headline"]
    assert "give the template the label `cache-port`" in said["plan"][0]["why"]


def test_the_label_that_is_meant_is_read() -> None:
    said = crashed({"env": [field("metadata.labels['apps']")]}, NOT_A_NUMBER)
    assert "nearest: `app`" in said["headline"]
    (spec,) = patches({"plan": [{**said["plan"][0], "kubectl": said["plan"][0]["kubectl"].replace("'\"'\"'", "~")}]})
    assert spec["containers"][0]["env"][0]["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.labels[~app~]"


def test_what_a_config_map_would_bring_is_let_through() -> None:
    container = {"env": [field("metadata.labels['port']")], "envFrom": [{"configMapRef": {"name": "env"}}]}
    owned = made(container, BACK_OFF, ENDED)
    said = verdict(*owned, thing("ConfigMap", "env", data={"CACHE_PORT": "6379"}), log=NOT_A_NUMBER)
    assert "the ConfigMap `env` would set it" in said["headline"]
    assert patches(said)[0]["containers"] == [{"name": "app", "env": [{"name": "CACHE_PORT", "$patch": "delete"}]}]


@pytest.mark.parametrize(
    ("env", "line"),
    [
        ([field("metadata.labels['app']")], NOT_A_NUMBER),
        ([field("metadata.name")], NOT_A_NUMBER),
        ([field("metadata.labels['a']"), field("metadata.labels['b']", "OTHER")], NOT_A_NUMBER),
        ([field("metadata.labels['a']")], "ValueError: no such queue"),
    ],
    ids=["it is there", "another field", "two of them", "another complaint"],
)
def test_else_the_label_is_not_to_blame(env: list[Json], line: str) -> None:
    assert crashed({"env": env}, line)["cause"]["class"] == 57


@pytest.mark.parametrize(("file", "words"), [("token", "the token of"), ("ca.crt", "comes with the token")])
@pytest.mark.parametrize("init", [False, True])
def test_a_token_that_is_not_mounted_is_let_in(file: str, words: str, init: bool) -> None:
    name = "fetch" if init else "app"
    owned = made({"name": name}, BACK_OFF, ENDED, init=init, automountServiceAccountToken=False)
    said = verdict(*owned, log=f"cat: {FOLDER}/{file}: No such file or directory", of=name)
    assert said["cause"]["class"] == 109
    assert words in said["headline"]
    assert f"{'init ' if init else ''}container `{name}` looks for" in said["headline"]
    assert patches(said) == [{"automountServiceAccountToken": True}]


def test_a_volume_that_is_mounted_to_be_read_is_let_be_written() -> None:
    said = crashed({"volumeMounts": [{**DATA, "readOnly": True}]}, READ_ONLY, volumes=[CLAIMED])
    assert said["cause"]["class"] == 68
    mounts = [{"mountPath": "/data", "readOnly": False}]
    assert patches(said) == [{"containers": [{"name": "app", "volumeMounts": mounts}]}]


def test_and_a_claim_that_is_used_to_be_read() -> None:
    claim = {"name": "d", "persistentVolumeClaim": {"claimName": "d", "readOnly": True}}
    (spec,) = patches(crashed({"volumeMounts": [DATA]}, READ_ONLY, volumes=[claim]))
    assert spec["volumes"] == [{"name": "d", "persistentVolumeClaim": {"claimName": "d", "readOnly": False}}]


@pytest.mark.parametrize("volume", [CLAIMED, {"name": "d", "configMap": {"name": "d"}}])
def test_what_is_read_only_for_another_reason_is_not(volume: Json) -> None:
    mount = {**DATA, "readOnly": True} if "configMap" in volume else DATA
    assert patches(crashed({"volumeMounts": [mount]}, READ_ONLY, volumes=[volume])) == []


@pytest.mark.parametrize("path", [CONF, {**CONF, "mountPath": "/etc/nginx/conf.d/a.conf", "subPath": "a.conf"}])
def test_a_mistake_in_a_mounted_file_leads_to_its_key(path: Json) -> None:
    volumes = [{"name": "c", "configMap": {"name": "web-conf"}}]
    owned = made({"volumeMounts": [path]}, BACK_OFF, ENDED, volumes=volumes)
    said = verdict(*owned, thing("ConfigMap", "web-conf", data={"a.conf": "lissten 80;"}), log=EMERG)
    assert said["cause"]["class"] == 57
    assert "`/etc/nginx/conf.d/a.conf` is the key `a.conf` of the ConfigMap `web-conf`" in said["headline"]
    assert said["plan"][0]["kubectl"].endswith("get configmap web-conf -o yaml")
    assert "line 3" in said["plan"][0]["why"]
    assert any("rollout restart" in row["kubectl"] for row in said["alternatives"])


def test_a_file_of_the_image_is_left_to_its_log() -> None:
    said = crashed({}, EMERG)
    assert "is the key" not in said["headline"]
    assert "logs" in said["plan"][0]["kubectl"]
