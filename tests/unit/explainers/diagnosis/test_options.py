"""Settings that a program refuses, and that stand among its options."""

import pytest

from explainers.diagnosis.logs.lines import telling
from tests.unit.explainers.diagnosis.test_owners_and_logins import crashed

REDIS = (
    "\n*** FATAL CONFIG FILE ERROR (Redis 7.0.15) ***\nReading the configuration file, at line 2\n"
    ">>> 'maxmemoryy \"64mb\"'\nBad directive or wrong number of arguments\n"
)


def test_a_banner_is_quoted_with_what_it_is_about() -> None:
    told = telling(REDIS)
    assert told is not None
    assert "'maxmemoryy \"64mb\"'" in told.line
    assert told.line.endswith("wrong number of arguments")


@pytest.mark.parametrize(
    ("command", "log", "named"),
    [
        (["redis-server", "--maxmemoryy", "64mb"], REDIS, "--maxmemoryy"),
        (["app", "--verbos=2"], "Error: unknown flag: --verbos", "--verbos"),
        (["app", "-lisen", ":80"], "flag provided but not defined: -lisen", "-lisen"),
        (["app", "--config", "/x"], "Error: unknown flag: --verbos", ""),
        (["app", "--brokers", "k:9092"], "ERROR brokers: lookup k: no such host", ""),
        (["app", "--port", "80"], "fatal: cannot use port 80", ""),
    ],
)
def test_an_option_that_is_refused(command: list[str], log: str, named: str) -> None:
    said = crashed({"command": command}, log)
    assert (f"its command has `{named}`" in said["headline"]) is bool(named)
    if named:
        assert "get deployment web -o yaml" in said["plan"][-1]["kubectl"]
        assert f"correct `{named}`" in said["plan"][-1]["why"]
