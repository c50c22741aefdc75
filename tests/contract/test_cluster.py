"""One contract for every cluster: the sandbox and a real API server give the same answers to the same operations.

Words are compared too: rules and people read the messages of the API.
"""

from typing import Any

import pytest

from explainers import kinds
from explainers.diagnosis.views.rows import cells_of
from explainers.kinds import CONFIG_MAP, DEPLOYMENT, POD, SECRET, SERVICE, Kind
from explainers.operations.apply import Apply, Create
from explainers.operations.base import Answer, Json
from explainers.operations.config import CreateConfigMap, CreateSecret
from explainers.operations.execs import Exec
from explainers.operations.patches import Label, Patch
from explainers.operations.pods import Delete, RunPod
from explainers.operations.reads import Get, GetMetadata, List, Logs, Rows, Watch, events_of
from explainers.operations.rollouts import rolled_out
from explainers.operations.services import Expose, SetSelector
from explainers.operations.workloads import Scale, SetImage
from tests.contract.room import Room


def labelled(name: str, **labels: str) -> Json:
    return {"metadata": {"name": name, "labels": {"group": "labelled", **labels}}, "data": {"k": "v"}}


def deployment(name: str, image: str = "busybox", replicas: int = 1) -> Json:
    container = {"name": "main", "image": image, "command": ["sh", "-c", "echo started; sleep 3600"]}
    pod = {"containers": [container], "terminationGracePeriodSeconds": 0}
    template = {"metadata": {"labels": {"app": name}}, "spec": pod}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template}
    return {"metadata": {"name": name, "labels": {"app": name}}, "spec": spec}


LOOSE: Json = {"spec": {"containers": [{"name": "a", "image": "busybox"}]}}


@pytest.fixture(scope="module")
def web(room: Room) -> str:
    """A pod of a Deployment `web` that runs, and a Service in front of it."""
    room.create(DEPLOYMENT, deployment("web"))
    selector = (("app", "web"),)
    room.cluster.run(Expose(DEPLOYMENT, room.namespace, "web", "web", 80, "8080", selector))
    room.seen(DEPLOYMENT, "web", rolled_out)
    (pod,) = room.cluster.run(List(POD, room.namespace, labels="app=web")).items
    return str(pod["metadata"]["name"])


def test_what_is_absent_is_404(room: Room) -> None:
    answer = room.cluster.run(Get(DEPLOYMENT, room.namespace, "none"))
    assert answer.absent
    assert answer.problem == 'deployments.apps "none" not found'
    assert room.cluster.run(Logs(room.namespace, "none")).problem == 'pods "none" not found'
    assert room.cluster.run(Delete(CONFIG_MAP, room.namespace, "none")).problem == 'configmaps "none" not found'
    assert room.cluster.run(Scale(DEPLOYMENT, room.namespace, "none", 1)).problem == 'deployments.apps "none" not found'
    assert room.cluster.run(List(POD, "no-such-namespace")).items == []


def test_a_kind_that_the_api_does_not_know_is_404(room: Room) -> None:
    odd = Kind("Odd", "odds", "example.org")
    assert room.cluster.run(List(odd, room.namespace)).status == 404


def test_create_read_conflict_delete(room: Room) -> None:
    create = CreateConfigMap(room.namespace, "cycle", (("a", "1"),))
    made = room.cluster.run(create)
    assert made.status == 201
    assert made.object["metadata"]["uid"]
    again = room.cluster.run(create)
    assert (again.status, again.problem) == (409, 'configmaps "cycle" already exists')
    assert room.cluster.run(Get(CONFIG_MAP, room.namespace, "cycle")).object["data"] == {"a": "1"}
    assert room.cluster.run(Delete(CONFIG_MAP, room.namespace, "cycle")).ok
    assert room.cluster.run(Get(CONFIG_MAP, room.namespace, "cycle")).absent


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("group=labelled", ["l1", "l2", "l3"]),
        ("group=labelled,tier=web", ["l1"]),
        ("group=labelled,tier!=web", ["l2", "l3"]),
        ("group=labelled,tier in (web,db)", ["l1", "l2"]),
        ("group=labelled,tier notin (web)", ["l2", "l3"]),
        ("group=labelled,tier", ["l1", "l2"]),
        ("group=labelled,!tier", ["l3"]),
        ("group==labelled,tier=", []),
    ],
)
def test_label_selectors(room: Room, selector: str, names: list[str]) -> None:
    for name, labels in (("l1", {"tier": "web"}), ("l2", {"tier": "db"}), ("l3", {})):
        room.cluster.run(
            Apply(CONFIG_MAP, room.namespace, {"apiVersion": "v1", "kind": "ConfigMap", **labelled(name, **labels)})
        )
    items = room.cluster.run(List(CONFIG_MAP, room.namespace, labels=selector)).items
    assert [item["metadata"]["name"] for item in items] == names


def test_selectors_that_cannot_be_read(room: Room) -> None:
    assert room.cluster.run(List(POD, room.namespace, labels="a in b")).status == 400
    assert room.cluster.run(List(POD, room.namespace, fields="spec.nosuch=x")).status == 400


def test_lists_come_in_pages(room: Room) -> None:
    for name in ("p1", "p2"):
        room.cluster.run(CreateConfigMap(room.namespace, name))
    answer = room.cluster.run(List(CONFIG_MAP, room.namespace, limit=1))
    assert len(answer.items) == 1
    assert answer.object["metadata"]["continue"]


def test_metadata_alone_has_no_values(room: Room) -> None:
    room.cluster.run(CreateSecret(room.namespace, "hidden", (("PASSWORD", "s3cret"),)))
    one = room.cluster.run(GetMetadata(SECRET, room.namespace, "hidden"))
    assert one.object["kind"] == "PartialObjectMetadata"
    assert "data" not in one.object
    several = room.cluster.run(List(SECRET, room.namespace, metadata_only=True))
    assert "hidden" in [item["metadata"]["name"] for item in several.items]
    assert all("data" not in item for item in several.items)


@pytest.mark.parametrize(
    ("body", "kind", "left"),
    [
        ({"data": {"a": None, "c": "3"}}, "merge", {"b": "2", "c": "3"}),
        ({"data": {"a": "9"}}, "strategic", {"a": "9", "b": "2"}),
        (
            [{"op": "remove", "path": "/data/a"}, {"op": "add", "path": "/data/d", "value": "4"}],
            "json",
            {"b": "2", "d": "4"},
        ),
    ],
)
def test_patches(room: Room, body: Any, kind: Any, left: dict[str, str]) -> None:
    name = f"patched-{kind}"
    room.cluster.run(CreateConfigMap(room.namespace, name, (("a", "1"), ("b", "2"))))
    assert room.cluster.run(Patch(CONFIG_MAP, room.namespace, name, body, kind)).object["data"] == left


def test_a_patch_whose_test_fails_changes_nothing(room: Room) -> None:
    room.cluster.run(CreateConfigMap(room.namespace, "tested", (("a", "1"),)))
    body = [{"op": "test", "path": "/data/a", "value": "2"}, {"op": "remove", "path": "/data/a"}]
    assert room.cluster.run(Patch(CONFIG_MAP, room.namespace, "tested", body, "json")).status == 422
    assert room.cluster.run(Get(CONFIG_MAP, room.namespace, "tested")).object["data"] == {"a": "1"}


def test_apply_creates_and_owns(room: Room) -> None:
    def manifest(**data: str) -> Json:
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "applied"}, "data": data}

    assert room.cluster.run(Apply(CONFIG_MAP, room.namespace, manifest(a="1", b="2"))).status == 201
    assert room.cluster.run(Apply(CONFIG_MAP, room.namespace, manifest(a="2"))).object["data"] == {"a": "2"}


def test_apply_takes_from_another_only_by_force(room: Room) -> None:
    def applied(force: bool = False, **data: str) -> Answer:
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "shared"}, "data": data}
        return room.cluster.run(Apply(CONFIG_MAP, room.namespace, body, force))

    room.cluster.run(CreateConfigMap(room.namespace, "shared", (("a", "1"), ("b", "1"))))
    assert applied(a="1", c="3").status == 200
    refused = applied(a="2", b="2", c="4")
    assert refused.status == 409
    assert "Apply failed with 2 conflicts: " in refused.problem
    assert ".data.b" in refused.problem
    assert applied(a="1", c="4").object["data"] == {"a": "1", "b": "1", "c": "4"}
    assert applied(force=True, a="2", b="2").object["data"] == {"a": "2", "b": "2"}
    room.cluster.run(Patch(CONFIG_MAP, room.namespace, "shared", {"data": {"a": "5"}}, "merge"))
    assert applied(a="6", b="2").status == 409


def test_what_is_not_valid_is_422(room: Room) -> None:
    body = {"apiVersion": "apps/v1", "kind": "Deployment", **deployment("odd")}
    body["spec"]["template"]["metadata"]["labels"] = {"app": "other"}
    answer = room.cluster.run(Create(DEPLOYMENT, room.namespace, body))
    assert answer.status == 422
    assert "`selector` does not match template `labels`" in answer.problem


def test_a_deployment_makes_pods_that_a_service_finds(room: Room, web: str) -> None:
    (replica_set,) = room.cluster.run(List(kinds.REPLICA_SET, room.namespace, labels="app=web")).items
    pod = room.cluster.run(Get(POD, room.namespace, web)).object
    assert replica_set["metadata"]["ownerReferences"][0]["name"] == "web"
    assert pod["metadata"]["ownerReferences"][0]["name"] == replica_set["metadata"]["name"]
    assert pod["status"]["phase"] == "Running"
    mine = List(kinds.ENDPOINT_SLICE, room.namespace, labels="kubernetes.io/service-name=web")
    room.until(lambda: any(each.get("endpoints") for each in room.cluster.run(mine).items))
    slices = room.cluster.run(mine).items
    endpoints = [one for each in slices for one in each.get("endpoints") or []]
    assert [one["targetRef"]["name"] for one in endpoints] == [web]
    assert endpoints[0]["conditions"]["ready"] is True
    assert slices[0]["ports"][0]["port"] == 8080


@pytest.mark.usefixtures("web")
@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        (POD, {"name", "ready", "status", "restarts", "age", "ip", "node", "readiness gates"}),
        (SERVICE, {"name", "type", "cluster-ip", "external-ip", "port(s)", "selector"}),
        (DEPLOYMENT, {"name", "ready", "containers", "images", "selector"}),
        (kinds.REPLICA_SET, {"name", "desired", "current", "ready", "age"}),
        (kinds.CONTROLLER_REVISION, {"name", "revision"}),
        (kinds.PERSISTENT_VOLUME, {"name", "status", "storageclass"}),
    ],
    ids=lambda value: value.name if isinstance(value, Kind) else "",
)
def test_rows_have_the_columns_that_diagnosis_reads(room: Room, kind: Kind, columns: set[str]) -> None:
    rows = cells_of(room.cluster.run(Rows(kind, room.namespace)), columns)
    assert rows is not None
    if kind == SERVICE:
        (row,) = (row for row in rows if row["name"] == "web")
        assert (row["type"], row["selector"]) == ("ClusterIP", "app=web")
    if kind == DEPLOYMENT:
        (row,) = (row for row in rows if row["name"] == "web")
        assert (row["ready"], row["selector"]) == ("1/1", "app=web")


def test_events_tell_what_happened(room: Room, web: str) -> None:
    def reasons() -> set[str]:
        return {event["reason"] for event in room.cluster.run(events_of("Pod", room.namespace, web)).items}

    room.until(lambda: {"Scheduled", "Started"} <= reasons())
    told = room.cluster.run(events_of("Deployment", room.namespace, "web")).items
    assert [event["reason"] for event in told] == ["ScalingReplicaSet"]


def test_logs(room: Room, web: str) -> None:
    assert room.cluster.run(Logs(room.namespace, web)).text.startswith("started")
    other = room.cluster.run(Logs(room.namespace, web, "nosuch"))
    assert (other.status, other.problem) == (400, f"container nosuch is not valid for pod {web}")
    before = room.cluster.run(Logs(room.namespace, web, "main", previous=True))
    assert before.status == 400
    assert before.problem == f'previous terminated container "main" in pod "{web}" not found'


def test_exec_gives_output_and_exit_code(room: Room, web: str) -> None:
    told = room.cluster.run(Exec(room.namespace, web, ("echo", "a b"), "main"))
    assert told.body == {"stdout": "a b\n", "stderr": "", "exitCode": 0}
    assert room.cluster.run(Exec(room.namespace, web, ("false",))).body["exitCode"] == 1
    gone = room.cluster.run(Exec(room.namespace, "none", ("true",)))
    assert (gone.status, gone.problem) == (404, 'pods "none" not found')


def test_scale_image_and_label(room: Room) -> None:
    room.create(DEPLOYMENT, deployment("changed", replicas=0))
    assert room.cluster.run(Scale(DEPLOYMENT, room.namespace, "changed", 2)).object["spec"]["replicas"] == 2
    assert room.cluster.run(Scale(DEPLOYMENT, room.namespace, "changed", 0)).ok
    image = room.cluster.run(SetImage(DEPLOYMENT, room.namespace, "changed", "main", "busybox:2")).object
    assert image["spec"]["template"]["spec"]["containers"][0]["image"] == "busybox:2"
    assert image["metadata"]["generation"] > 1
    label = Label(DEPLOYMENT, room.namespace, "changed", (("new", "1"),), ("app",))
    assert room.cluster.run(label).object["metadata"]["labels"] == {"new": "1"}


def test_a_selector_is_replaced_whole(room: Room) -> None:
    room.create(SERVICE, {"metadata": {"name": "s"}, "spec": {"selector": {"a": "1"}, "ports": [{"port": 80}]}})
    assert room.cluster.run(SetSelector(room.namespace, "s", (("b", "2"),))).object["spec"]["selector"] == {"b": "2"}


def test_watch_tells_what_is_there_and_what_changes(room: Room) -> None:
    room.cluster.run(CreateConfigMap(room.namespace, "watched"))
    seen = []
    for event in room.cluster.watch(Watch(CONFIG_MAP, room.namespace, 10, fields="metadata.name=watched"), 10):
        seen.append(event["type"])
        if len(seen) == 1:
            room.cluster.run(Patch(CONFIG_MAP, room.namespace, "watched", {"data": {"a": "1"}}, "merge"))
        if len(seen) == 2:
            room.cluster.run(Delete(CONFIG_MAP, room.namespace, "watched"))
        if len(seen) == 3:
            break
    assert seen == ["ADDED", "MODIFIED", "DELETED"]


def test_a_watch_of_metadata_sends_no_more(room: Room) -> None:
    room.cluster.run(CreateConfigMap(room.namespace, "heard-of", (("a", "1"),)))
    named = List(CONFIG_MAP, room.namespace, fields="metadata.name=heard-of", metadata_only=True)
    event = next(iter(room.cluster.watch(named, 10)))
    told = event["object"]
    assert isinstance(told, dict)
    assert (event["type"], told["kind"], told["metadata"]["name"]) == ("ADDED", "PartialObjectMetadata", "heard-of")
    assert "data" not in told


def test_watch_ends_in_time(room: Room) -> None:
    assert list(room.cluster.watch(Watch(CONFIG_MAP, room.namespace, 1, labels="no=such"), 1)) == []


def test_a_one_time_pod_runs_under_the_restricted_standard(room: Room) -> None:
    strict = (("pod-security.kubernetes.io/enforce", "restricted"),)
    assert room.cluster.run(Label(kinds.NAMESPACE, "", room.namespace, strict)).ok
    loose = Create(
        POD, room.namespace, {"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "loose-"}, **LOOSE}
    )
    room.until(lambda: not room.cluster.run(loose).ok)
    refused, answer = (
        room.cluster.run(loose),
        room.cluster.run(RunPod(room.namespace, "once", "busybox", ("sleep", "30"), 60)),
    )
    room.cluster.run(Label(kinds.NAMESPACE, "", room.namespace, remove=(strict[0][0],)))
    assert answer.status == 201, answer.problem
    assert refused.status == 403
    assert 'violates PodSecurity "restricted:latest"' in refused.problem
    room.seen(POD, "once", lambda pod: pod["status"].get("phase") == "Running")
    assert room.cluster.run(Delete(POD, room.namespace, "once", 1)).ok


def test_quota_refuses_in_words(room: Room) -> None:
    room.create(kinds.RESOURCE_QUOTA, {"metadata": {"name": "few"}, "spec": {"hard": {"count/secrets": "0"}}})
    room.seen(kinds.RESOURCE_QUOTA, "few", lambda quota: "used" in (quota.get("status") or {}))
    answer = room.cluster.run(CreateSecret(room.namespace, "more"))
    room.cluster.run(Delete(kinds.RESOURCE_QUOTA, room.namespace, "few"))
    assert answer.status == 403
    assert "exceeded quota: few" in answer.problem


def test_reads_come_back_in_order(room: Room) -> None:
    answers = room.cluster.read(
        [Get(kinds.NAMESPACE, "", room.namespace), List(POD, room.namespace), Get(POD, "x", "y")]
    )
    assert [answer.status for answer in answers] == [200, 200, 404]
