"""References to variables that are not set, which nobody complains of: a password as it is written."""

from typing import Any

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from explainers.diagnosis.views.unset import by_shell, unset
from tests.unit.clusters import Json, deployment, pod, services, thing
from tests.unit.explainers.diagnosis.reading import Reading

PASSWORD: Json = {"name": "PASSWORD", "value": "x"}
REFUSED = "-NOAUTH Authentication required."


@pytest.mark.parametrize(
    ("container", "found"),
    [
        ({"args": ["--pass", "$(PASSWRD)"], "env": [PASSWORD]}, [("PASSWRD", "PASSWORD")]),
        ({"command": ["app", "--pass=$(OTHER)"], "env": [PASSWORD]}, [("OTHER", "")]),
        ({"env": [PASSWORD, {"name": "URL", "value": "redis://$(PASSWRD)@cache"}]}, [("PASSWRD", "PASSWORD")]),
        ({"args": ["$(PASSWORD)"], "env": [PASSWORD]}, []),
        ({"args": ["$$(PASSWRD)"], "env": [PASSWORD]}, []),
        ({"args": ["$(CACHE_SERVICE_HOST)"], "env": [PASSWORD]}, []),
        ({"command": ["sh", "-c", "echo $(PASSWRD)"], "env": [PASSWORD]}, []),
        ({"args": ["-c", "echo $(PASSWRD)"], "env": [PASSWORD]}, []),
    ],
)
def test_what_is_not_set(container: Json, found: list[tuple[str, str]]) -> None:
    seen = Reading(deployment("web")).see(lambda case: unset(case, {"name": "app", **container}))
    assert [(one.name, one.near) for one in seen] == found


def test_only_a_reference_makes_what_brings_variables_read() -> None:
    reading = Reading(deployment("web"), thing("ConfigMap", "env", data={"PASSWRD": "x"}))
    source: Json = {"name": "app", "envFrom": [{"configMapRef": {"name": "env"}}]}
    assert reading.see(lambda case: unset(case, {**source, "args": ["--fast"]})) == [] == reading.lines
    assert reading.see(lambda case: unset(case, {**source, "args": ["$(PASSWRD)"]})) == []
    assert reading.lines


def test_a_shell_reads_its_own_script() -> None:
    assert by_shell({"command": ["/bin/bash", "-ec", "x"]})
    assert not by_shell({"command": ["redis-server"], "args": ["-c", "x"]})


def verdict(target: str, args: list[str], env: list[Json] | None = None, log: str = REFUSED) -> Any:
    """Of `web`, whose login at `cache` is refused, or of that cache, which is started with these arguments."""
    web, one = deployment("web", ready=0), pod("web-1", {"app": "web"}, ready=False)
    own = env or [{"name": "CACHE_HOST", "value": "cache"}, {"name": "CACHE_PASSWORD", "value": "x"}]
    for spec in (web["spec"]["template"]["spec"], one["spec"]):
        spec["containers"] = [{"name": "app", "image": "app:1", "env": own}]
    cache, behind = deployment("cache"), pod("cache-1", {"app": "cache"})
    for spec in (cache["spec"]["template"]["spec"], behind["spec"]):
        spec["containers"] = [{"name": "app", "image": "redis:7", "args": args, "env": [PASSWORD]}]
    for each, owner in ((one, "web"), (behind, "cache")):
        each["metadata"]["ownerReferences"] = [{"kind": "Deployment", "name": owner, "controller": True}]
    offer = thing("Service", "cache", spec={"selector": {"app": "cache"}, "ports": [{"port": 6379}]})
    endpoint = {"addresses": ["10.0.0.8"], "conditions": {"ready": True}, "targetRef": {"name": "cache-1"}}
    labels = {"kubernetes.io/service-name": "cache"}
    piece = thing("EndpointSlice", "cache-x", labels=labels, endpoints=[endpoint], ports=[{"port": 6379}])
    lines = "".join(f"2026-01-02T11:59:{second}Z {log}\n" for second in range(40, 60, 3))
    made = services(web, one, cache, behind, offer, piece, logs={"shop/web-1/app": lines})
    return diagnose(Request("diagnose", target, Actor("test"), namespace="shop"), made).data


def test_a_login_is_refused_for_the_password_that_the_server_was_given() -> None:
    found = verdict("deployment/web", ["--requirepass", "$(PASSWRD)"])
    assert (found["cause"]["class"], found["cause"]["object"]) == (52, "deployment/cache")
    assert "`cache` turns its login down, and container `app` of `cache` has `$(PASSWRD)`" in found["headline"]
    assert '["--requirepass","$(PASSWORD)"]' in found["plan"][0]["kubectl"]


def test_or_for_the_one_that_is_sent() -> None:
    env = [{"name": "CACHE_PASSWORD", "value": "x"}, {"name": "CACHE_URL", "value": "redis://:$(CACHE_PASWORD)@cache"}]
    found = verdict("deployment/web", ["--requirepass", "$(PASSWORD)"], env)
    assert (found["cause"]["class"], found["cause"]["object"]) == (52, "deployment/web")
    assert "in its variable `CACHE_URL` as written" in found["headline"]


def test_the_server_itself_is_told_of_it() -> None:
    found = verdict("deployment/cache", ["--requirepass", "$(PASSWRD)"])
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (52, "likely")
    assert found["plan"][0]["expect"] == "new pods start with it"


@pytest.mark.parametrize("args", [["--requirepass", "$(PASSWORD)"], ["--name", "$(SOMETHING_ELSE)"]])
def test_what_is_set_or_like_nothing_is_no_fault(args: list[str]) -> None:
    assert verdict("deployment/cache", args)["verdict"] == "healthy"
    assert verdict("deployment/web", args)["cause"]["class"] == 55
