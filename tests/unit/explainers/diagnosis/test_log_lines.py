"""The telling line of a log, over languages, loggers and decoys."""

import pytest

from explainers.diagnosis.logs.lines import clean, tail, telling

CHATTER = [f"goroutine {i} [chan receive]: flushing worker {i}, no errors" for i in range(3500)]

LOGS = {
    "python traceback": (
        "Traceback (most recent call last):\n  File \"main.py\", line 4, in <module>\nKeyError: 'REGION'",
        "KeyError: 'REGION'",
    ),
    "java root cause": (
        "java.lang.IllegalStateException: context\n\tat a.B.c(B.java:1)\nCaused by: java.net.BindException: in use\n"
        "\tat d.E.f(E.java:2)",
        "Caused by: java.net.BindException: in use",
    ),
    "node": (
        "node:internal/modules/cjs/loader:1080\n  throw err;\n\nError: Cannot find module '/app/x.js'\n    at f (y:1)",
        "Error: Cannot find module '/app/x.js'",
    ),
    "go": ("serving\npanic: no region\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:3", "panic: no region"),
    "rust": (
        "thread 'main' panicked at src/main.rs:4:5:\nno region\nnote: run with `RUST_BACKTRACE=1`",
        "thread 'main' panicked at src/main.rs:4:5: no region",
    ),
    "json": (
        '{"level":"info","msg":"no failure"}\n{"level":"fatal","msg":"cannot open store","error":"it is locked"}',
        "cannot open store: it is locked",
    ),
    "advice beside the error": (
        'initdb: error: directory "/data" exists but is not empty\ninitdb: detail: It contains a lost+found directory, '
        "perhaps a mount point.\ninitdb: hint: Using a mount point directly is not recommended.\nData page checksums "
        "are disabled.",
        'initdb: error: directory "/data" exists but is not empty',
    ),
    "the newest reason": (
        "ERROR checkout: payments call failed: connection refused\n"
        + "ERROR checkout: payments call failed: certificate has expired\n" * 40,
        "payments call failed: certificate has expired",
    ),
    "the newest reason in fewer words": (
        "ERROR orders: call to upstream failed: URLError: <urlopen error [Errno 111] Connection refused>\n"
        + "ERROR orders: call to upstream failed: TimeoutError: timed out\n" * 40,
        "TimeoutError: timed out",
    ),
    "another matter of the same logger": (
        "ERROR [main] c.a.Store - cannot open the store\n" + "ERROR [main] c.a.Store - retry of the export\n" * 40,
        "cannot open the store",
    ),
    "an exception of any name": (
        'Traceback (most recent call last):\n  File "m.py"\ndjango.core.exceptions.ImproperlyConfigured: Set it',
        "ImproperlyConfigured: Set it",
    ),
    "gunicorn": (
        "[1] [ERROR] Exception in worker process\nTraceback (most recent call last):\n  File x\n"
        "ModuleNotFoundError: No module named 'shop'\n[1] [ERROR] Shutting down: Master\n[1] [ERROR] Reason: failed",
        "No module named 'shop'",
    ),
    "spring boot": (
        "APPLICATION FAILED TO START\n***\nDescription:\nWeb server failed to start. Port 8080 was already in use.\n"
        "Action:\nConfigure this application to listen on another port.",
        "Port 8080 was already in use",
    ),
    "node listen": ("Error: listen EADDRINUSE: address already in use :::8080\n    at x (y:1)", "EADDRINUSE"),
    "dotnet": ("Unhandled exception. System.InvalidOperationException: no region\n   at A.B()", "no region"),
    "nginx": ('2026/11/21 02:43:25 [emerg] 1#1: unknown directive "servr" in /etc/nginx/x.conf:3', "unknown directive"),
    "no such word": ("indexer 2\nstate file is from the future (2031), giving up\nbye", "giving up"),
    "beside a decoy": ("pipeline.conf:14: unexpected token\n0 errors reported by 0 outputs", "pipeline.conf:14"),
    "thousands of lines up": ("\n".join(["search 7", "FATAL: index has a bad checksum", *CHATTER]), "bad checksum"),
    "a warning is not it": ("WARNING: deprecated flag is unknown\nerror: flag --port is required", "--port"),
    "stamped": ("2026-11-21T02:43:25.991Z ERROR pool exhausted\ndone", "ERROR pool exhausted"),
    "nothing but the last line": ("starting\nstill starting", "still starting"),
}


@pytest.mark.parametrize("name", LOGS)
def test_the_telling_line(name: str) -> None:
    log, wanted = LOGS[name]
    found = telling(log)
    assert found
    assert wanted in found.line


def test_an_empty_log_and_a_removed_one_tell_nothing() -> None:
    assert telling("") is None
    assert telling("\n \n") is None
    assert telling("unable to retrieve container logs for containerd://21f8aeaf") is None


def test_a_far_line_says_where_it_stands() -> None:
    found = telling("\n".join(["FATAL: no disk", *CHATTER]))
    assert found
    assert found.place == "line 1 of 3501"


def test_passwords_and_control_characters_are_not_shown() -> None:
    assert clean("\tdial postgres://shop:s3cret@pg:5432/shop failed") == "dial postgres://shop:***@pg:5432/shop failed"
    assert tail("\x1b[31mred\x1b[0m\n\x00") == ("red",)
    assert len(clean("x" * 5000)) == 240
