"""Cases that the words of their class would miss: what is said, why it happens, and what to do."""

from typing import Any

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from explainers.diagnosis.case import Case
from explainers.diagnosis.classes import cases
from explainers.diagnosis.model import Finding
from explainers.diagnosis.plans.probes import other_port
from explainers.diagnosis.rules.autoscalers import autoscaler
from explainers.diagnosis.views.absent_services import absent_services
from explainers.diagnosis.views.host_ports import holder
from explainers.diagnosis.views.indexes import failed_indexes, runs_anew
from explainers.diagnosis.views.pods import Pod
from explainers.diagnosis.views.probe_specs import Probe
from explainers.document import Document
from explainers.kinds import Ref
from explainers.network.probes import TcpConnect
from tests.unit.clusters import RUNNING, Json, deployment, pod, services, thing
from tests.unit.explainers.diagnosis.reading import WEB, Reading
from tests.unit.explainers.diagnosis.test_owners_and_logins import BACK_OFF, ENDED, made, patches, verdict

CREATE = "CreateContainerError"
NO_SECCOMP = (
    'cannot load seccomp profile "/k/seccomp/p/audit.json": open /k/seccomp/p/audit.json: no such file or directory'
)
CALLS = "sleep 3; exec 2>/dev/null; wget -q http://smtp-relay:25/ || exit 6"
ATTACK = "1:M 02 Jan 2026 11:59:00.000 # Possible SECURITY ATTACK detected. It looks like somebody is sending POST"


def told(target: str, *objects: Json, **more: Any) -> Document:
    """What people read of a target."""
    return diagnose(Request("diagnose", target, Actor("test"), namespace="shop"), services(*objects, **more)).document


def waits(message: str) -> Json:
    return {"waiting": {"reason": CREATE, "message": message}}


def test_a_seccomp_profile_that_the_node_does_not_have() -> None:
    profile = {"seccompProfile": {"type": "Localhost", "localhostProfile": "p/audit.json"}}
    said = verdict(*made({}, waits(NO_SECCOMP), securityContext=profile))
    assert "its seccomp profile `p/audit.json` is not on the node `node-1`" in said["headline"]
    assert said["evidence"][0]["text"] == "container app: not started yet: CreateContainerError"
    assert patches(said) == []
    assert '"type":"RuntimeDefault","localhostProfile":null' in said["alternatives"][0]["kubectl"]


def test_an_app_armor_profile_of_the_container() -> None:
    own = {"securityContext": {"appArmorProfile": {"type": "Localhost", "localhostProfile": "deny-write"}}}
    said = verdict(*made(own, waits("get apparmor_parser: apparmor profile not found deny-write")))
    assert "its AppArmor profile `deny-write` is not on the node" in said["headline"]
    assert '"containers":[{"name":"app","securityContext":{"appArmorProfile"' in said["alternatives"][0]["kubectl"]


def test_what_was_never_created_has_no_exit_code() -> None:
    said = verdict(*made({}, waits("something that nobody has seen before")))
    assert "something that nobody has seen before" in said["headline"]
    assert "exit code" not in " ".join(row["text"] for row in said["evidence"])


def test_root_that_lost_its_capabilities_gets_those_back_that_it_uses() -> None:
    drop = {"securityContext": {"capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}}}
    for log, words in (
        ('[emerg] 1#1: chown("/var/lib/nginx/body", 33) failed (1: Operation not permitted)', "the owner of"),
        ("[emerg] 7#7: setgid(101) failed (1: Operation not permitted)", "its group"),
        ("error: setuid: Operation not permitted", "its user"),
    ):
        said = verdict(*made(drop, BACK_OFF, ENDED), log=log)
        assert f"may not change {words}" in said["headline"]
        (spec,) = patches(said)
        added = spec["containers"][0]["securityContext"]["capabilities"]
        assert added == {"drop": ["ALL"], "add": ["NET_BIND_SERVICE", "CHOWN", "SETGID", "SETUID"]}


def test_a_command_that_only_gives_files_away_gets_no_more_than_that() -> None:
    log = "chown: changing ownership of '/data': Operation not permitted"
    for command, added in (("chown 999 /data && sleep 9", ["CHOWN"]), ("chown 9 /data && exec su-exec 9 app", None)):
        drop = {"command": ["sh", "-c", command], "securityContext": {"capabilities": {"drop": ["ALL"]}}}
        (spec,) = patches(verdict(*made(drop, BACK_OFF, ENDED), log=log))
        have = spec["containers"][0]["securityContext"]["capabilities"]["add"]
        assert have == (added or ["CHOWN", "SETGID", "SETUID"])


def test_another_user_than_root_gets_no_capability() -> None:
    drop = {"securityContext": {"runAsUser": 1000, "capabilities": {"drop": ["ALL"]}}}
    said = verdict(*made(drop, BACK_OFF, ENDED), log="chown: changing ownership of '/data': Operation not permitted")
    assert patches(said) == []


def test_a_silent_crash_is_told_by_its_command() -> None:
    said = verdict(*made({"command": ["sh", "-c", CALLS]}, BACK_OFF, {**ENDED, "exitCode": 6}))
    assert "its command calls `smtp-relay`, and there is no service of that name" in said["headline"]
    assert said["cause"]["confidence"] == "likely"
    assert [step["kubectl"].split()[3] for step in said["plan"]] == ["get"]
    assert "2>/dev/null" in said["plan"][0]["why"]


def test_a_silent_crash_that_calls_what_is_there() -> None:
    relay = thing("Service", "smtp-relay", spec={"ports": [{"port": 25}]})
    said = verdict(*made({"command": ["sh", "-c", CALLS]}, BACK_OFF, {**ENDED, "exitCode": 6}), relay)
    assert "no service of that name" not in said["headline"]
    assert "throws the errors away (`2>/dev/null`)" in said["headline"]


def test_only_names_of_services_are_looked_up() -> None:
    commands = ["curl http://localhost:80/ https://example.com/ http://db.shop:5432/ http://alias/"]
    owner = deployment("web")
    owner["spec"]["template"]["spec"]["hostAliases"] = [{"ip": "10.0.0.1", "hostnames": ["alias"]}]
    reading = Reading(owner)
    assert reading.see(lambda case: absent_services(case, commands)) == ["db.shop"]


def test_a_hook_is_told_by_its_telling_line_and_what_it_calls() -> None:
    raised = (
        'Traceback (most recent call last):\n  File "<string>", line 1\n    x\nurllib.error.URLError: <no such host>\n'
    )
    message = f"Exec lifecycle hook failed - error: command 'python' exited with 1: {raised}, message: \"x\""
    hook = {"postStart": {"exec": {"command": ["python", "-c", "get('http://consul:8500/v1')"]}}}
    state = {"waiting": {"reason": "PostStartHookError", "message": message}}
    said = verdict(*made({"lifecycle": hook}, state, {**ENDED, "exitCode": 137}))
    assert "urllib.error.URLError: <no such host>" in said["headline"]
    assert "Traceback" not in said["headline"]
    assert "it calls `consul`, and there is no service of that name" in said["headline"]


def test_a_probe_that_asks_http_of_redis() -> None:
    command = ["sh", "-c", "curl -sf http://localhost:6379/ || exit 1"]
    owner, one = made({"readinessProbe": {"exec": {"command": command}}}, {"running": RUNNING})
    one["status"]["phase"] = "Running"
    event = thing(
        "Event", "e1", type="Warning", reason="Unhealthy", message="Readiness probe failed: ", count=9,
        lastTimestamp="2026-01-02T11:59:00Z",
        involvedObject={"kind": "Pod", "name": "web-1", "namespace": "shop", "fieldPath": "spec.containers{app}"},
    )  # fmt: skip
    said = verdict(owner, one, event, log=ATTACK)
    assert said["cause"]["class"] == 65
    assert "it asks HTTP on port 6379, where redis listens" in said["headline"]
    (spec,) = patches(said)
    assert spec["containers"][0]["readinessProbe"] == {"exec": None, "tcpSocket": {"port": 6379}}
    assert '["redis-cli","ping"]' in said["alternatives"][0]["kubectl"]


def scaled(*objects: Json, target: Ref) -> list[Finding]:
    return Reading(*objects).see(lambda case: [*autoscaler(case)], target)


def scaler(name: str, **status: object) -> Json:
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    spec = {"scaleTargetRef": reference, "minReplicas": 1, "maxReplicas": 2}
    return thing("HorizontalPodAutoscaler", name, spec=spec, status=status)


def test_two_autoscalers_of_the_same_pods() -> None:
    message = "pods by selector app=web are controlled by multiple HPAs: [shop/a shop/b]"
    told = {"type": "ScalingActive", "status": "False", "reason": "AmbiguousSelector", "message": message}
    target = Ref("HorizontalPodAutoscaler", "shop", "a")
    (one,) = scaled(deployment("web"), scaler("a", conditions=[told]), scaler("b"), target=target)
    assert one.clause == "more than one autoscaler scales the pods of `web`, so none of them does: this one and `b`"
    assert [step.operation.line().split()[-1] for step in one.plan.alternatives] == ["b", "a"]
    assert not one.plan.changes
    assert one.about is cases.TWO_AUTOSCALERS


def test_indexes_that_failed() -> None:
    spec, status = {"completionMode": "Indexed", "completions": 4}, {"failedIndexes": "2", "succeeded": 3}
    job = thing("Job", "load", spec=spec, status={**status, "completedIndexes": "0,1,3"})
    assert failed_indexes(job) == "index 2 has failed, and 3 of 4 are done"
    assert runs_anew(job) == "; it then runs every index anew, also 0,1,3, which are done"
    several = thing("Job", "load", spec=spec, status={"failedIndexes": "1-3", "succeeded": 0})
    assert failed_indexes(several) == "indexes 1-3 have failed, and 0 of 4 are done"
    assert runs_anew(several) == failed_indexes(thing("Job", "load", spec={}, status=status)) == ""


def test_who_has_the_port_of_the_node() -> None:
    ports = [{"containerPort": 9100, "hostPort": 39100}]
    mine, other = pod("web-1", {"app": "web"}), pod("old", {"app": "old"})
    for one in (mine, other):
        one["spec"]["containers"][0]["ports"] = ports
    reading = Reading(deployment("web"), mine, other)

    def held(case: Case, port: int) -> str:
        has = holder(case, Pod(mine), [port])
        return has.name if has else ""

    assert reading.see(lambda case: held(case, 39100)) == "old"
    assert reading.see(lambda case: held(case, 80)) == ""


def test_a_suspended_job_is_explained_as_a_job() -> None:
    job = thing("Job", "held", spec={"suspend": True, "selector": {"matchLabels": {"run": "held"}}}, status={})
    said = told("job/held", job)
    assert "Queues such as Kueue" in said.explanation


def test_one_thing_is_said_once() -> None:
    said = told("svc/erp", *outside())
    assert "1 of 1 endpoints ready" in said.headline
    assert "1 of 1 endpoints ready" not in (*said.facts, *said.fine)


def outside() -> list[Json]:
    """A Service that leads to an address written by hand, which a pod has."""
    service = thing("Service", "erp", spec={"ports": [{"port": 1414}], "clusterIP": "10.1.0.1"})
    piece = thing(
        "EndpointSlice", "erp-1", labels={"kubernetes.io/service-name": "erp"}, addressType="IPv4",
        ports=[{"port": 1414}], endpoints=[{"addresses": ["10.0.0.9"], "conditions": {"ready": True}}],
    )  # fmt: skip
    return [service, piece, pod("any", {"app": "any"})]


def test_the_limit_of_a_range_counts_in_a_ratio() -> None:
    out = 'pods "web-x" is forbidden: memory max limit to request ratio per Container is 2, but provided ratio is 3.2'
    row = {"type": "Container", "default": {"memory": "32Mi"}, "maxLimitRequestRatio": {"memory": "2"}}
    owner = deployment("web", ready=0)
    owner["kind"] = "ReplicaSet"
    container = {"name": "w", "image": "app:1", "resources": {"requests": {"memory": "10Mi"}}}
    owner["spec"]["template"]["spec"]["containers"] = [container]
    refused = {"type": "ReplicaFailure", "status": "True", "message": out, "reason": "FailedCreate"}
    owner["status"] = {"replicas": 0, "conditions": [refused]}
    said = told("rs/web", owner, thing("LimitRange", "lim", spec={"limits": [row]}))
    assert "of memory, and container `w` has `3.2`" in said.headline
    (step,) = said.plan.steps
    assert '"requests":{"memory":"16Mi"}' in step.operation.line()
    assert step.inverse is not None


def test_the_log_of_a_hanging_run_is_quoted() -> None:
    spec = {"schedule": "* * * * *", "concurrencyPolicy": "Forbid", "jobTemplate": {"spec": {"template": {}}}}
    cron = thing("CronJob", "backup", spec=spec, status={"lastScheduleTime": "2026-01-02T11:50:00Z"})
    labels = {"job-name": "backup-1"}
    job = thing("Job", "backup-1", labels=labels, spec={"selector": {"matchLabels": labels}})
    owner = {"kind": "CronJob", "name": "backup", "uid": "uid-CronJob-backup", "controller": True}
    job["metadata"]["ownerReferences"] = [owner]
    job["status"] = {"active": 1, "startTime": "2026-01-02T11:50:00Z"}
    one = pod("backup-1-x", labels)
    one["metadata"]["ownerReferences"] = [{"kind": "Job", "name": "backup-1", "controller": True}]
    event = thing(
        "Event", "e1", type="Normal", reason="JobAlreadyActive", message="Not starting job", count=1,
        lastTimestamp="2026-01-02T11:59:00Z",
        involvedObject={"kind": "CronJob", "name": "backup", "namespace": "shop"},
    )  # fmt: skip
    logs = {"shop/backup-1-x/app": "start\nwaiting for lock /backup/.lock"}
    said = told("cronjob/backup", cron, job, one, event, logs=logs)
    assert "its log ends with: waiting for lock /backup/.lock" in said.headline


def test_an_alias_for_an_address_that_names_no_port() -> None:
    alias = thing("Service", "loop", spec={"type": "ExternalName", "externalName": "10.20.30.40"})
    said = told("svc/loop", alias)
    assert "an alias for `10.20.30.40`" in said.facts
    assert said.fine == ()
    assert "write the one that its callers use into `spec.ports`" in said.plan.steps[0].why


def test_what_waits_on_purpose_is_explained_as_that() -> None:
    for strategy, about in (
        ({"type": "OnDelete"}, cases.ON_DELETE),
        ({"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}, cases.PARTITION),
    ):
        owner, one = deployment("web"), pod("web-0", {"app": "web"})
        owner["kind"] = "StatefulSet"
        owner["spec"]["updateStrategy"] = strategy
        owner["status"] |= {"updatedReplicas": 0, "currentRevision": "web-a", "updateRevision": "web-b"}
        one["metadata"]["ownerReferences"] = [{"kind": "StatefulSet", "name": "web", "controller": True}]
        assert told("sts/web", owner, one).explanation == about.why


def test_a_missing_class_of_pods_is_explained_as_that() -> None:
    owner = deployment("web", ready=0)
    message = 'pods "web-x" is forbidden: pod rejected: RuntimeClass "gvisor" not found'
    refused = {"type": "ReplicaFailure", "status": "True", "message": message, "reason": "FailedCreate"}
    owner["status"] = {"replicas": 0, "updatedReplicas": 0, "conditions": [refused]}
    assert told("deploy/web", owner).explanation == cases.CLASSES_OF_PODS["RuntimeClass"].why


def test_a_limit_in_thousandths_of_a_byte_is_explained_as_that() -> None:
    objects = made({"resources": {"limits": {"memory": "128m"}}}, {"waiting": {"reason": "ContainerCreating"}})
    assert told("deploy/web", *objects).explanation == cases.TINY_LIMIT.why


def test_what_never_restarted_is_not_promised_to_stop_restarting() -> None:
    probe = {"startupProbe": {"tcpSocket": {"port": 15021}}, "command": ["envoy", "--port", "15001"]}
    container = Pod(made(probe, {"running": RUNNING})[1]).main_containers[0]
    for restarts, expect in ((0, "the probe passes"), (3, "the restarts stop")):
        container.status["restartCount"] = restarts
        plan = Reading(deployment("web")).see(
            lambda case: other_port(case, WEB, Probe(container, "startup", container.spec["startupProbe"]), 15001)
        )
        assert plan.steps[0].expect == expect


def test_a_machine_outside_that_does_not_answer() -> None:
    service, piece, _ = outside()
    asked = {
        "kubectl get pod -A --field-selector=status.podIP=10.0.0.9 -o yaml": {"status": 200, "body": {"items": []}},
        TcpConnect("shop", (), "10.0.0.9", 1414).line(): {"status": 200, "body": {"exitCode": 1}},
    }
    said = told("svc/erp", service, piece, asked=asked)
    assert "an address written by hand, and nothing answers there on port 1414" in said.headline
    assert said.facts[0] == "likely"
    assert said.explanation == cases.WRITTEN_OUTSIDE.why
