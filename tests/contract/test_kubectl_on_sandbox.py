"""The real kubectl against the sandbox and against a real node: the same commands, the same answers."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.contract.places import PLACES, Place, place, pod_manifest

pytestmark = pytest.mark.kubectl


@pytest.fixture(scope="module", params=PLACES)
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with place(request.param, tmp_path_factory.mktemp("kubectl"), "shop") as found:
        yield found


def test_a_rollout_from_creation_to_undo(here: Place) -> None:
    assert (
        here.kubectl("create", "deployment", "roll", "--image=nginx", "--replicas=1")
        == "deployment.apps/roll created\n"
    )
    here.kubectl("rollout", "status", "deployment/roll", "--timeout=110s")
    assert here.kubectl("scale", "deployment/roll", "--replicas=2") == "deployment.apps/roll scaled\n"
    assert here.kubectl("set", "image", "deployment/roll", "nginx=nginx:1.27") == "deployment.apps/roll image updated\n"
    assert "successfully rolled out" in here.kubectl("rollout", "status", "deployment/roll", "--timeout=110s")
    history = here.kubectl("rollout", "history", "deployment/roll").split()
    assert history[-4:] == ["1", "<none>", "2", "<none>"]
    assert here.kubectl("rollout", "undo", "deployment/roll") == "deployment.apps/roll rolled back\n"
    here.kubectl("rollout", "status", "deployment/roll", "--timeout=110s")
    found = here.get("deployment", "roll")
    assert found["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx"
    assert found["metadata"]["annotations"] == {"deployment.kubernetes.io/revision": "3"}
    status = found["status"]
    assert {key: status[key] for key in ("replicas", "readyReplicas", "availableReplicas", "updatedReplicas")} == {
        "replicas": 2, "readyReplicas": 2, "availableReplicas": 2, "updatedReplicas": 2,
    }  # fmt: skip
    reasons = {item["type"]: item["reason"] for item in status["conditions"]}
    assert reasons == {"Available": "MinimumReplicasAvailable", "Progressing": "NewReplicaSetAvailable"}
    sets = here.get("replicasets", "-l", "app=roll")["items"]
    assert sorted(item["metadata"]["annotations"]["deployment.kubernetes.io/revision"] for item in sets) == ["2", "3"]


def test_a_pause_and_its_end(here: Place) -> None:
    here.kubectl("create", "deployment", "pause", "--image=nginx")
    here.kubectl("rollout", "pause", "deployment/pause")
    here.kubectl("set", "env", "deployment/pause", "A=1")
    path = '{.status.conditions[?(@.type=="Progressing")].reason}'
    here.until("DeploymentPaused", "deployment", "pause", path=path)
    assert len(here.get("replicasets", "-l", "app=pause")["items"]) == 1
    here.kubectl("rollout", "resume", "deployment/pause")
    here.kubectl("rollout", "status", "deployment/pause", "--timeout=110s")
    assert len(here.get("replicasets", "-l", "app=pause")["items"]) == 2
    assert here.kubectl("rollout", "restart", "deployment/pause") == "deployment.apps/pause restarted\n"


def test_every_way_to_change_an_object(here: Place) -> None:
    here.kubectl("create", "deployment", "change", "--image=nginx", "--replicas=0", "--port=80")
    here.kubectl("set", "env", "deployment/change", "A=1", "B=2")
    here.kubectl("set", "resources", "deployment/change", "--limits=memory=64Mi", "--requests=cpu=10m")
    here.kubectl(
        "patch",
        "deployment/change",
        "-p",
        json.dumps(
            {"spec": {"template": {"spec": {"containers": [{"name": "nginx", "env": [{"name": "C", "value": "3"}]}]}}}}
        ),
    )
    here.kubectl("patch", "deployment/change", "--type=merge", "-p", '{"metadata": {"labels": {"tier": "front"}}}')
    step = [{"op": "add", "path": "/metadata/annotations/note", "value": "here"}]
    here.kubectl("patch", "deployment/change", "--type=json", "-p", json.dumps(step))
    here.kubectl("set", "env", "deployment/change", "B-")
    here.kubectl("label", "deployment/change", "extra=1")
    here.kubectl("annotate", "deployment/change", "more=2")
    found = here.get("deployment", "change")
    container = found["spec"]["template"]["spec"]["containers"][0]
    assert sorted(item["name"] for item in container["env"]) == ["A", "C"]
    assert container["resources"] == {"limits": {"memory": "64Mi"}, "requests": {"cpu": "10m"}}
    assert container["ports"] == [{"containerPort": 80, "protocol": "TCP"}]
    assert found["metadata"]["labels"] == {"app": "change", "tier": "front", "extra": "1"}
    assert found["metadata"]["generation"] == 7
    assert {key: found["metadata"]["annotations"][key] for key in ("note", "more")} == {"note": "here", "more": "2"}


def test_defaults_are_those_of_a_real_server(here: Place) -> None:
    here.kubectl("create", "deployment", "plain", "--image=nginx:1.27", "--replicas=0")
    found = here.get("deployment", "plain")["spec"]
    assert found == {
        "progressDeadlineSeconds": 600,
        "replicas": 0,
        "revisionHistoryLimit": 10,
        "selector": {"matchLabels": {"app": "plain"}},
        "strategy": {"rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}, "type": "RollingUpdate"},
        "template": {
            "metadata": {"labels": {"app": "plain"}},
            "spec": {
                "containers": [
                    {
                        "image": "nginx:1.27",
                        "imagePullPolicy": "IfNotPresent",
                        "name": "nginx",
                        "resources": {},
                        "terminationMessagePath": "/dev/termination-log",
                        "terminationMessagePolicy": "File",
                    }
                ],
                "dnsPolicy": "ClusterFirst",
                "restartPolicy": "Always",
                "schedulerName": "default-scheduler",
                "securityContext": {},
                "terminationGracePeriodSeconds": 30,
            },
        },
    }


def test_apply_in_both_ways(here: Place) -> None:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "applied"}, "data": {"a": "1", "b": "2"}}
    assert here.kubectl("apply", "-f", "-", given=json.dumps(body)) == "configmap/applied created\n"
    body["data"] = {"a": "1", "c": "3"}
    assert here.kubectl("apply", "-f", "-", given=json.dumps(body)) == "configmap/applied configured\n"
    assert here.get("configmap", "applied")["data"] == {"a": "1", "c": "3"}
    assert here.kubectl("apply", "-f", "-", given=json.dumps(body)) == "configmap/applied unchanged\n"
    served = {**body, "metadata": {"name": "served"}}
    for _ in range(2):
        out = here.kubectl("apply", "--server-side", "-f", "-", given=json.dumps(served))
        assert out == "configmap/served serverside-applied\n"
    assert here.get("configmap", "served")["data"] == {"a": "1", "c": "3"}
    less = json.dumps({**served, "data": {"a": "1"}})
    here.kubectl("apply", "--server-side", "--dry-run=server", "-f", "-", given=less)
    assert here.get("configmap", "served")["data"] == {"a": "1", "c": "3"}
    here.kubectl("apply", "--server-side", "-f", "-", given=less)
    assert here.get("configmap", "served")["data"] == {"a": "1"}


def test_a_service_and_its_slice(here: Place) -> None:
    here.kubectl("create", "deployment", "served", "--image=nginx", "--port=80")
    assert here.kubectl("expose", "deployment/served", "--port=8080", "--target-port=80") == "service/served exposed\n"
    here.kubectl("rollout", "status", "deployment/served", "--timeout=110s")
    slices = ("endpointslices", "-l", "kubernetes.io/service-name=served")
    here.until("true", *slices, path="{.items[*].endpoints[*].conditions.ready}")
    found = here.get(*slices)["items"][0]
    assert found["ports"] == [{"name": "", "port": 80, "protocol": "TCP"}]
    assert found["endpoints"][0]["conditions"] == {"ready": True, "serving": True, "terminating": False}
    assert found["endpoints"][0]["targetRef"]["kind"] == "Pod"
    here.kubectl("set", "selector", "service/served", "app=other")
    here.until("[]", *slices, path="[{.items[*].endpoints[*].addresses}]")
    here.kubectl("set", "selector", "service/served", "app=served")
    here.until("true", *slices, path="{.items[*].endpoints[*].conditions.ready}")


def test_a_pod_from_run_to_delete(here: Place) -> None:
    here.kubectl("run", "one", "--image=busybox", "--restart=Never", "--", "sh", "-c", "echo hello; sleep 3600")
    here.kubectl("wait", "--for=condition=Ready", "pod/one", "--timeout=110s")
    assert here.kubectl("logs", "one") == "hello\n"
    assert here.kubectl("logs", "one", "--tail=0") == ""
    assert here.kubectl("exec", "one", "--", "echo", "inside") == "inside\n"
    failed = here.run("exec", "one", "--", "sh", "-c", "echo out; exit 3")
    assert (failed.returncode, failed.stdout) == (3, "out\n")
    assert "command terminated with exit code 3" in failed.stderr
    assert "nosuch" in here.refused("exec", "one", "--", "nosuch")
    lines = here.kubectl("get", "pod", "one", "-o", "wide").splitlines()
    assert lines[0].split() == [
        "NAME",
        "READY",
        "STATUS",
        "RESTARTS",
        "AGE",
        "IP",
        "NODE",
        "NOMINATED",
        "NODE",
        "READINESS",
        "GATES",
    ]
    assert lines[1].split()[:4] == ["one", "1/1", "Running", "0"]
    described = here.kubectl("describe", "pod", "one")
    for text in ("Successfully assigned", 'Pulling image "busybox"', "Created container: one", "Started container one"):
        assert text in described
    assert here.kubectl("delete", "pod", "one", "--grace-period=1").startswith('pod "one" deleted')
    assert here.refused("get", "pod", "one") == 'Error from server (NotFound): pods "one" not found'


def test_refusals_read_the_same(here: Place) -> None:
    here.kubectl("create", "configmap", "taken")
    assert (
        here.refused("create", "configmap", "taken")
        == 'error: failed to create configmap: configmaps "taken" already exists'
    )
    assert here.refused("get", "deploy", "nope") == 'Error from server (NotFound): deployments.apps "nope" not found'
    assert here.refused("get", "nonsense") == 'error: the server doesn\'t have a resource type "nonsense"'
    assert here.refused("get", "pods", "--field-selector=spec.foo=1") == (
        'Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "", '
        'field selector "spec.foo=1": field label not supported: spec.foo'
    )
    bad = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "bad"}, "spec": {"replicsa": 1}}
    assert 'strict decoding error: unknown field "spec.replicsa"' in here.refused(
        "create", "-f", "-", given=json.dumps(bad)
    )
    body = json.loads(pod_manifest("bad"))
    body["spec"]["containers"] = []
    assert 'The Pod "bad" is invalid: spec.containers: Required value' in here.refused(
        "create", "-f", "-", given=json.dumps(body)
    )


def test_rights_are_asked_and_refused(here: Place) -> None:
    here.kubectl("create", "serviceaccount", "bob")
    who = f"--as=system:serviceaccount:{here.namespace}:bob"
    assert here.refused("get", "pods", who) == (
        f'Error from server (Forbidden): pods is forbidden: User "{who[5:]}" cannot list resource "pods" '
        f'in API group "" in the namespace "{here.namespace}"'
    )
    assert here.run("auth", "can-i", "list", "pods", who).stdout == "no\n"
    here.kubectl("create", "role", "reader", "--verb=list,get", "--resource=pods")
    here.kubectl("create", "rolebinding", "reader", "--role=reader", f"--serviceaccount={here.namespace}:bob")
    assert here.kubectl("auth", "can-i", "list", "pods", who) == "yes\n"
    assert here.run("auth", "can-i", "delete", "pods", who).stdout == "no\n"
    here.kubectl("get", "pods", who)


def test_a_quota_holds_and_counts(here: Place) -> None:
    here.kubectl("create", "quota", "few", "--hard=count/secrets=1")
    here.kubectl("create", "secret", "generic", "first", "--from-literal=a=b")
    here.until("1", "quota", "few", path="{.status.used.count/secrets}")
    text = here.refused("create", "secret", "generic", "second", "--from-literal=a=b")
    assert (
        'secrets "second" is forbidden: exceeded quota: few, requested: count/secrets=1, used: count/secrets=1' in text
    )
    here.kubectl("delete", "quota", "few")


def test_a_dry_run_leaves_nothing(here: Place) -> None:
    here.kubectl("create", "configmap", "ghost", "--dry-run=server")
    assert "not found" in here.refused("get", "configmap", "ghost")
