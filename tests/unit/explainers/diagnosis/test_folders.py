"""A program that may not write gets all the folders that it wants at once, as far as they are known."""

import json

import pytest

from tests.unit.clusters import Json
from tests.unit.explainers.diagnosis.test_owners_and_logins import crashed

USER = {"securityContext": {"runAsUser": 101}}
NGINX = "2026/01/01 12:00:00 [emerg] 1#1: {} failed (13: Permission denied)"
CACHE, PID = 'mkdir() "/var/cache/nginx/client_temp"', 'open() "/var/run/nginx.pid"'
MODIFIES = "10-listen: can not modify /etc/nginx/conf.d/default.conf (read-only file system?)\n"


def mounted(said: Json) -> list[str]:
    """Where the plan's first step mounts empty volumes, each of its own name."""
    assert said["cause"]["class"] == 68
    spec = json.loads(said["plan"][0]["kubectl"].split(" -p ")[1].strip("'"))["spec"]["template"]["spec"]
    mounts = spec["containers"][0]["volumeMounts"]
    assert spec["volumes"] == [{"name": one["name"], "emptyDir": {}} for one in mounts]
    assert "names the next folder" in said["plan"][0]["expect"]
    return [one["mountPath"] for one in mounts]


@pytest.mark.parametrize(
    ("log", "folders"),
    [
        (NGINX.format(CACHE), ["/var/cache/nginx", "/var/run"]),
        (MODIFIES + NGINX.format(CACHE), ["/var/cache/nginx", "/var/run"]),
        (NGINX.format(PID), ["/var/run"]),
        (NGINX.format('mkdir() "/var/lib/nginx/body"'), ["/var/lib/nginx", "/run"]),
        (NGINX.format('mkdir() "/var/lib/nginx/tmp/proxy"'), ["/var/lib/nginx/tmp", "/run/nginx"]),
        ("mkdir /tmp/x: permission denied\nopen /run/a.pid: permission denied", ["/run", "/tmp/x"]),
        ("open /srv/b: permission denied\nopen /data/a: permission denied", ["/data"]),
        ("mkdir /data: permission denied", ["/data"]),
    ],
)
def test_all_folders_at_once(log: str, folders: list[str]) -> None:
    assert mounted(crashed(USER, log)) == folders


def test_what_is_mounted_already_stays() -> None:
    container = {**USER, "volumeMounts": [{"name": "r", "mountPath": "/run"}]}
    assert mounted(crashed(container, NGINX.format(CACHE), volumes=[{"name": "r", "emptyDir": {}}])) == [
        "/var/cache/nginx"
    ]


def test_nothing_is_mounted_over_the_root() -> None:
    assert not crashed(USER, "open /a.pid: permission denied")["plan"][0]["changes"]
