"""An address in the environment is no cause by itself: how sure a wrong one is, depends on what the pod says."""

from datetime import UTC, datetime
from typing import Any

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.facts import Facts, Missing
from explainers.diagnosis.model import Confidence, Finding
from explainers.diagnosis.rules.addresses import names_no_service
from explainers.kinds import Ref
from explainers.operations.base import Answer
from explainers.operations.reads import Get, List, Logs, Rows

WEB = Ref("Pod", "shop", "web")
RUNS = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}
PULLS = {"waiting": {"reason": "ImagePullBackOff"}}
SAYS_NO = {"exec": {"command": ["test", "-f", "/tmp/ok"]}}


def findings(state: dict[str, Any], log: str = "", probe: dict[str, Any] | None = None) -> list[Finding]:
    container = {"name": "web", "env": [{"name": "API_URL", "value": "http://appi"}], "readinessProbe": probe}
    pod = {
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"containers": [container]},
        "status": {"phase": "Running", "containerStatuses": [{"name": "web", "restartCount": 0, "state": state}]},
    }
    api = {"metadata": {"name": "api", "namespace": "shop"}, "spec": {"ports": [{"port": 80}]}}
    facts = Facts(datetime(2026, 1, 1, 1, tzinfo=UTC))
    while True:
        try:
            return list(names_no_service(Case(facts, WEB)))
        except Missing:
            for fact in facts.take_wanted():
                facts.learn(fact, answer(fact, pod, api, log))


def answer(fact: object, pod: dict[str, Any], api: dict[str, Any], log: str) -> Answer:
    if isinstance(fact, Logs):
        return Answer(200, log)
    if isinstance(fact, Get):
        return Answer(200, pod) if fact.kind == kinds.POD else Answer(404)
    if isinstance(fact, Rows):
        return Answer(406, problem="only JSON here")
    assert isinstance(fact, List)
    return Answer(200, {"items": [api] if fact.kind == kinds.SERVICE and fact.namespace else []})


def test_a_name_in_the_log_is_sure() -> None:
    (found,) = findings(RUNS, "curl: (6) Could not resolve host: appi")
    assert (found.number, found.confidence) == (38, Confidence.SURE)
    assert "nearest is `api`" in found.clause


def test_a_pod_that_waits_in_silence_is_likely() -> None:
    assert [one.confidence for one in findings(RUNS, probe=SAYS_NO)] == [Confidence.LIKELY]


def test_a_pod_with_other_troubles_leaves_it_possible() -> None:
    assert [one.confidence for one in findings(PULLS)] == [Confidence.POSSIBLE]
    assert [one.confidence for one in findings(RUNS, probe={"httpGet": {"port": 1}})] == [Confidence.POSSIBLE]
