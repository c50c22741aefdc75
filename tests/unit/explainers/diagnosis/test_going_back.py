"""Which revision one goes back to, and where that helps nobody."""

from copy import deepcopy
from typing import Any

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from explainers.diagnosis.views.differences import differences, same_template
from tests.unit.clusters import Json, deployment, pod, services, thing

RESTARTED = {"kubectl.kubernetes.io/restartedAt": "2026-01-02T11:58:00Z"}
CALLS = [{"name": "NEED", "value": "RATES"}]


def ask(*objects: Json, logs: str = "") -> Json:
    request = Request("diagnose", "deployment/web", Actor("test"), namespace="shop")
    data = diagnose(request, services(*objects, logs={"shop/web-c-1/web/previous": logs})).data
    assert isinstance(data, dict)
    return data


def template(env: list[Json] | None = None, notes: Json | None = None, limit: str = "", tag: str = "") -> Json:
    container: Json = {"name": "web", "image": "app:1", "env": env or []}
    if limit:
        container["resources"] = {"limits": {"memory": limit}}
    labels = {"app": "web", **({"pod-template-hash": tag} if tag else {})}
    return {"metadata": {"labels": labels, "annotations": notes or {}}, "spec": {"containers": [container]}}


def revision(number: int, tag: str, made: str, ready: int, of: Json) -> Json:
    found = thing("ReplicaSet", f"web-{tag}", labels={"app": "web", "pod-template-hash": tag})
    of = deepcopy(of)
    of["metadata"]["labels"]["pod-template-hash"] = tag
    found["metadata"] |= {
        "creationTimestamp": f"2026-01-02T{made}Z",
        "annotations": {"deployment.kubernetes.io/revision": str(number)},
        "ownerReferences": [{"kind": "Deployment", "name": "web", "uid": "uid-Deployment-web", "controller": True}],
    }
    found["spec"] = {"template": of}
    found["status"] = {"replicas": ready, "readyReplicas": ready}
    return found


def workload(number: int, of: Json, ready: int) -> Json:
    found = deployment("web", 1, ready)
    found["metadata"] |= {
        "generation": 2, "creationTimestamp": "2026-01-02T10:00:00Z",
        "annotations": {"deployment.kubernetes.io/revision": str(number)},
    }  # fmt: skip
    found["spec"]["template"] = of
    found["status"]["observedGeneration"] = 2
    return found


def made_of(tag: str, born: str, of: Json, ready: bool = True, **state: Any) -> Json:
    found = pod(f"web-{tag}-1", {"app": "web", "pod-template-hash": tag}, ready)
    found["metadata"]["creationTimestamp"] = f"2026-01-02T{born}Z"
    found["metadata"]["ownerReferences"] = [
        {"kind": "ReplicaSet", "name": f"web-{tag}", "controller": True, "apiVersion": "apps/v1"}
    ]
    found["spec"] |= deepcopy(of["spec"])
    found["status"]["containerStatuses"] = [
        {"name": "web", "ready": ready, "restartCount": 0, "state": {"running": {"startedAt": f"2026-01-02T{born}Z"}}}
        | state
    ]
    return found


def crashing(born: str, of: Json, code: int = 1, reason: str = "Error") -> Json:
    end = {
        "exitCode": code, "reason": reason, "startedAt": "2026-01-02T11:59:00Z", "finishedAt": "2026-01-02T11:59:50Z",
    }  # fmt: skip
    waits = {"waiting": {"reason": "CrashLoopBackOff"}}
    return made_of("c", born, of, False, restartCount=3, state=waits, lastState={"terminated": end})


def settings(written: str) -> Json:
    found = thing("ConfigMap", "settings", data={"app.json": "{"})
    found["metadata"] |= {
        "creationTimestamp": "2026-01-02T09:00:00Z",
        "managedFields": [{"time": f"2026-01-02T{written}Z", "fieldsV1": {"f:data": {"f:app.json": {}}}}],
    }
    return found


def steps(found: Json) -> list[str]:
    return [step["kubectl"].removeprefix("kubectl -n shop ") for step in found["plan"]]


def others(found: Json) -> list[str]:
    return [step["kubectl"].removeprefix("kubectl -n shop ") for step in found["alternatives"]]


# --- the same template ---------------------------------------------------------------------------


def restarted(written: str, born: str = "11:58:00") -> Json:
    now = template(notes=RESTARTED)
    for one in (now, old := template()):
        one["spec"]["volumes"] = [{"name": "etc", "configMap": {"name": "settings"}}]
    return ask(
        workload(2, now, 1), revision(1, "a", "10:00:00", 1, old), revision(2, "c", "11:58:00", 0, now),
        made_of("a", "10:00:00", old), crashing(born, now), settings(written), logs="ERROR: no JSON in app.json",
    )  # fmt: skip


def test_nobody_goes_back_to_the_template_that_is_there_already() -> None:
    found = restarted("09:00:00")
    assert found["cause"]["class"] == 57
    assert not any("undo" in line for line in [*steps(found), *others(found)])


def test_what_was_written_after_the_pods_that_serve_is_named_and_read() -> None:
    found = restarted("11:57:00")
    said = "ConfigMap `settings` (key `app.json`) was changed 3 min ago, after the pod that still serves was started"
    assert said in found["headline"]
    assert steps(found)[0] == "get configmap settings -o yaml"
    assert others(found) == ["rollout restart deployment/web"]
    assert found["cause"]["since"].startswith("2026-01-02T11:58:00")


def test_what_was_written_after_the_crash_began_is_no_suspect() -> None:
    assert "settings" not in restarted("11:59:00")["headline"]


def test_a_restart_makes_no_other_template() -> None:
    assert same_template(template(tag="a"), template(notes=RESTARTED, tag="b"))
    assert same_template(template(notes={"checksum/config": "1"}), template(notes={"checksum/config": "2"}))
    assert not same_template(template(), template(notes={"sidecar.istio.io/inject": "true"}))
    assert not same_template(template(), template(CALLS))


# --- what is missing -----------------------------------------------------------------------------


def lacking(before: list[Json], ready: int = 0) -> Json:
    now = template([{"name": "REGION", "valueFrom": {"configMapKeyRef": {"name": "places", "key": "region_name"}}}])
    old = template(before)
    waits = {"waiting": {"reason": "CreateContainerConfigError", "message": 'configmap "places" not found'}}
    return ask(
        workload(2, now, ready), revision(1, "a", "10:00:00", ready, old), revision(2, "c", "11:58:00", 0, now),
        made_of("c", "11:58:00", now, False, state=waits), *([made_of("a", "10:00:00", old)] if ready else []),
    )  # fmt: skip


def test_a_revision_that_reads_another_key_of_it_needs_it_too() -> None:
    found = lacking([{"name": "REGION", "valueFrom": {"configMapKeyRef": {"name": "places", "key": "region"}}}])
    assert found["cause"]["class"] == 49
    assert not any("undo" in line for line in [*steps(found), *others(found)])


def test_a_revision_that_does_without_is_offered() -> None:
    assert others(lacking([])) == ["rollout undo deployment/web --to-revision=1"]


def test_a_placeholder_comes_second_where_pods_serve() -> None:
    found = lacking([], ready=1)
    assert steps(found) == ["rollout undo deployment/web --to-revision=1"]
    assert "CHANGE-ME" in others(found)[0]
    assert "its new pods cannot start, while an older one still serves, because" in found["headline"]


def test_a_variable_that_a_new_revision_needs_leads_back_first() -> None:
    old, now, bad = template(), template(CALLS), template(CALLS)
    bad["spec"]["containers"][0]["image"] = "app:none"
    found = ask(
        workload(3, now, 1), revision(1, "a", "10:00:00", 1, old), revision(2, "b", "11:50:00", 0, bad),
        revision(3, "c", "11:58:00", 0, now), made_of("a", "10:00:00", old), crashing("11:58:00", now),
        logs="FATAL: required setting RATES_TOKEN is not set",
    )  # fmt: skip
    assert found["cause"]["class"] == 52
    assert steps(found) == ["rollout undo deployment/web --to-revision=1"]
    assert others(found) == ["set env deployment/web -c web RATES_TOKEN=CHANGE-ME"]


# --- raised in vain ------------------------------------------------------------------------------


def raised(leak: list[Json]) -> Json:
    first, second, now = template(limit="64Mi"), template(leak, limit="64Mi"), template(leak, limit="128Mi")
    return ask(
        workload(3, now, 0), revision(1, "a", "10:00:00", 0, first), revision(2, "b", "11:50:00", 0, second),
        revision(3, "c", "11:58:00", 0, now), crashing("11:58:00", now, 137, "OOMKilled"),
    )  # fmt: skip


def test_more_memory_that_did_not_help_leads_back_to_another_program() -> None:
    found = raised([{"name": "LEAK", "value": "1"}])
    assert "the limit was raised from 64Mi to 128Mi already, and it was killed again after 50 s" in found["headline"]
    assert steps(found) == ["rollout undo deployment/web --to-revision=1"]
    assert "containers[web].env[LEAK]: nothing → LEAK=1" in found["plan"][0]["why"]
    assert others(found) == ["set resources deployment/web -c web --limits=memory=256Mi"]


def test_where_only_the_limit_was_ever_changed_nobody_goes_back() -> None:
    assert steps(raised([])) == ["set resources deployment/web -c web --limits=memory=256Mi"]


# --- a start that takes its time -----------------------------------------------------------------


def late(begun: str, **probe: Any) -> Json:
    now = template()
    now["spec"]["containers"][0]["readinessProbe"] = {"tcpSocket": {"port": 80}, **probe}
    web = workload(2, now, 1)
    web["spec"] |= {"progressDeadlineSeconds": 20}
    web["status"]["conditions"] = [
        {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "timed out"}
    ]
    new = made_of("c", begun, now, False)
    new["status"]["conditions"] = [{"type": "Ready", "status": "False", "lastTransitionTime": f"2026-01-02T{begun}Z"}]
    newest = revision(2, "c", begun, 0, now)
    newest["status"] = {"replicas": 1, "readyReplicas": 0}
    return ask(
        web, revision(1, "a", "10:00:00", 1, template(limit="64Mi")), newest, new, made_of("a", "10:00:00", template())
    )


def test_a_start_that_outlasts_its_progress_deadline_is_waited_for() -> None:
    found = late("11:59:20")
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (112, "likely")
    assert "it has run for 40 s only; revision 1 still serves" in found["headline"]
    assert steps(found) == ["rollout status deployment/web"]
    assert others(found) == ["rollout undo deployment/web --to-revision=1"]


def test_a_start_of_minutes_or_a_probe_that_does_not_run_leads_back() -> None:
    assert steps(late("11:58:00")) == ["rollout undo deployment/web --to-revision=1"]
    assert steps(late("11:59:20", initialDelaySeconds=600)) == ["rollout undo deployment/web --to-revision=1"]


# --- evictions -----------------------------------------------------------------------------------


def test_a_larger_volume_that_filled_up_too_leads_back_to_another_program() -> None:
    first, second, now = template(), template([{"name": "FILL", "value": "1"}]), template()
    now = deepcopy(second)
    for one, size in ((first, "5Mi"), (second, "5Mi"), (now, "10Mi")):
        one["spec"]["volumes"] = [{"name": "scratch", "emptyDir": {"sizeLimit": size}}]
    said = 'Usage of EmptyDir volume "scratch" exceeds the limit "10Mi". '
    gone = []
    for index, (born, over) in enumerate((("11:58:00", "11:58:40"), ("11:58:41", "11:59:20"))):
        lost = made_of("c", born, now, False)
        ended = {"type": "DisruptionTarget", "status": "True", "lastTransitionTime": f"2026-01-02T{over}Z"}
        lost["metadata"]["name"] += f"-{index}"
        lost["status"] = {"phase": "Failed", "reason": "Evicted", "message": said, "conditions": [ended]}
        gone.append(lost)
    found = ask(
        workload(3, now, 1), revision(1, "a", "10:00:00", 0, first), revision(2, "b", "11:50:00", 0, second),
        revision(3, "c", "11:58:00", 1, now), made_of("c", "11:59:21", now), *gone,
    )  # fmt: skip
    assert found["cause"]["class"] == 76
    assert steps(found) == ["rollout undo deployment/web --to-revision=1"]
    assert '"sizeLimit":"20Mi"' in others(found)[0]


# --- in words ------------------------------------------------------------------------------------


def test_what_differs_is_no_python() -> None:
    after = template([{"name": "LEAK", "value": "1"}, {"name": "DB_PASSWORD", "value": "hunter2"}])
    after["spec"]["containers"][0]["readinessProbe"] = {"tcpSocket": {"port": 80}}
    after["spec"]["containers"].append({"name": "side", "image": "side:1", "env": [{"name": "TOKEN", "value": "x"}]})
    before = template()
    del before["spec"]["containers"][0]["env"]
    assert differences(before, after) == (
        "containers[web].env[LEAK]: nothing → LEAK=1",
        "containers[web].env[DB_PASSWORD]: nothing → a private value",
        'containers[web].readinessProbe: nothing → {"tcpSocket":{"port":80}}',
        "containers[side]: nothing → image side:1",
    )


# --- a revision that did not work either -----------------------------------------------------------


def changed(before: int, ready: int, since: str = "11:50:00") -> Json:
    """A crash of revision 2, where `before` pods of revision 1 are left and `ready` of them serve."""
    old, now = template(), template(CALLS)
    earlier = revision(1, "a", "10:00:00", ready, old)
    earlier["status"]["replicas"] = before
    web = workload(2, now, ready)
    web["status"]["conditions"] = [
        {"type": "Available", "status": "False", "lastTransitionTime": f"2026-01-02T{since}Z"}
    ]
    pods = [made_of("a", "10:00:00", old, bool(ready))] if before else []
    return ask(web, earlier, revision(2, "c", "11:58:00", 0, now), *pods, crashing("11:58:00", now), logs="ERROR: no")


def test_one_goes_back_to_what_served() -> None:
    assert any("undo" in line for line in steps(changed(1, 1)))
    assert any("undo" in line for line in steps(changed(0, 0)))


def test_nobody_goes_back_to_a_revision_whose_pods_are_there_and_do_not_serve() -> None:
    assert not any("undo" in line for line in steps(changed(1, 0)))


def test_nor_to_one_of_a_deployment_that_has_never_been_available() -> None:
    assert not any("undo" in line for line in steps(changed(0, 0, since="10:00:01")))
