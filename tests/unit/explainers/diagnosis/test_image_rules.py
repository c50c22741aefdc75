"""Image rules where a capture cannot show it: Secrets that may not be read."""

from typing import Any

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import deployment, pod, services, thing

Json = dict[str, Any]
UNREADABLE = {"resource": "secrets", "namespace": "shop", "status": 403, "problem": "secrets is forbidden"}
REFUSED = 'failed to resolve reference "r.example/web:1": unexpected status from HEAD request: 401 Unauthorized'


def cause(*events: Json) -> Json:
    """The cause of a refused pull with a pull secret that may not be read, given the pod's events."""
    web, one = deployment("web", ready=0), pod("web-1", {"app": "web"}, ready=False)
    one["spec"] |= {
        "imagePullSecrets": [{"name": "login"}],
        "containers": [{"name": "app", "image": "r.example/web:1"}],
    }
    one["status"] |= {"phase": "Pending"}
    one["status"]["containerStatuses"][0]["state"] = {"waiting": {"reason": "ErrImagePull", "message": REFUSED}}
    request = Request("diagnose", "deployment/web", Actor("test"), namespace="shop")
    data = diagnose(request, services(web, one, *events, unread=[UNREADABLE])).data
    assert isinstance(data, dict)
    found = data["cause"]
    assert isinstance(found, dict)
    return found


def warning(uid: str) -> Json:
    involved = {"kind": "Pod", "name": "web-1", "namespace": "shop", "uid": uid}
    message = "Unable to retrieve some image pull secrets (login); attempting to pull the image may not succeed."
    return thing("Event", "e", involvedObject=involved, reason="FailedToRetrieveImagePullSecret", message=message)


def test_the_kubelet_says_that_the_pull_secret_is_missing() -> None:
    found = cause(warning("uid-Pod-web-1"))
    assert (found["class"], found["object"]) == (43, "secret/login")


def test_a_warning_about_an_older_pod_of_the_name_says_nothing() -> None:
    assert cause(warning("another"))["class"] == 42
    assert cause()["class"] == 42
