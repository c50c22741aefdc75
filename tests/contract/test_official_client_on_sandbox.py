"""The official Python client against the sandbox and against a real node."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from kubernetes import client, config, watch
from kubernetes.client.exceptions import ApiException
from kubernetes.stream import stream

from tests.contract.places import PLACES, Place, place

pytestmark = [
    pytest.mark.kubectl,
    # The client, 34.1, still calls what its HTTP library has deprecated.
    pytest.mark.filterwarnings("ignore:HTTPResponse.getheaders:DeprecationWarning"),
]


@pytest.fixture(scope="module", params=PLACES)
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with place(request.param, tmp_path_factory.mktemp("client"), "shop") as found:
        yield found


@pytest.fixture(scope="module")
def api(here: Place) -> Iterator[Any]:
    with config.new_client_from_config(str(here.kubeconfig)) as found:
        yield found
        found.rest_client.pool_manager.clear()


def config_map(name: str, **labels: str) -> Any:
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, labels=labels), data={"k": "v"})


def test_create_read_replace_patch_delete(here: Place, api: Any) -> None:
    core = client.CoreV1Api(api)
    created = core.create_namespaced_config_map(here.namespace, config_map("one"))
    assert created.metadata.uid
    created.data = {"k": "w"}
    assert core.replace_namespaced_config_map("one", here.namespace, created).data == {"k": "w"}
    with pytest.raises(ApiException) as error:
        core.replace_namespaced_config_map("one", here.namespace, created)
    assert (error.value.status, error.value.reason) == (409, "Conflict")
    patched = core.patch_namespaced_config_map("one", here.namespace, {"data": {"x": "y"}})
    assert patched.data == {"k": "w", "x": "y"}
    assert core.delete_namespaced_config_map("one", here.namespace).status == "Success"
    with pytest.raises(ApiException) as error:
        core.read_namespaced_config_map("one", here.namespace)
    assert error.value.status == 404


def test_lists_in_pages_and_by_selector(here: Place, api: Any) -> None:
    core = client.CoreV1Api(api)
    for index in range(4):
        core.create_namespaced_config_map(here.namespace, config_map(f"page-{index}", tier="page"))
    names, token = [], None
    while True:
        page = core.list_namespaced_config_map(here.namespace, label_selector="tier=page", limit=3, _continue=token)
        names += [item.metadata.name for item in page.items]
        token = page.metadata._continue
        if not token:
            break
    assert names == [f"page-{index}" for index in range(4)]
    found = core.list_namespaced_config_map(here.namespace, field_selector="metadata.name=page-2")
    assert [item.metadata.name for item in found.items] == ["page-2"]
    core.delete_collection_namespaced_config_map(here.namespace, label_selector="tier=page")
    assert core.list_namespaced_config_map(here.namespace, label_selector="tier=page").items == []


def test_generated_names(here: Place, api: Any) -> None:
    body = client.V1ConfigMap(metadata=client.V1ObjectMeta(generate_name="some-"))
    names = {client.CoreV1Api(api).create_namespaced_config_map(here.namespace, body).metadata.name for _ in range(2)}
    assert len(names) == 2
    assert all(name.startswith("some-") and len(name) == 10 for name in names)


def test_a_watch_from_a_list_on(here: Place, api: Any) -> None:
    core = client.CoreV1Api(api)
    since = core.list_namespaced_config_map(here.namespace).metadata.resource_version

    def write() -> None:
        core.create_namespaced_config_map(here.namespace, config_map("seen", tier="watch"))
        core.patch_namespaced_config_map("seen", here.namespace, {"data": {"x": "y"}})
        core.delete_namespaced_config_map("seen", here.namespace)

    writer = threading.Timer(0.3, write)
    writer.start()
    kinds = []
    watcher = watch.Watch()
    for event in watcher.stream(
        core.list_namespaced_config_map,
        here.namespace,
        label_selector="tier=watch",
        resource_version=since,
        timeout_seconds=20,
    ):
        kinds.append(event["type"])
        if event["type"] == "DELETED":
            watcher.stop()
    writer.join()
    assert kinds == ["ADDED", "MODIFIED", "DELETED"]


def test_a_watch_too_far_back_expires(here: Place, api: Any) -> None:
    core = client.CoreV1Api(api)
    path = f"/api/v1/namespaces/{here.namespace}/configmaps"
    with pytest.raises(ApiException) as error:
        core.list_namespaced_config_map(here.namespace, limit=1, _continue="not-a-token")
    assert error.value.status in (400, 410), path


def test_exec_logs_and_table(here: Place, api: Any) -> None:
    core = client.CoreV1Api(api)
    container = client.V1Container(name="c", image="busybox", command=["sh", "-c", "echo hello; sleep 3600"])
    body = client.V1Pod(metadata=client.V1ObjectMeta(name="shell"), spec=client.V1PodSpec(containers=[container]))
    core.create_namespaced_pod(here.namespace, body)
    here.kubectl("wait", "--for=condition=Ready", "pod/shell", "--timeout=110s")
    assert core.read_namespaced_pod_log("shell", here.namespace) == "hello\n"
    session = stream(
        core.connect_get_namespaced_pod_exec,
        "shell",
        here.namespace,
        command=["sh", "-c", "echo out; exit 4"],
        stdout=True,
        stderr=True,
        stdin=False,
        tty=False,
        _preload_content=False,
    )
    session.run_forever(timeout=20)
    assert session.read_stdout() == "out\n"
    assert session.returncode == 4
    # When the server ends the session, the client forgets its socket.
    session.sock.shutdown()
    header = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}
    path = f"/api/v1/namespaces/{here.namespace}/pods/shell"
    table = api.call_api(path, "GET", header_params=header, response_type="object", auth_settings=["BearerToken"])[0]
    assert [column["name"] for column in table["columnDefinitions"]][:5] == [
        "Name",
        "Ready",
        "Status",
        "Restarts",
        "Age",
    ]
    assert table["rows"][0]["cells"][:3] == ["shell", "1/1", "Running"]
    core.delete_namespaced_pod("shell", here.namespace, grace_period_seconds=1)


def test_scale_status_and_reviews(here: Place, api: Any) -> None:
    apps = client.AppsV1Api(api)
    here.kubectl("create", "deployment", "scaled", "--image=nginx", "--replicas=0")
    apps.patch_namespaced_deployment_scale("scaled", here.namespace, {"spec": {"replicas": 1}})
    here.kubectl("rollout", "status", "deployment/scaled", "--timeout=110s")
    assert apps.read_namespaced_deployment_scale("scaled", here.namespace).status.replicas == 1
    assert apps.read_namespaced_deployment_status("scaled", here.namespace).status.available_replicas == 1
    attributes = client.V1ResourceAttributes(verb="list", resource="pods", namespace=here.namespace)
    user = f"system:serviceaccount:{here.namespace}:default"
    spec = client.V1SubjectAccessReviewSpec(user=user, resource_attributes=attributes)
    review = client.AuthorizationV1Api(api).create_subject_access_review(client.V1SubjectAccessReview(spec=spec))
    assert review.status.allowed is False
    own = client.V1SelfSubjectAccessReview(spec=client.V1SelfSubjectAccessReviewSpec(resource_attributes=attributes))
    assert client.AuthorizationV1Api(api).create_self_subject_access_review(own).status.allowed is True


def test_impersonation(here: Place, api: Any) -> None:
    user = f"system:serviceaccount:{here.namespace}:default"
    path = f"/api/v1/namespaces/{here.namespace}/pods"
    with pytest.raises(ApiException) as error:
        api.call_api(path, "GET", header_params={"Impersonate-User": user}, auth_settings=["BearerToken"])
    assert error.value.status == 403
    assert f'User \\"{user}\\" cannot list resource' in error.value.body
