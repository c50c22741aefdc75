"""Configuration rules where a capture cannot show it: rights that are missing, and times that decide."""

from typing import Any

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import deployment, pod, services, thing

Json = dict[str, Any]
UNREADABLE = {"resource": "secrets", "namespace": "shop", "status": 403, "problem": "secrets is forbidden"}


def verdict(*objects: Json, **more: Any) -> Json:
    """What `diagnose web` says of these objects."""
    request = Request("diagnose", "deployment/web", Actor("test"), namespace="shop")
    data = diagnose(request, services(*objects, **more)).data
    assert isinstance(data, dict)
    return data


def waiting(message: str, env: list[Json]) -> tuple[Json, Json]:
    """A deployment and its pod that waits for its configuration."""
    web, one = deployment("web", ready=0), pod("web-1", {"app": "web"}, ready=False)
    web["spec"]["template"]["spec"]["containers"][0]["env"] = env
    one["spec"]["containers"][0]["env"] = env
    state = {"waiting": {"reason": "CreateContainerConfigError", "message": message}}
    one["status"] |= {"phase": "Pending"}
    one["status"]["containerStatuses"][0]["state"] = state
    return web, one


def secret(name: str, key: str) -> list[Json]:
    return [{"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": name, "key": key}}}]


def test_the_kubelet_says_that_a_secret_is_missing_which_we_may_not_read() -> None:
    said = verdict(*waiting('secret "login" not found', secret("login", "token")), unread=[UNREADABLE])
    assert (said["cause"]["class"], said["cause"]["object"]) == (50, "secret/login")
    assert any("secrets" in one["missing"] for one in said["unchecked"])


def test_a_key_of_a_secret_that_we_may_not_read() -> None:
    message = "couldn't find key token in Secret shop/login"
    said = verdict(*waiting(message, secret("login", "token")), unread=[UNREADABLE])
    assert (said["cause"]["class"], said["cause"]["object"]) == (51, "secret/login")


def test_before_the_kubelet_has_the_secret_its_managed_fields_tell_the_keys() -> None:
    message = "failed to sync secret cache: timed out waiting for the condition"
    for fields, cause in (
        ({"f:data": {"f:password": {}}}, (51, "likely")),
        ({"f:data": {"f:token": {}}}, None),
        ({}, None),
    ):
        login = thing("Secret", "login")
        login["metadata"]["managedFields"] = [{"fieldsV1": fields}]
        said = verdict(*waiting(message, secret("login", "token")), login)["cause"]
        assert (said and (said["class"], said["confidence"])) == cause


def test_the_words_of_an_event_are_as_old_as_the_event() -> None:
    web, one = deployment("web", ready=0), pod("web-1", {"app": "web"}, ready=False)
    for spec in (web["spec"]["template"]["spec"], one["spec"]):
        spec["volumes"] = [{"name": "t", "secret": {"secretName": "login"}}]
    one["metadata"]["creationTimestamp"] = "2026-01-02T11:50:00Z"
    one["status"] |= {"phase": "Pending"}
    one["status"]["containerStatuses"][0]["state"] = {"waiting": {"reason": "ContainerCreating"}}
    about = {"kind": "Pod", "name": "web-1", "namespace": "shop"}
    said = 'MountVolume.SetUp failed for volume "t" : secret "login" not found'
    event = thing("Event", "web-1.x", reason="FailedMount", message=said, involvedObject=about)
    found = verdict(web, one, event | {"lastTimestamp": "2026-01-02T11:59:20Z"})
    row = next(row for row in found["evidence"] if row["source"] == "event FailedMount")
    assert (found["cause"]["class"], row["age"]) == (50, "40 s ago")


def test_a_secret_that_is_there_again_is_no_fault() -> None:
    login = thing("Secret", "login", data={"token": "(4 characters)"})
    said = verdict(*waiting('secret "login" not found', secret("login", "token")), login)
    assert said["cause"] is None


def running(changed: str) -> Json:
    """The verdict of a ready deployment whose ConfigMap was last written at that time; it started at 10:00."""
    web, one = deployment("web"), pod("web-1", {"app": "web"})
    env = [{"name": "MODE", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "mode"}}}]
    one["spec"]["containers"][0]["env"] = env
    web["spec"]["template"]["spec"]["containers"][0]["env"] = env
    one["status"]["containerStatuses"][0]["state"] = {"running": {"startedAt": "2026-01-02T10:00:00Z"}}
    settings = thing("ConfigMap", "settings", data={"mode": "x", "other": "y"})
    settings["metadata"]["managedFields"] = [
        {"time": "2026-01-01T10:00:00Z", "fieldsV1": {"f:data": {"f:mode": {}, "f:other": {}}}},
        {"time": changed, "fieldsV1": {"f:data": {"f:mode": {}}}},
        {"time": "2026-01-02T11:59:00Z", "fieldsV1": {"f:data": {"f:other": {}}}},
    ]
    return verdict(web, one, settings)


def test_only_a_later_change_of_the_key_itself_is_stale() -> None:
    assert running("2026-01-02T09:00:00Z")["verdict"] == "healthy"
    assert running("2026-01-02T11:00:00Z")["cause"]["class"] == 53
