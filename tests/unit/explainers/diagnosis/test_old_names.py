"""Pods of a StatefulSet that do not have the names by which they are called, though its serviceName is right."""

from explainers.diagnosis.model import Confidence, Finding
from explainers.diagnosis.rules.full_names import names_no_pod
from explainers.diagnosis.rules.stable_names import named_too_late
from explainers.kinds import Ref
from tests.unit.clusters import Json, pod
from tests.unit.explainers.diagnosis.reading import Reading
from tests.unit.explainers.diagnosis.test_stable_names import headless, stateful

NODE = Ref("StatefulSet", "shop", "node")
LOG = "2026-01-02T11:59:50Z cannot join node-0.peers:7000: Name or service not known\n"


def running(name: str, subdomain: str, ready: bool = False) -> Json:
    """A pod of the StatefulSet `node` that runs."""
    one = pod(name, {"app": "node"}, ready)
    one["metadata"]["ownerReferences"] = [{"kind": "StatefulSet", "name": "node", "controller": True}]
    one["spec"] |= {"subdomain": subdomain}
    state = {"running": {"startedAt": "2026-01-02T11:50:00Z"}}
    one["status"]["containerStatuses"] = [{"name": "app", "ready": ready, "restartCount": 0, "state": state}]
    return one


def reading(owner: Json, *pods: Json, log: str = LOG, published: bool = True) -> Reading:
    logs = {f"shop/{one['metadata']['name']}/app": log for one in pods}
    return Reading(owner, *pods, headless("peers", "node", publishNotReadyAddresses=published), logs=logs)


def told(owner: Json, *pods: Json) -> list[Finding]:
    return reading(owner, *pods).see(lambda case: [*names_no_pod(case)], NODE)


def lines(found: Finding) -> list[str]:
    return [step.operation.line().removeprefix("kubectl -n shop ") for step in found.plan.steps]


def node(ready: int = 0, replicas: int = 2) -> Json:
    made = stateful("node", "peers", ready, "node-0.peers,node-1.peers")
    made["spec"]["replicas"] = replicas
    return made


def test_pods_that_were_made_under_another_service_are_made_anew_together_while_none_is_ready() -> None:
    (found,) = told(node(), running("node-0", "peer"), running("node-1", "peers"))
    assert "`node-0` was made under the `serviceName` `peer`, not `peers` as its StatefulSet says now" in found.clause
    assert lines(found) == ["delete pod node-0", "delete pod node-1"]


def test_while_some_serve_they_are_made_anew_one_after_another() -> None:
    (found,) = told(node(ready=1), running("node-0", "peer", ready=True), running("node-1", "peers"))
    assert lines(found) == ["rollout restart statefulset/node"]


def test_pods_with_the_right_name_are_not_blamed() -> None:
    assert not told(node(), running("node-0", "peers"), running("node-1", "peers"))


def test_pods_that_are_numbered_from_another_ordinal() -> None:
    made = node()
    made["spec"]["ordinals"] = {"start": 1}
    (found,) = told(made, running("node-1", "peers"), running("node-2", "peers"))
    assert "numbers its pods from 1 (`spec.ordinals.start`): they are `node-1` to `node-2`" in found.clause
    assert found.confidence is Confidence.LIKELY
    assert lines(found) == ["""patch statefulset/node --type=merge -p '{"spec":{"ordinals":{"start":0}}}'"""]


def too_late(log: str, ready: bool = False, published: bool = False) -> list[Finding]:
    pods = [running("node-0", "peers"), running("node-1", "peers", ready)]
    return reading(node(int(ready)), *pods, log=log, published=published).see(
        lambda case: [*named_too_late(case)], NODE
    )


def test_peers_that_run_and_wait_for_each_others_names() -> None:
    (found,) = too_late(LOG)
    assert "its pods look up `node-0.peers` before they are ready" in found.clause
    assert found.confidence is Confidence.LIKELY
    assert '{"spec":{"publishNotReadyAddresses":true}}' in lines(found)[0]


def test_not_where_one_is_ready_or_they_looked_up_long_ago_or_may_be_found() -> None:
    assert not too_late(LOG, ready=True)
    assert not too_late(LOG.replace("11:59:50", "11:51:00"))
    assert not too_late(LOG, published=True)
