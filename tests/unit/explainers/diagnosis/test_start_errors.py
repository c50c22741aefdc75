"""What runtimes, shells and interpreters say about a command that cannot start."""

import pytest

from explainers.diagnosis.logs.start_errors import Unstartable, Why, from_log, from_runtime, likely_meant

RUNC = "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: "

RUNTIME = {
    RUNC + 'unable to start container process: exec: "ngnix": executable file not found in $PATH: unknown': (
        Unstartable("ngnix", Why.MISSING)
    ),
    RUNC + 'unable to start container process: exec: "/opt/a": stat /opt/a: no such file or directory: unknown': (
        Unstartable("/opt/a", Why.MISSING)
    ),
    RUNC + 'unable to start container process: exec: "/s/run.sh": permission denied: unknown': (
        Unstartable("/s/run.sh", Why.DENIED)
    ),
    "container create failed: executable file `foo` not found in $PATH: No such file or directory": (
        Unstartable("foo", Why.MISSING)
    ),
    'failed to generate container "x" spec: failed to generate spec: no command specified': Unstartable(
        "", Why.MISSING
    ),
    RUNC + 'unable to start container process: exec: "/app": exec format error': None,
    RUNC + 'error during container init: error mounting "/a" to rootfs at "/b": not a directory: unknown': None,
    "": None,
}

LOGS = {
    (127, "sh: 1: exec: redis-srver: not found", "sh -c exec redis-srver"): Unstartable("redis-srver", Why.MISSING),
    (127, "bash: line 1: gunicron: command not found", "bash -c x"): Unstartable("gunicron", Why.MISSING),
    (127, "/bin/sh: start.sh: not found", "sh start.sh"): Unstartable("start.sh", Why.MISSING),
    (127, "env: 'pyhton3': No such file or directory", "x"): Unstartable("pyhton3", Why.MISSING),
    (126, "sh: 1: /tmp/rotate.sh: Permission denied", "sh -c x"): Unstartable("/tmp/rotate.sh", Why.DENIED),
    (2, "python: can't open file '/app/main.py': [Errno 2] No such file or directory", "python /app/main.py"): (
        Unstartable("/app/main.py", Why.MISSING)
    ),
    (1, "Error: Cannot find module '/app/server.js'", "node /app/server.js"): Unstartable(
        "/app/server.js", Why.MISSING
    ),
    (1, "Error: Cannot find module 'express'", "node express-app.js"): None,
    (1, "Error: Unable to access jarfile app.jar", "java -jar app.jar"): Unstartable("app.jar", Why.MISSING),
    (1, "cannot open /data/orders.db: No such file or directory", "orders --serve"): None,
    (1, "user 'shop' not found", "shop-server"): None,
}


@pytest.mark.parametrize("message", RUNTIME)
def test_the_words_of_runtimes(message: str) -> None:
    assert from_runtime(message) == RUNTIME[message]


@pytest.mark.parametrize("case", LOGS)
def test_the_words_of_shells_and_interpreters(case: tuple[int, str, str]) -> None:
    code, line, command = case
    assert from_log(code, [line], command) == LOGS[case]


def test_the_nearest_command() -> None:
    assert likely_meant("ngnix", ["nginx"]) == "nginx"
    assert likely_meant("ngnix", [], "nginx") == "nginx"
    assert likely_meant("postgres-entrypoint-x", ["postgres-entrypoint"]) == "postgres-entrypoint"
    assert likely_meant("postgres-entrypoint-x", [], "postgres") == ""
    assert likely_meant("/usr/bin/pyhton3", []) == "python3"
    assert likely_meant("gunicorn", []) == ""
    assert likely_meant("frobnicate", []) == ""
