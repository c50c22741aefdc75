"""Scripts without their interpreter, files that their volume does not have, ports that are taken, answers of 5xx."""

from typing import Any

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from explainers.diagnosis.logs.lines import telling
from explainers.diagnosis.logs.start_errors import Unstartable, Why, from_log, likely_meant
from explainers.diagnosis.logs.words import TROUBLE
from explainers.diagnosis.views.mounted import keys_in
from explainers.operations.base import Answer
from tests.unit.clusters import Json, deployment, pod, services, thing

ENDED = {"exitCode": 1, "reason": "Error", "startedAt": "2026-01-02T11:59:00Z", "finishedAt": "2026-01-02T11:59:01Z"}
WINDOWS = "#!/bin/sh\r\nsleep 3600\r\n"
ABSENT = "exec /scripts/start.sh: no such file or directory"
SCRIPTS = {"name": "scripts", "mountPath": "/scripts"}
NOT_A_FOLDER = (
    'failed to create containerd task: OCI runtime create failed: error mounting "/x" to rootfs at '
    '"/etc/nginx/conf.d/default.conf": mount /x:/etc/nginx/conf.d/default.conf: not a directory: unknown'
)


def verdict(*objects: Json, logs: Json | None = None) -> Json:
    request = Request("diagnose", "deployment/web", Actor("test"), namespace="shop")
    data = diagnose(request, services(*objects, logs=logs or {})).data
    assert isinstance(data, dict)
    return data


def lines(said: Json, which: str = "plan") -> list[str]:
    return [row["kubectl"] for row in said[which] if row["changes"]]


def made(
    container: Json, volumes: list[Json], well: bool = False, state: Json | None = None, code: int = 1
) -> list[Json]:
    """A Deployment `web` of one container `app`, and its pod: well, or between two crashes."""
    owner, one = deployment("web", ready=int(well)), pod("web-1", {"app": "web"}, ready=well)
    spec = {"containers": [{"name": "app", "image": "app:1", **container}], "volumes": volumes}
    owner["spec"]["template"]["spec"] = spec
    one["spec"] |= spec
    one["metadata"]["ownerReferences"] = [{"kind": "Deployment", "name": "web", "controller": True}]
    if not well:
        waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}
        status = {"ready": False, "restartCount": 4, "lastState": {"terminated": {**ENDED, "exitCode": code}}}
        one["status"]["containerStatuses"] = [{"name": "app", **status, "state": state or waiting}]
    return [owner, one]


def script(text: str, command: list[str], log: str = ABSENT, code: int = 1, **more: Any) -> Json:
    """The verdict about a script of a ConfigMap that the runtime or a shell does not find."""
    volume = {"name": "scripts", "configMap": {"name": "scripts", "defaultMode": 0o755}}
    objects = made({"command": command, "volumeMounts": [SCRIPTS]}, [volume], code=code)
    kept = thing("ConfigMap", "scripts", data={"start.sh": text, "stop.sh": "#!/bin/sh\n"}, **more)
    return verdict(*objects, kept, logs={"shop/web-1/app/previous": log, "shop/web-1/app": log})


def test_a_script_with_windows_lines_is_written_anew() -> None:
    said = script(WINDOWS, ["/scripts/start.sh"])
    assert said["cause"]["class"] == 56
    assert "`/bin/sh\\r`" in said["headline"]
    assert "Windows line ends" in said["headline"]
    patch, restart = lines(said)
    assert patch.endswith("""--type=merge -p '{"data":{"start.sh":"#!/bin/sh\\nsleep 3600\\n"}}'""")
    assert restart.endswith("rollout restart deployment/web")


@pytest.mark.parametrize(("text", "more"), [(WINDOWS + "#" * 5000, {}), (WINDOWS, {"immutable": True})])
def test_what_is_long_or_may_not_change_is_not_written_anew(text: str, more: Json) -> None:
    said = script(text, ["/scripts/start.sh"], **more)
    assert "Windows line ends" in said["headline"]
    assert not lines(said)


def test_a_script_for_a_shell_that_the_image_lacks() -> None:
    said = script("#!/usr/local/bin/zsh\nsleep 9\n", ["/scripts/start.sh", "-v"])
    assert "does not have the interpreter `/usr/local/bin/zsh`" in said["headline"]
    assert '"command":["sh","/scripts/start.sh","-v"]' in lines(said)[0]


def test_sh_does_not_run_what_is_written_in_another_language() -> None:
    said = script("#!/usr/bin/ruby\nputs 1\n", ["/scripts/start.sh"])
    assert "`/usr/bin/ruby`" in said["headline"]
    assert not lines(said)


@pytest.mark.parametrize("log", ["env: can't execute 'bash': No such file or directory", "env: ‘bash\\r’: No such file "
                                 "or directory"])  # fmt: skip
def test_what_env_does_not_find_is_asked_for_by_the_script(log: str) -> None:
    said = script("#!/usr/bin/env bash\r\nsleep 9\r\n", ["/scripts/start.sh"], log, 127)
    assert "`bash\\r`, with the carriage return" in said["headline"]
    assert lines(said)[0].startswith("kubectl -n shop patch configmap/scripts")


def test_no_program_is_meant_where_the_file_is_held() -> None:
    for text in ("#!/bin/sh\necho\n", "#!/bin/bash\necho\n"):
        said = script(text, ["sh", "-c", "/scripts/start.sh"], "sh: /scripts/start.sh: not found", 127)
        assert said["cause"]["class"] == 56
        assert "nearest" not in said["headline"]
        assert "does not hold" not in said["headline"]


def test_of_another_name_the_nearest_file_is_still_meant() -> None:
    said = script("#!/bin/sh\n", ["/scripts/strat.sh"], "exec /scripts/strat.sh: no such file or directory")
    assert "(nearest: `start.sh`)" in said["headline"]


def test_a_part_of_the_name_of_a_common_program_means_none() -> None:
    assert not likely_meant("/opt/start.sh", [])
    assert likely_meant("redis-srver", []) == "redis-server"


def test_a_script_of_a_secret_whose_values_nobody_reads() -> None:
    volume = {"name": "scripts", "secret": {"secretName": "scripts"}}
    kept = thing("Secret", "scripts")
    kept["metadata"]["managedFields"] = [{"fieldsV1": {"f:data": {"f:start.sh": {}}}}]
    objects = made({"command": ["/scripts/start.sh"], "volumeMounts": [SCRIPTS]}, [volume])
    said = verdict(*objects, kept, logs={"shop/web-1/app/previous": ABSENT, "shop/web-1/app": ABSENT})
    assert "which the Secret `scripts` holds" in said["headline"]
    assert "as Windows ends lines" in said["headline"]


def test_what_bash_says_of_interpreters() -> None:
    found = Unstartable("/s/run.sh", Why.INTERPRETER)
    assert from_log(126, ["bash: /s/run.sh: /bin/zsh: bad interpreter: No such file or directory"], "x") == found
    assert from_log(127, ["bash: line 1: /s/run.sh: cannot execute: required file not found"], "x") == found


def mounted(volume: Json, *objects: Json, sub: str = "relay.conf", log: str = "", **more: object) -> Json:
    """The verdict about a container that mounts one file of the volume `conf`."""
    mount = {"name": "conf", "mountPath": "/etc/nginx/conf.d/default.conf", "subPath": sub}
    made_ = made({"volumeMounts": [mount]}, [{"name": "conf", **volume}], **more)  # type: ignore[arg-type]
    return verdict(*made_, *objects, logs={"shop/web-1/app/previous": log, "shop/web-1/app": log})


RELAY = thing("ConfigMap", "relay", data={"default.conf": "server {}"})
OF_RELAY = {"configMap": {"name": "relay"}}
REFUSED = {"waiting": {"reason": "RunContainerError", "message": NOT_A_FOLDER}}


def test_a_subpath_that_names_no_key() -> None:
    said = mounted(OF_RELAY, RELAY, state=REFUSED, code=128)
    assert (said["cause"]["class"], said["cause"]["object"], said["cause"]["confidence"]) == (
        51, "configmap/relay", "sure",
    )  # fmt: skip
    assert "mounts the key `relay.conf` of the ConfigMap `relay`, which has only `default.conf`" in said["headline"]
    assert '"mountPath":"/etc/nginx/conf.d/default.conf","subPath":"default.conf"' in lines(said)[0]
    assert not [one for one in said["consequences"] if one["class"] == 54]


def test_a_key_of_a_secret_by_its_managed_fields() -> None:
    kept = thing("Secret", "signing")
    kept["metadata"]["managedFields"] = [{"fieldsV1": {"f:data": {"f:jwt.pem": {}}}}]
    log = "IsADirectoryError: [Errno 21] Is a directory: '/etc/nginx/conf.d/default.conf'"
    said = mounted({"secret": {"secretName": "signing"}}, kept, sub="private.pem", log=log)
    assert (said["cause"]["class"], said["cause"]["object"]) == (51, "secret/signing")
    assert '"subPath":"jwt.pem"' in lines(said)[0]
    unknown = mounted({"secret": {"secretName": "signing"}}, thing("Secret", "signing"), sub="private.pem", log=log)
    assert unknown["cause"]["class"] == 57


def test_nothing_is_said_while_all_is_well() -> None:
    assert mounted(OF_RELAY, RELAY, well=True)["cause"]["class"] == 125


def test_a_container_that_runs_and_is_not_ready_counts() -> None:
    state = {"running": {"startedAt": "2026-01-02T10:00:00Z"}}
    assert mounted(OF_RELAY, RELAY, state=state)["cause"]["class"] == 51


@pytest.mark.parametrize(
    ("volume", "sub"),
    [
        ({"configMap": {"name": "relay", "items": [{"key": "default.conf", "path": "relay.conf"}]}}, "relay.conf"),
        ({"configMap": {"name": "relay", "items": [{"key": "default.conf", "path": "a/b.conf"}]}}, "a"),
        (OF_RELAY, "default.conf"),
        (OF_RELAY, "some/relay.conf"),
        ({"emptyDir": {}}, "relay.conf"),
        ({"projected": {"sources": [{"downwardAPI": {}}, {"configMap": {"name": "relay"}}]}}, "relay.conf"),
    ],
)
def test_what_is_there_or_cannot_be_told(volume: Json, sub: str) -> None:
    assert mounted(volume, RELAY, sub=sub, log="boom")["cause"]["class"] == 57


def test_the_items_of_a_volume_are_its_files() -> None:
    kept = thing("ConfigMap", "relay", data={"relay.conf": "", "default.conf": ""})
    volume = {"configMap": {"name": "relay", "items": [{"key": "default.conf", "path": "site.conf"}]}}
    said = mounted(volume, kept)
    assert (said["cause"]["class"], '"subPath":"site.conf"' in lines(said)[0]) == (51, True)
    assert "holds only `site.conf`" in said["headline"]


def test_a_pod_that_has_failed_for_good_counts() -> None:
    assert mounted(OF_RELAY, RELAY, state={"terminated": ENDED})["cause"]["class"] == 51


def test_items_that_must_be_there_are_files_though_nobody_may_read_them() -> None:
    kept, items = thing("Secret", "signing"), [{"key": "jwt.pem", "path": "private.pem"}]
    for optional, sub, cause in ((False, "other.pem", 51), (False, "private.pem", 57), (True, "other.pem", 57)):
        volume = {"secret": {"secretName": "signing", "items": items, "optional": optional}}
        assert mounted(volume, kept, sub=sub, log="boom")["cause"]["class"] == cause


def test_an_optional_item_whose_key_is_missing() -> None:
    items = [{"key": "defualt.conf", "path": "relay.conf"}]
    said = mounted({"configMap": {"name": "relay", "optional": True, "items": items}}, RELAY)
    assert said["cause"]["class"] == 51
    assert "the key `defualt.conf`" in said["headline"]
    assert '"items":[{"key":"default.conf","path":"relay.conf"}]' in lines(said)[0]


def test_an_optional_volume_of_what_does_not_exist() -> None:
    said = mounted({"configMap": {"name": "relay", "optional": True}})
    assert (said["cause"]["class"], said["cause"]["object"]) == (49, "configmap/relay")
    assert [line.split()[3] for line in lines(said)] == ["create", "rollout"]


def test_of_several_parts_none_has_the_file() -> None:
    parts = [{"configMap": {"name": "relay"}}, {"configMap": {"name": "more"}}]
    said = mounted({"projected": {"sources": parts}}, RELAY, thing("ConfigMap", "more", data={"x": ""}))
    assert said["cause"]["class"] == 51
    assert "neither it nor `more` has that: the files are `default.conf`, `x`" in said["headline"]


def test_of_a_secret_the_api_sends_its_metadata_as_another_kind() -> None:
    fields: Json = {"metadata": {"managedFields": [{"fieldsV1": {"f:data": {"f:jwt.pem": {}}}}]}}
    answer = Answer(200, {"kind": "PartialObjectMetadata", **fields})
    assert keys_in(answer, "Secret") == {"jwt.pem"}
    assert keys_in(Answer(200, {"kind": "PartialObjectMetadata"}), "Secret") is None
    assert keys_in(Answer(200, {"kind": "ConfigMap"}), "ConfigMap") == set()
    assert keys_in(Answer(403), "ConfigMap") is None


BIND = "nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)\n"
STILL = "nginx: [emerg] still could not bind()\n"


def in_use(log: str, other: Json) -> Json:
    owner, one = made({"image": "nginx:1"}, [])
    for spec in (owner["spec"]["template"]["spec"], one["spec"]):
        spec["containers"] = [*spec["containers"][:1], {"name": "front", "image": "nginx:1", **other}]
    running = {"running": {"startedAt": "2026-01-02T10:00:00Z"}}
    one["status"]["containerStatuses"].append({"name": "front", "ready": True, "restartCount": 0, "state": running})
    return verdict(owner, one, logs={"shop/web-1/app/previous": log, "shop/web-1/app": log})


@pytest.mark.parametrize("other", [{"ports": [{"containerPort": 80}]}, {}])
def test_a_port_in_use_is_found_above_the_last_line(other: Json) -> None:
    said = in_use(BIND * 5 + STILL, other)
    assert said["cause"]["class"] == 69
    assert "cannot listen on port 80: container `front` of the same pod has it" in said["headline"]


@pytest.mark.parametrize(
    "log",
    [
        "port 8080 is already in use, trying 8081\nKeyError: 'DATABASE'\n",
        BIND + "x\n" * 40 + "[emerg] could not bind()",
    ],
)
def test_another_cause_or_long_past(log: str) -> None:
    assert in_use(log, {})["cause"]["class"] != 69


@pytest.mark.parametrize(
    "line",
    ["remote returned 503", "upstream: status code 502", "status=500 path=/pay", "got an answer: HTTP 504 from pay",
     "payments responded with 503 for /pay", "status: 500"],
)  # fmt: skip
def test_answers_that_are_trouble(line: str) -> None:
    assert TROUBLE.search(line)
    told = telling(f"starting\n{line}\nbye\n")
    assert told is not None
    assert told.line == line


@pytest.mark.parametrize(
    "line", ["returned 500 rows", "status 200", "listens on port 5000", "returned 503 items of 900", "status=5001",
             "answered in 502 ms", "query returned 512 records", "HTTP 2.0"],
)  # fmt: skip
def test_numbers_that_are_none(line: str) -> None:
    assert not TROUBLE.search(line)


def test_a_script_that_was_changed_after_the_crash_waits_for_its_next_start() -> None:
    wrote: Json = {"manager": "kubectl", "time": "2027-01-01T00:00:00Z", "fieldsV1": {"f:data": {"f:start.sh": {}}}}
    objects = made(
        {"command": ["/scripts/start.sh"], "volumeMounts": [SCRIPTS]},
        [{"name": "scripts", "configMap": {"name": "scripts", "defaultMode": 0o755}}],
        code=1,
    )
    kept = thing("ConfigMap", "scripts", data={"start.sh": "#!/bin/sh\n"})
    kept["metadata"]["managedFields"] = [wrote]
    said = verdict(*objects, kept, logs={"shop/web-1/app/previous": ABSENT, "shop/web-1/app": ABSENT})
    assert "was changed since" in said["headline"]
    assert said["cause"]["confidence"] == "likely"
    assert "rollout restart" in said["plan"][0]["kubectl"]
