"""Files that a program cannot open, by its own words: no command is missing then."""

import pytest

from explainers.diagnosis.logs.lines import telling
from explainers.diagnosis.logs.start_errors import Unstartable, Why, from_log
from explainers.diagnosis.logs.summaries import summed_up
from tests.unit.clusters import Json, thing
from tests.unit.explainers.diagnosis.test_owners_and_logins import BACK_OFF, ENDED, crashed, made, patches, verdict

CONF = "/etc/backup/target.conf"
ETC = {"name": "etc", "mountPath": "/etc/agent"}
VOLUME = [{"name": "etc", "configMap": {"name": "agent"}}]
KEY = "cat: /keys/key.pem: Permission denied\nfatal: cannot load signing key\n"


@pytest.mark.parametrize(
    ("line", "opened"),
    [
        (f"backup: cannot open {CONF}: No such file or directory", True),
        (f"Fatal error, can't open config file '{CONF}': No such file or directory", True),
        (f"cat: {CONF}: No such file or directory", True),
        (f"sh: can't open '{CONF}': No such file or directory", False),
        (f"python3: can't open file '{CONF}': [Errno 2] No such file or directory", False),
    ],
)
def test_only_an_interpreter_speaks_of_what_it_was_to_start(line: str, opened: bool) -> None:
    assert from_log(2, [line], f"x {CONF}") == Unstartable(CONF, Why.MISSING, opened=opened)


def test_a_file_that_may_not_be_read_is_there() -> None:
    assert from_log(2, [f"python3: can't open file '{CONF}': [Errno 13] Permission denied"], f"x {CONF}") is None


def test_a_file_of_the_command_is_named_as_a_file_and_nothing_is_started() -> None:
    said = crashed({"command": ["backup", "-c", CONF]}, f"backup: cannot open {CONF}: No such file or directory")
    assert said["cause"]["class"] == 57
    assert f"cannot open `{CONF}`" in said["headline"]
    assert "starts" not in said["headline"]
    assert f"mount `{CONF}`" in said["plan"][-1]["why"]


@pytest.mark.parametrize(
    "line",
    [
        "[error] [config] could not open configuration file /etc/agent/agent.yaml, aborting.",
        "FATAL: failed to load config /etc/agent/agent.yaml",
        "cannot open /etc/agent/agent.yaml",
        "cat: /etc/agent/agent.yaml: No such file or directory\nfatal: cannot read the configuration",
    ],
)
def test_what_cannot_be_opened_is_missing_where_the_volume_does_not_hold_it(line: str) -> None:
    held = thing("ConfigMap", "agent", data={"agent.conf": "x"})
    last = made({"volumeMounts": [ETC]}, BACK_OFF, ENDED, volumes=VOLUME)
    said = verdict(*last, held, log=line)
    assert said["cause"]["class"] == 54
    assert "`/etc/agent/agent.yaml`, which the volume `etc`" in said["headline"]
    assert [step["changes"] for step in said["plan"]] == [True]


@pytest.mark.parametrize("line", ["cannot load /etc/agent/agent.yaml: yaml: line 3", "cannot open /etc/agent"])
def test_what_the_volume_holds_is_not_missing(line: str) -> None:
    held = thing("ConfigMap", "agent", data={"agent.yaml": "x"})
    said = verdict(*made({"volumeMounts": [ETC]}, BACK_OFF, ENDED, volumes=VOLUME), held, log=line)
    assert said["cause"]["class"] == 57


def test_the_cause_stands_before_the_last_words() -> None:
    mount: Json = {"name": "k", "mountPath": "/keys", "readOnly": True}
    volumes = [{"name": "k", "secret": {"secretName": "signing", "defaultMode": 0o400}}]
    said = crashed({"volumeMounts": [mount]}, KEY, securityContext={"runAsUser": 1000}, volumes=volumes)
    assert said["cause"]["class"] == 68
    assert "runs as user 1000, and the volume `k` gives its files to root with mode 0400" in said["headline"]
    assert {row["text"] for row in said["evidence"]} >= set(KEY.splitlines())
    assert patches(said)[0]["securityContext"] == {"fsGroup": 1000}


@pytest.mark.parametrize(
    ("log", "before"),
    [
        (KEY, ["cat: /keys/key.pem: Permission denied"]),
        ("touch: /x: Permission denied\nFATAL: password authentication failed for user shop", []),
        ("touch: /x: Permission denied\nfatal: cannot load config: line 3 is no mapping", []),
        ("cat: /x: Permission denied, ignored\nfatal: cannot load signing key", []),
        ("ready to serve\nfatal: cannot load signing key", []),
    ],
)
def test_only_last_words_without_a_reason_sum_up(log: str, before: list[str]) -> None:
    told = telling(log)
    assert told is not None
    assert [one.line for one in summed_up(log, told)] == before
