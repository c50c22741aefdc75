"""Dependencies that are followed: circles end, silence is only a hint, and what is well is not blamed."""

from typing import Any

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import deployment, pod, services, thing

Json = dict[str, Any]


def app(name: str, calls: str, ready: bool = False) -> list[Json]:
    """A deployment that is told to call another service, its pod and its own service."""
    labels, env = {"app": name}, [{"name": "UPSTREAM_URL", "value": f"http://{calls}:80"}] if calls else []
    workload, one = deployment(name, ready=1 if ready else 0), pod(f"{name}-1", labels, ready)
    workload["spec"]["template"]["spec"]["containers"][0] = {"name": "app", "image": "app:1", "env": env}
    one["spec"]["containers"][0]["env"] = env
    one["status"]["containerStatuses"][0]["state"] = {"running": {"startedAt": "2026-01-02T09:00:00Z"}}
    service = thing("Service", name, spec={"selector": labels, "ports": [{"port": 80, "targetPort": 80}]})
    endpoint = {"addresses": ["10.0.0.9"], "conditions": {"ready": ready}, "targetRef": {"name": f"{name}-1"}}
    piece = thing(
        "EndpointSlice", f"{name}-x", labels={"kubernetes.io/service-name": name}, endpoints=[endpoint],
        ports=[{"port": 80}],
    )  # fmt: skip
    return [workload, one, service, piece]


def verdict(*objects: Json, target: str = "deployment/web", **logs: str) -> Json:
    """What `diagnose` says; `logs` are the texts by pod, without its number."""
    request = Request("diagnose", target, Actor("test"), namespace="shop")
    texts = {f"shop/{name}-1/app": text for name, text in logs.items()}
    data = diagnose(request, services(*objects, logs=texts)).data
    assert isinstance(data, dict)
    return data


def refused(name: str) -> str:
    return f"curl: (7) Failed to connect to {name} port 80 after 1 ms: Couldn't connect to server\n"


def test_a_circle_of_calls_ends() -> None:
    said = verdict(*app("web", "api"), *app("api", "web"), web=refused("api"), api=refused("web"))
    assert said["verdict"] == "fault"


def test_a_chain_is_told_to_its_end() -> None:
    store = app("store", "")
    store[0]["spec"]["replicas"] = 0
    store = [thing_ for thing_ in store if thing_["kind"] not in ("Pod", "EndpointSlice")]
    said = verdict(*app("web", "api"), *app("api", "store"), *store, web=refused("api"), api=refused("store"))
    assert (said["cause"]["class"], said["cause"]["object"]) == (74, "deployment/store")
    assert said["cause"]["sentence"].count("it cannot reach") == 2


def test_what_is_well_is_not_blamed() -> None:
    said = verdict(*app("web", "api"), *app("api", "", ready=True), web=refused("api"))
    assert said["cause"] is None or said["cause"]["class"] != 74


def test_silence_makes_a_guess_at_most() -> None:
    store = app("store", "")
    store[0]["spec"]["replicas"] = 0
    said = verdict(*app("web", "store"), store[0], store[2], web="ready to serve\n")
    blamed = [said["cause"], *said["consequences"]]
    guess = next(one for one in blamed if one and one["class"] == 74)
    assert guess is not said["cause"] or said["cause"]["confidence"] == "possible"


def test_a_service_that_leads_back_to_its_caller_is_told_as_that() -> None:
    store = thing("Service", "storedb", spec={"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 80}]})
    endpoint = {"addresses": ["10.0.0.9"], "conditions": {"ready": False}, "targetRef": {"name": "web-1"}}
    piece = thing("EndpointSlice", "storedb-x", labels={"kubernetes.io/service-name": "storedb"}, endpoints=[endpoint])
    others = [one for name in ("a", "b", "c") for one in app(name, "", ready=True)]
    said = verdict(*app("web", "storedb"), store, piece, *others, web=refused("storedb"))
    assert (said["cause"]["class"], said["cause"]["object"]) == (74, "service/storedb")
    assert said["cause"]["sentence"].endswith("service `storedb` selects `app=web`, its own pods: it calls itself")


def rolling(ran: bool) -> list[Json]:
    """`api`, whose one pod serves while a new one is not ready: its image does not come, or it `ran` and crashed."""
    api = app("api", "", ready=True)
    new = pod("api-2", {"app": "api"}, False)
    ended = {"terminated": {"exitCode": 1, "startedAt": "2026-01-02T11:59:40Z", "finishedAt": "2026-01-02T11:59:50Z"}}
    waits = {"waiting": {"reason": "CrashLoopBackOff" if ran else "ImagePullBackOff", "message": "not found"}}
    new["status"] |= {
        "phase": "Running" if ran else "Pending",
        "containerStatuses": [
            {"name": "app", "ready": False, "restartCount": 3 * ran, "state": waits, "lastState": ended if ran else {}}
        ],
    }
    owner = {"kind": "ReplicaSet", "name": "api-1a", "uid": "u", "controller": True}
    new["metadata"]["ownerReferences"] = api[1]["metadata"]["ownerReferences"] = [owner]
    made = thing("ReplicaSet", "api-1a")
    made["metadata"]["ownerReferences"] = [{"kind": "Deployment", "name": "api", "uid": "v", "controller": True}]
    endpoint = {"addresses": ["10.0.0.8"], "conditions": {"ready": False}, "targetRef": {"name": "api-2"}}
    api[3]["endpoints"].append(endpoint)
    api[0]["status"] |= {"replicas": 2, "unavailableReplicas": 1}
    return [*api, new, made]


def test_a_new_pod_that_never_ran_is_not_why_a_caller_that_is_well_complains() -> None:
    api, log = rolling(ran=False), refused("api") * 3
    assert verdict(*api, target="service/api")["verdict"] == "fault"
    said = verdict(*app("web", "api", ready=True), *api, web=log)
    assert said["verdict"] == "healthy"
    assert "its log goes on about `api`" in said["cause"]["sentence"]
    assert verdict(*app("web", "api", ready=True), *rolling(ran=True), web=log)["cause"]["class"] == 74


def test_what_waits_for_something_that_only_starts_is_told_so() -> None:
    api = app("api", "")
    api[1]["metadata"]["creationTimestamp"] = "2026-01-02T11:59:57Z"
    api[1]["status"]["containerStatuses"][0]["state"] = {"running": {"startedAt": "2026-01-02T11:59:58Z"}}
    api[1]["spec"]["containers"][0]["readinessProbe"] = {"tcpSocket": {"port": 80}, "initialDelaySeconds": 20}
    api[1]["status"]["conditions"].append({"type": "PodScheduled", "status": "True"})
    cause = verdict(*app("web", "api"), *api, web=refused("api"))["cause"]
    assert (cause["class"], cause["confidence"], cause["object"]) == (74, "likely", "service/api")
    assert "it cannot reach `api:80`, which has no fault yet: it is starting" in cause["sentence"]
