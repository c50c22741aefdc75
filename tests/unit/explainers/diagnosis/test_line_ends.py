"""A value that ends in what one hardly sees is told where the log complains of it."""

import pytest

from explainers.diagnosis.logs.stamps import stamped
from explainers.diagnosis.model import Finding
from explainers.diagnosis.rules.line_ends import ends_in, line_ends
from tests.unit.clusters import Json, thing
from tests.unit.explainers.diagnosis.reading import Reading, well

STAMP = "2026-01-02T11:59:58Z "


def told(value: str, log: str, config_map: bool = True, name: str = "QUEUE_HOST") -> list[Finding]:
    objects = well(1)
    held: Json = {"valueFrom": {"configMapKeyRef": {"name": "settings", "key": "host"}}} if config_map else {}
    container: Json = {"name": "app", "env": [{"name": name, **(held or {"value": value})}]}
    objects[0]["spec"]["template"]["spec"] = objects[1]["spec"] = {"containers": [container]}
    logs = {f"shop/{objects[1]['metadata']['name']}/app": f"{STAMP}{log}\n"}
    return Reading(*objects, thing("ConfigMap", "settings", data={"host": value}), logs=logs).see(
        lambda case: [*line_ends(case)]
    )


@pytest.mark.parametrize(
    ("value", "log", "end"),
    [
        ("redis\r", "Could not connect to Redis at redis\r:6379: Name or service not known", "a carriage return"),
        ("redis\r\n", "ERROR getaddrinfo ENOTFOUND redis\\r", "a carriage return"),
        ("8080\n", "ValueError: invalid literal for int(): '8080\\n'", "a line break"),
        ("redis\n", f'ERROR dial "redis\n{STAMP}": no such host', "a line break"),
        ("http://rates ", 'ERROR parse "http://rates ": invalid character " " in host name', "a blank"),
        ("rates\r", "ERROR cannot open http://rates%0D/latest", "a carriage return"),
    ],
)
def test_the_end_of_a_value_that_the_log_shows(value: str, log: str, end: str) -> None:
    (found,) = told(value, log)
    assert f"the value of the key `host` of the ConfigMap `settings` (`QUEUE_HOST`) ends in {end}" in found.clause
    lines = [step.operation.line() for step in found.plan.steps]
    assert lines[0].endswith(f'patch configmap/settings --type=merge -p \'{{"data":{{"host":"{value.rstrip()}"}}}}\'')
    assert lines[1:] == ["kubectl -n shop rollout restart deployment/web"]


@pytest.mark.parametrize(
    ("value", "log"),
    [
        ("redis", "Could not connect to Redis at redis\r:6379"),
        ("redis\r", "Could not connect to Redis at redis:6379"),
        ("redis\n", "ERROR cannot reach redis\n"),
        ("redis\n", "INFO connected to 'redis\\n'"),
        ("redis\r", "ERROR lost redis\r\n"),
        ("8080\n", '{"level":"error","msg":"failed to listen on 8080\\n"}'),
        ("one\ntwo\n", "ERROR 'two\\n'"),
    ],
)
def test_nothing_is_said_where_the_log_shows_none_or_does_not_complain(value: str, log: str) -> None:
    assert not told(value, log)


def test_a_literal_value_is_corrected_in_the_template_and_a_credential_nowhere() -> None:
    log = "ERROR cannot resolve redis\r: not known"
    (found,) = told("redis\r", log, config_map=False)
    assert "the value of the variable `QUEUE_HOST` ends in a carriage return" in found.clause
    assert found.plan.steps[0].operation.line() == "kubectl -n shop set env deployment/web -c app QUEUE_HOST=redis"
    (found,) = told("hunter2\r", "ERROR cannot log in with hunter2\r: denied", name="DB_PASSWORD")
    assert not found.plan.steps
    assert "hunter2" not in str(found)


def test_a_value_of_blanks_or_several_lines_has_no_such_end() -> None:
    assert not any(ends_in(value) for value in (None, "", "  ", "\n", "redis", "a\nb\n"))


def test_a_carriage_return_within_a_line_leaves_its_stamp() -> None:
    log = stamped(f"{STAMP}at redis\r:6379\n{STAMP}two\n")
    assert (log.text, len(log.times)) == ("at redis\r:6379\ntwo\n", 3)
