"""Configuration under a name that the server does not read."""

import pytest

from explainers.diagnosis.rules.unread_files import Unread, unread_files
from tests.unit.clusters import Json, deployment, pod, thing
from tests.unit.explainers.diagnosis.reading import WEB, Reading


def unread(folder: str, *keys: str, **mount: str) -> tuple[Unread | None, str]:
    made, one = deployment("web"), pod("web-1", {"app": "web"})
    for spec in (made["spec"]["template"]["spec"], one["spec"]):
        spec["volumes"] = [{"name": "c", "configMap": {"name": "site"}}]
        spec["containers"][0]["volumeMounts"] = [{"name": "c", "mountPath": folder, **mount}]
    data: Json = dict.fromkeys(keys, "server { listen 80; }\n")
    reading = Reading(made, one, thing("ConfigMap", "site", data=data))
    found = reading.see(lambda case: unread_files(case, case.pods[0].main_containers[0]), WEB)
    return found, reading.see(lambda case: found.plan(case).steps[0].operation.line() if found else "", WEB)


def test_a_key_without_the_ending_leaves_the_folder_empty_for_the_server() -> None:
    found, line = unread("/etc/nginx/conf.d", "site")
    assert found
    assert (
        found.clause == "the ConfigMap `site` covers `/etc/nginx/conf.d` with `site`, and only `*.conf` is read there"
    )
    assert '"items":[{"key":"site","path":"site.conf"}]' in line


def test_of_several_only_their_owner_knows() -> None:
    _, line = unread("/etc/nginx/conf.d/", "a", "b.txt")
    assert line.startswith("kubectl -n shop get configmap site")


@pytest.mark.parametrize(
    ("folder", "keys", "mount"),
    [
        ("/etc/nginx/conf.d", ["site.conf", "notes"], {}),
        ("/etc/nginx/conf.d", [], {}),
        ("/usr/share/nginx/html", ["site"], {}),
        ("/etc/nginx/conf.d", ["site"], {"subPath": "site"}),
    ],
)
def test_what_is_read_or_may_be_anything_is_not_said(folder: str, keys: list[str], mount: dict[str, str]) -> None:
    assert unread(folder, *keys, **mount)[0] is None
