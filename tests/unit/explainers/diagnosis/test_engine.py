"""Facts on demand, ranking, and the verdict."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

import pytest

from explainers import kinds
from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.engine import diagnose, rank
from explainers.diagnosis.facts import Fact, Facts, Missing, at_once
from explainers.diagnosis.model import Confidence, Finding, Layer, Outcome
from explainers.kinds import Ref
from explainers.network.probes import TcpConnect
from explainers.operations.base import Answer, Operation
from explainers.operations.reads import Get
from tests.unit.clusters import NOW, cluster, deployment, pod

WEB = Ref("Deployment", "shop", "web")


def finding(number: int, layer: Layer, confidence: Confidence = Confidence.SURE) -> Finding:
    return Finding(number, WEB, layer, f"fault {number}", confidence=confidence)


def test_what_serves_all_the_same_is_no_cause_but_comes_before_a_guess() -> None:
    found = [finding(112, Layer.WORKLOAD), finding(8, Layer.SERVICE), finding(9, Layer.SERVICE, Confidence.POSSIBLE)]
    assert [one.number for one in rank(found)] == [112, 8, 9]
    assert [one.number for one in rank(found, serves=True)] == [8, 112, 9]


def test_missing_facts_are_noted_together() -> None:
    facts = Facts(NOW)
    one, two = Get(kinds.POD, "shop", "a"), Get(kinds.POD, "shop", "b")
    with pytest.raises(Missing):
        facts.ask(one, two)
    assert facts.take_wanted() == [one, two]
    facts.learn(one, Answer(200, {}))
    facts.learn(two, Answer(404))
    assert [answer.status for answer in facts.ask(one, two)] == [200, 404]


def test_the_deepest_layer_is_the_cause() -> None:
    order = rank([finding(2, Layer.SERVICE), finding(49, Layer.NEEDS), finding(57, Layer.CONTAINER)])
    assert [one.number for one in order] == [49, 57, 2]


def test_a_guess_never_beats_a_certainty() -> None:
    order = rank([finding(74, Layer.DEPENDENCY, Confidence.POSSIBLE), finding(2, Layer.SERVICE)])
    assert order[0].number == 2


def test_equal_findings_count_once() -> None:
    assert len(rank([finding(2, Layer.SERVICE), finding(2, Layer.SERVICE)])) == 1


def settle(*rules: Rule, ready: bool = True) -> Outcome:
    at = cluster(deployment("web", ready=1 if ready else 0), pod("web-1", {"app": "web"}, ready))
    facts = Facts(NOW)
    while True:
        try:
            return diagnose(facts, WEB, rules).outcome
        except Missing:
            for fact in facts.take_wanted():
                assert isinstance(fact, Operation)
                facts.learn(fact, at.run(fact))


def test_healthy_only_when_everything_was_seen() -> None:
    assert settle() is Outcome.HEALTHY
    assert settle(ready=False) is Outcome.UNKNOWN


def test_a_finding_makes_a_fault_even_when_pods_are_ready() -> None:
    def rule(_case: Case) -> Iterable[Finding]:
        return [finding(2, Layer.SERVICE)]

    assert settle(rule) is Outcome.FAULT


def test_a_circumstance_is_not_a_fault() -> None:
    def rule(case: Case) -> Iterable[Finding]:
        yield Finding(99, case.target, Layer.NEEDS, "a volume waits for its first consumer", benign=True)

    assert settle(rule, ready=False) is Outcome.HEALTHY


# --- live questions ------------------------------------------------------------------------------

PROBE = TcpConnect("shop", (), "10.0.0.9", 80)


def asked(*rules: Rule, ready: bool = True) -> list[Fact]:
    """What is read for a verdict on a pod that is `ready` or not, in order; every probe is answered."""
    at = cluster(deployment("web", ready=int(ready)), pod("web-1", {"app": "web"}, ready))
    facts, read = Facts(NOW), list[Fact]()
    while True:
        try:
            diagnose(facts, WEB, rules)
        except Missing:
            for fact in facts.take_wanted():
                read.append(fact)
                facts.learn(fact, at.run(fact) if isinstance(fact, Operation) else Answer(200, {"exitCode": 0}))
        else:
            return read


def probing(case: Case) -> Iterable[Finding]:
    case.ask(PROBE)
    return []


def reading(case: Case) -> Iterable[Finding]:
    case.ask(Get(kinds.CONFIG_MAP, "shop", "late"))
    return []


@pytest.mark.parametrize(
    ("found", "ready", "probed"),
    [
        (finding(49, Layer.NEEDS), False, False),
        (finding(112, Layer.WORKLOAD), False, False),
        (finding(112, Layer.WORKLOAD), True, True),
        (finding(74, Layer.DEPENDENCY), True, False),
        (finding(2, Layer.SERVICE), False, True),
        (finding(57, Layer.CONTAINER, Confidence.LIKELY), False, True),
        (replace(finding(99, Layer.NEEDS), benign=True), False, True),
    ],
    ids=[
        "what it needs", "its rollout", "its rollout, and all serve", "what it calls", "only its Service", "not sure",
        "no fault",
    ],
)  # fmt: skip
def test_nobody_makes_a_pod_to_hear_what_else_is_wrong(found: Finding, ready: bool, probed: bool) -> None:
    def rule(_case: Case) -> Iterable[Finding]:
        return [found]

    assert (PROBE in asked(probing, rule, reading, ready=ready)) is probed


def test_live_questions_wait_for_all_that_can_be_read() -> None:
    read = asked(probing, reading)
    assert read.index(PROBE) == len(read) - 1


def test_what_parts_lack_is_asked_together() -> None:
    facts = Facts(NOW)
    names = ("a", "b")
    with pytest.raises(Missing) as missing:
        at_once(partial(facts.ask, Get(kinds.POD, "shop", name)) for name in names)
    assert [fact.name for fact in missing.value.facts if isinstance(fact, Get)] == ["a", "b"]
    for name in names:
        facts.learn(Get(kinds.POD, "shop", name), Answer(404))
    assert len(at_once(partial(facts.ask, Get(kinds.POD, "shop", name)) for name in names)) == 2
