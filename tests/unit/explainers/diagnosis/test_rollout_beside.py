"""A rollout that is stuck while all wanted pods serve: what keeps requests from them goes first."""

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, deployment, pod, services, thing

REFUSED = 'pods "web-2" is forbidden: failed quota: small: must specify requests.cpu for: app'


def verdict(target: str, *objects: Json) -> Json:
    """The verdict beside a Deployment whose new pod the quota refuses, with one old pod."""
    owner = deployment("web")
    owner["status"]["updatedReplicas"] = 0
    owner["status"].setdefault("conditions", []).append(
        {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": REFUSED,
         "lastTransitionTime": "2026-01-02T11:50:00Z"}
    )  # fmt: skip
    found = diagnose(
        Request("diagnose", target, Actor("test"), namespace="shop"),
        services(owner, pod("web-1", {"app": "web"}), *objects),
    ).data
    assert isinstance(found, dict)
    return found


def service() -> list[Json]:
    ports = [{"name": "http", "port": 80, "targetPort": 8080}]
    ends = [{"addresses": ["10.0.0.9"], "conditions": {"ready": True}, "targetRef": {"kind": "Pod", "name": "web-1"}}]
    owned = thing("EndpointSlice", "web-x", endpoints=ends, ports=[{"name": "http", "port": 8080}])
    owned["metadata"]["labels"] = {"kubernetes.io/service-name": "web"}
    return [thing("Service", "web", spec={"selector": {"app": "web"}, "ports": ports}), owned]


def ingress() -> Json:
    backend = {"service": {"name": "web", "port": {"name": "web"}}}
    paths = {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}
    return thing("Ingress", "web", spec={"rules": [{"host": "shop.example.com", "http": paths}]})


def test_alone_the_rollout_is_the_fault() -> None:
    assert "quota" in verdict("deployment/web", *service())["headline"]


def test_a_port_that_the_service_has_not_goes_before_the_rollout() -> None:
    found = verdict("ingress/web", *service(), ingress())
    assert (found["cause"]["class"], found["cause"]["object"]) == (21, "ingress/web")
    assert any("quota" in one["sentence"] for one in found["consequences"])
