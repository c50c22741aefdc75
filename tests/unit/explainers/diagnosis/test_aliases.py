"""Aliases for a service that is not there: a namespace of another name is looked at first."""

from dataclasses import dataclass, field, replace

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from explainers import kinds
from explainers.operations.base import Answer, Operation
from explainers.operations.reads import List
from tests.fakes.passing import Passing
from tests.unit.clusters import Json, services, thing


@dataclass
class Everywhere(Passing):
    """A cluster that lists these services of all namespaces."""

    services: list[Json] = field(default_factory=list)

    def run(self, operation: Operation) -> Answer:
        if isinstance(operation, List) and operation.kind is kinds.SERVICE and not operation.namespace:
            return Answer(200, {"items": self.services})
        return self.inner.run(operation)


def found(*namespaces: str) -> Json:
    """What is said of an alias for `pay.kube-system`, where these namespaces have a service `pay`."""
    alias = thing("Service", "pay", spec={"type": "ExternalName", "externalName": "pay.kube-system.svc.cluster.local"})
    others = [thing("Service", "pay", namespace=name, spec={"selector": {"app": "pay"}}) for name in namespaces]
    request = Request("diagnose", "service/pay", Actor("test"), namespace="shop")
    made = services(alias)
    data = diagnose(request, replace(made, cluster=Everywhere(made.cluster, others))).data
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
