"""Aliases for a service that is not there: a namespace of another name is looked at first."""

from dataclasses import dataclass, field, replace

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from explainers import kinds
from explainers.operations.base import Answer, Operation
from explainers.operations.reads import List, Rows
from tests.fakes.passing import Passing
from tests.unit.clusters import Json, services, thing


@dataclass
class Everywhere(Passing):
    """A cluster that lists these services of all namespaces, and those `beyond` of another one."""

    services: list[Json] = field(default_factory=list)
    beyond: Answer | None = None

    def run(self, operation: Operation) -> Answer:
        elsewhere = isinstance(operation, List | Rows) and operation.namespace not in ("", "shop")
        if elsewhere and self.beyond:
            return self.beyond
        if isinstance(operation, List) and operation.kind is kinds.SERVICE and not operation.namespace:
            return Answer(200, {"items": self.services})
        return self.inner.run(operation)


def found(*namespaces: str, host: str = "pay.kube-system", beyond: Answer | None = None) -> Json:
    """What is said of an alias for `pay.kube-system`, where these namespaces have a service `pay`."""
    alias = thing("Service", "pay", spec={"type": "ExternalName", "externalName": f"{host}.svc.cluster.local"})
    others = [thing("Service", "pay", namespace=name, spec={"selector": {"app": "pay"}}) for name in namespaces]
    request = Request("diagnose", "service/pay", Actor("test"), namespace="shop")
    made = services(alias)
    data = diagnose(request, replace(made, cluster=Everywhere(made.cluster, others, beyond))).data
    assert isinstance(data, dict)
    return data


@pytest.mark.parametrize(
    ("namespaces", "told"),
    [
        (["ledger"], "; one of that name is in namespace `ledger`"),
        (["ledger", "audit"], "; one of that name is in namespaces `audit`, `ledger`"),
    ],
)
def test_another_namespace_is_no_more_than_an_alternative(namespaces: list[str], told: str) -> None:
    said = found(*namespaces)
    where = sorted(namespaces)[0]
    assert said["cause"]["sentence"].endswith(told)
    assert [step["kubectl"] for step in said["plan"]] == [f"kubectl -n {where} get service pay -o yaml"]
    assert f"pay.{where}.svc.cluster.local" in said["alternatives"][0]["kubectl"]


def test_a_namespace_of_a_near_name_is_what_was_meant() -> None:
    said = found("ledger", "kube-sistem")
    assert said["cause"]["sentence"].endswith("; the nearest is `pay` in namespace `kube-sistem`")
    assert "pay.kube-sistem.svc.cluster.local" in said["plan"][0]["kubectl"]


def test_a_service_of_the_other_namespace_may_have_the_name_of_the_alias() -> None:
    there = Answer(200, {"items": [thing("Service", "pay", namespace="kube-system")]})
    said = found(host="pays.kube-system", beyond=there)
    assert said["cause"]["sentence"].endswith("; the nearest is `pay`")
    assert "pay.kube-system.svc.cluster.local" in said["plan"][0]["kubectl"]


def test_what_could_not_be_listed_is_not_called_none() -> None:
    said = found(host="pays.kube-system", beyond=Answer(403, {}))
    assert "no pays" in [row["text"] for row in said["evidence"]]


@pytest.mark.parametrize("others", [(), ("audit", "ledger")])
def test_a_service_of_that_name_in_the_own_namespace_is_what_was_meant(others: tuple[str, ...]) -> None:
    full = "pay-internal.kube-system.svc.cluster.local"
    alias = thing("Service", "pay", spec={"type": "ExternalName", "externalName": full})
    own, *rest = (thing("Service", "pay-internal", namespace=one, spec={"selector": {"app": "pay"}})
                  for one in ("shop", *others))  # fmt: skip
    made = services(alias, own)
    request = Request("diagnose", "service/pay", Actor("test"), namespace="shop")
    data = diagnose(request, replace(made, cluster=Everywhere(made.cluster, [own, *rest]))).data
    assert isinstance(data, dict)
    said: Json = dict(data)
    assert said["cause"]["sentence"].endswith("; one of that name is in its own namespace, `shop`")
    assert "pay-internal.shop.svc.cluster.local" in said["plan"][0]["kubectl"]
