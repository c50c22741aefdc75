"""Refusals whose words stand in the status still, while their cause is gone."""

import pytest

from explainers import kinds
from explainers.diagnosis.model import Confidence, Finding
from explainers.diagnosis.rules.admission import refused
from explainers.diagnosis.rules.jobs import no_pods
from explainers.kinds import Ref
from explainers.operations.reads import PAGE, List
from tests.unit.clusters import Json, cluster, deployment, thing
from tests.unit.explainers.diagnosis.reading import Reading

ACCOUNT = 'pods "web-" is forbidden: error looking up service account shop/web: serviceaccount "web" not found'
BOUND = 'pods "web-x" is forbidden: minimum cpu usage per Container is 50m, but request is 5m'
LEVEL = 'pods "web-x" is forbidden: violates PodSecurity "restricted:latest": host namespaces (hostNetwork=true)'
HOOK = (
    'Internal error occurred: failed calling webhook "guard.example": failed to call webhook: Post '
    '"https://guard.security.svc:443/v": service "guard" not found'
)


def said(message: str, *others: Json, **more: Json) -> Finding | None:
    web = deployment("web", ready=0)
    web["status"] |= {"replicas": 0, "updatedReplicas": 0}
    web["status"]["conditions"] = [{"type": "ReplicaFailure", "status": "True", "message": message}]
    reading = Reading()
    reading.inner = cluster(web, *others, **more)
    return next(iter(reading.see(lambda case: [*refused(case)], Ref("Deployment", "shop", "web"))), None)


LIMITS = thing("LimitRange", "bounds", spec={"limits": [{"type": "Container", "min": {"cpu": "50m"}}]})


def namespace(level: str) -> Json:
    return thing("Namespace", "shop", "", labels={"pod-security.kubernetes.io/enforce": level})


@pytest.mark.parametrize(
    ("message", "now", "number", "past"),
    [
        (ACCOUNT, [thing("ServiceAccount", "web")], 104, True),
        (ACCOUNT, [], 104, False),
        (BOUND, [], 102, True),
        (BOUND, [LIMITS], 102, False),
        (LEVEL, [namespace("baseline")], 103, True),
        (LEVEL, [namespace("restricted")], 103, False),
    ],
)
def test_a_cause_that_is_gone_is_not_told_as_one_that_holds(
    message: str, now: list[Json], number: int, past: bool
) -> None:
    found = said(message, *now)
    assert found is not None
    assert found.number == number
    assert ("a pod was refused when one was last tried" in found.clause) is past
    assert (found.confidence is Confidence.LIKELY) is past
    if past:
        assert found.plan.steps[0].operation.line() == "kubectl -n shop rollout restart deployment/web"


def configurations(*hooks: str) -> Json:
    """What a cluster answers that has one validating configuration with these webhooks."""
    lists = [List(kind, "", limit=PAGE).line() for kind in
             (kinds.VALIDATING_WEBHOOK_CONFIGURATION, kinds.MUTATING_WEBHOOK_CONFIGURATION)]  # fmt: skip
    items = [{"metadata": {"name": "guards"}, "webhooks": [{"name": name} for name in hooks]}] if hooks else []
    absent = {"kubectl -n security get service guard -o yaml": {"status": 404, "problem": "not found"}}
    answers = {line: {"status": 200, "body": {"items": some}} for line, some in zip(lists, (items, []), strict=True)}
    return {**absent, **answers}


def test_a_webhook_is_named_by_where_it_is_configured() -> None:
    found = said(HOOK, asked=configurations("other.example", "guard.example"))
    assert found is not None
    assert "its service `guard` in `security` does not exist" in found.clause
    assert [step.operation.line() for step in found.plan.steps] == [
        "kubectl get validatingwebhookconfiguration guards -o yaml"
    ]
    assert "asks guard.example in every namespace; failurePolicy Fail" in [row.text for row in found.evidence]


@pytest.mark.parametrize("others", [(), ("other.example",)])
def test_a_webhook_that_nothing_configures_is_asked_no_more(others: tuple[str, ...]) -> None:
    found = said(HOOK, asked=configurations(*others))
    assert found is not None
    assert "no configuration asks it now" in found.clause
    assert found.confidence is Confidence.LIKELY


def test_an_account_that_is_there_is_not_made_for_a_job() -> None:
    """Its pods are tried again by themselves."""
    job = thing("Job", "load", spec={"selector": {"matchLabels": {"run": "load"}}}, status={})
    about = {"kind": "Job", "name": "load", "namespace": "shop"}
    event = thing("Event", "load.1", reason="FailedCreate", message=f"Error creating: {ACCOUNT}", involvedObject=about)
    event["lastTimestamp"] = "2026-01-02T11:59:00Z"
    reading = Reading(job, event, thing("ServiceAccount", "web"))
    (found,) = reading.see(lambda case: [*no_pods(case)], Ref("Job", "shop", "load"))
    assert not found.plan.changes


FULL = 'pods "web-bbb-1" is forbidden: exceeded quota: team, requested: pods=1, used: pods=3, limited: pods=3'
DEMANDS = 'pods "web-aaa-1" is forbidden: failed quota: team: must specify requests.cpu for: app'


@pytest.mark.parametrize(("newest", "number"), [(FULL, 100), ("", None)])
def test_the_words_of_an_earlier_revision_stay_with_the_deployment(newest: str, number: int | None) -> None:
    """What the newest ReplicaSet says counts: a Deployment keeps the words while the reason is the same."""
    web = deployment("web", ready=0)
    web["status"] |= {"replicas": 0, "updatedReplicas": 0}
    web["status"]["conditions"] = [
        {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": DEMANDS},
        {"type": "Progressing", "status": "True", "message": 'Created new replica set "web-bbb"'},
    ]
    failing = [{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": newest}]
    made = thing("ReplicaSet", "web-bbb", status={"conditions": failing if newest else []})
    reading = Reading(web, made)
    found = next(iter(reading.see(lambda case: [*refused(case)], Ref("Deployment", "shop", "web"))), None)
    assert (found.number if found else None) == number
