"""Configuration rules where a capture cannot show it: rights that are missing, and times that decide."""

from typing import Any

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from explainers.diagnosis.plans.config import create
from explainers.diagnosis.views.references import Reference
from tests.unit.clusters import deployment, pod, services, thing
from tests.unit.explainers.diagnosis.reading import Reading, well

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


def test_keys_that_we_may_not_see_are_no_evidence() -> None:
    env = [{"name": "P", "valueFrom": {"configMapKeyRef": {"name": "conf", "key": "NOPE"}}}]
    pods = waiting("couldn't find key NOPE in ConfigMap shop/conf", env)
    hidden = verdict(*pods, unread=[UNREADABLE | {"resource": "configmaps"}])
    assert hidden["cause"]["class"] == 51
    assert not any(one["source"] == "configmap conf" for one in hidden["evidence"])
    for data, has in (({"A": "1"}, "keys: A"), ({}, "keys: none")):
        seen = verdict(*pods, thing("ConfigMap", "conf", data=data))["evidence"]
        assert [one["text"] for one in seen if one["source"] == "configmap conf"] == [has]


def test_a_pod_has_no_pods() -> None:
    _, alone = waiting('secret "login" not found', secret("login", "token"))
    said = diagnose(Request("diagnose", "pod/web-1", Actor("test"), namespace="shop"), services(alone)).document
    assert "its pods" not in said.headline


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


def running(*written: tuple[str, str], variable: str = "MODE", whole: bool = False) -> Json:
    """The verdict of a ready deployment that takes the key `mode` of a ConfigMap, or all, and started at 10:00. Each
    writer of the ConfigMap has these keys since then."""
    web, one = deployment("web"), pod("web-1", {"app": "web"})
    env = [{"name": variable, "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "mode"}}}]
    reads: Json = {"envFrom": [{"configMapRef": {"name": "settings"}}]} if whole else {"env": env}
    one["spec"]["containers"][0] |= reads
    web["spec"]["template"]["spec"]["containers"][0] |= reads
    one["status"]["containerStatuses"][0]["state"] = {"running": {"startedAt": "2026-01-02T10:00:00Z"}}
    settings = thing("ConfigMap", "settings", data={"mode": "x", "other": "y"})
    settings["metadata"]["managedFields"] = [
        {"time": time, "fieldsV1": {"f:data": {f"f:{key}": {} for key in keys.split()}}} for keys, time in written
    ]
    return verdict(web, one, settings)


MADE = ("mode other", "2026-01-01T10:00:00Z")
OTHER = ("other", "2026-01-02T11:59:00Z")


def test_only_a_later_change_of_the_key_itself_is_stale() -> None:
    assert running(MADE, ("mode", "2026-01-02T09:00:00Z"), OTHER)["verdict"] == "healthy"
    found = running(MADE, ("mode", "2026-01-02T11:00:00Z"), OTHER)["cause"]
    assert found["class"] == 53
    assert "key `mode` of the ConfigMap" in found["sentence"]


def test_what_a_writer_of_several_keys_changed_is_noted_and_no_fault() -> None:
    found = running(MADE, ("mode other", "2026-01-02T11:00:00Z"))
    assert found["verdict"] == "healthy"
    assert "the ConfigMap `settings` changed 60 min ago" in found["headline"]
    assert "key `mode`" not in found["headline"]
    assert not any(step["changes"] for step in found["plan"])


def test_a_change_of_an_environment_that_is_taken_whole_may_be_of_nothing_that_is_used() -> None:
    assert running(MADE, OTHER, whole=True)["verdict"] == "healthy"
    old = ("other", "2026-01-02T10:00:01Z")
    assert "changed" in running(MADE, old, whole=True)["headline"]


def test_what_a_database_reads_once_for_ever_asks_for_no_new_start() -> None:
    found = running(MADE, ("mode", "2026-01-02T11:00:00Z"), variable="POSTGRES_PASSWORD")
    assert found["verdict"] == "healthy"
    assert not any(step["changes"] for step in found["plan"])


@pytest.mark.parametrize(("container", "said"), [("web", "half a minute"), ("", "two minutes")])
def test_a_volume_is_tried_again_later_than_a_variable(container: str, said: str) -> None:
    missing = Reference("Secret", "tls", "", False, "volume `tls`", container)
    reading = Reading(*well(1))
    step = reading.see(lambda case: create(case, missing, ()))
    assert said in step.expect
