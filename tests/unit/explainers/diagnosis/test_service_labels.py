"""Which workload a Service means whose selector fits nobody."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from explainers.diagnosis.case import Case
from explainers.diagnosis.facts import Facts, Missing
from explainers.diagnosis.rules.services import selector_matches_nothing
from explainers.diagnosis.views.labels import meant_by
from explainers.diagnosis.views.neighbours import unmade_pods
from explainers.kinds import Ref
from explainers.operations.base import Answer
from tests.unit.clusters import deployment, thing
from tests.unit.explainers.diagnosis.reading import Reading

WEB, PG = Ref("Deployment", "shop", "web"), Ref("StatefulSet", "shop", "pg")


def case_without_pods() -> Case:
    facts, target = Facts(datetime(2026, 1, 1, tzinfo=UTC)), Ref("Service", "shop", "web")
    with suppress(Missing):
        unmade_pods(Case(facts, target))
    for fact in facts.take_wanted():
        facts.learn(fact, Answer(200, {"items": []}))
    return Case(facts, target)


def service(name: str, **selector: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "shop"}, "spec": {"selector": selector}}


@pytest.mark.parametrize(
    ("selector", "labels", "wanted", "instead", "corrected"),
    [
        ({"app": "wbe"}, {"app": "web"}, {"app": "wbe"}, "`app=web`", {"app": "web"}),
        ({"app": "web"}, {"k8s-app": "web"}, {"app": "web"}, "`k8s-app=web`", {"k8s-app": "web"}),
        (
            {"app": "web", "role": "primary"},
            {"app": "web", "tier": "front"},
            {"role": "primary"},
            "`app=web,tier=front`",
            {"app": "web"},
        ),
        (
            {"app": "web", "version": "v1"},
            {"app": "web", "version": "v2"},
            {"version": "v1"},
            "`version=v2`",
            {"app": "web", "version": "v2"},
        ),
    ],
)
def test_what_differs(
    selector: dict[str, str], labels: dict[str, str], wanted: dict[str, str], instead: str, corrected: dict[str, str]
) -> None:
    meant = meant_by(case_without_pods(), service("web", **selector), {WEB: labels, PG: {"app": "pg"}})
    assert meant is not None
    assert (meant.workload, meant.wanted, meant.instead, meant.selector) == (WEB, wanted, instead, corrected)


def test_nothing_near_is_nothing_meant() -> None:
    assert meant_by(case_without_pods(), service("mail", app="mail"), {PG: {"app": "pg"}}) is None


@pytest.mark.parametrize(
    ("wanted", "carried", "port", "meant"),
    [("tiles", "rails", 8080, False), ("tiles", "rails", 3000, True), ("chekout", "checkout", 8080, True)],
)
def test_a_word_that_is_only_somewhat_alike_needs_another_sign(
    wanted: str, carried: str, port: int, meant: bool
) -> None:
    """The pods declare port 3000."""
    made = deployment(carried)
    made["spec"]["template"]["spec"]["containers"][0]["ports"] = [{"containerPort": 3000}]
    spec = {"selector": {"app": wanted}, "ports": [{"port": 80, "targetPort": port}]}
    reading = Reading(thing("Service", wanted, spec=spec), made)
    (found,) = reading.see(lambda case: [*selector_matches_nothing(case)], Ref("Service", "shop", wanted))
    assert bool(found.plan.steps) is meant
    assert (carried in found.clause) is meant


LOST = {"annotations": {"endpoints.kubernetes.io/last-change-trigger-time": "2026-01-02T11:59:00Z"}, "generation": 3}
MADE_AT = {"time": "2026-01-02T09:00:00Z", "fieldsV1": {"f:spec": {"f:selector": {}}}}
EDITED = {"time": "2026-01-02T11:59:00Z", "fieldsV1": {"f:spec": {"f:selector": {}}}}


def offered(name: str, *, lost: bool = False, writes: tuple[dict[str, Any], ...] = (), **selector: str) -> list[Any]:
    """A Service, which had endpoints if they were `lost`, and its slice."""
    made = thing("Service", name, spec={"selector": selector, "ports": [{"port": 80, "targetPort": 8080}]})
    made["metadata"]["managedFields"] = list(writes)
    piece = thing("EndpointSlice", f"{name}-x", labels={"kubernetes.io/service-name": name}, endpoints=None)
    piece["metadata"] |= LOST if lost else {"generation": 1}
    return [made, piece]


@pytest.mark.parametrize(
    ("carried", "others", "meant"),
    [
        ("stock", [], False),
        ("stockdbs", [], True),
        ("stokdb", [], True),
        ("stokdb", offered("other", app="stokdb"), False),
    ],
)
def test_what_has_a_longer_word_or_a_service_of_its_own_is_not_meant(
    carried: str, others: list[Any], meant: bool
) -> None:
    made = deployment(carried)
    made["spec"]["template"]["spec"]["containers"][0]["ports"] = [{"containerPort": 8080}]
    reading = Reading(*offered("stockdb", app="stockdb"), made, *others)
    (found,) = reading.see(lambda case: [*selector_matches_nothing(case)], Ref("Service", "shop", "stockdb"))
    assert any(step.changes for step in found.plan.steps) is meant


def test_what_calls_a_service_is_not_meant_by_it() -> None:
    reading = Reading(*offered("stockdb", app="stockdb"), deployment("stokdb"))
    service_of, caller = Ref("Service", "shop", "stockdb"), Ref("Deployment", "shop", "stokdb")
    (found,) = reading.see(
        lambda case: [*selector_matches_nothing(Case(case.facts, caller).follow(service_of))], caller
    )
    assert not any(step.changes for step in found.plan.steps)


@pytest.mark.parametrize(
    ("lost", "writes", "deleted"),
    [(True, (MADE_AT,), True), (True, (), True), (False, (MADE_AT,), False), (True, (MADE_AT, EDITED), False)],
)
def test_a_service_that_had_endpoints_lost_what_served_it(
    lost: bool, writes: tuple[dict[str, Any], ...], deleted: bool
) -> None:
    reading = Reading(*offered("stockdb", lost=lost, writes=writes, app="stockdb"), deployment("stock"))
    (found,) = reading.see(lambda case: [*selector_matches_nothing(case)], Ref("Service", "shop", "stockdb"))
    said = "service `stockdb` has no pods: no workload carries `app=stockdb`; it was probably deleted"
    assert ((found.clause == said), found.since is not None) == (deleted, deleted)
