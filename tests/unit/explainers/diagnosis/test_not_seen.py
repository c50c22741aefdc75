"""What may not be read is unknown, never absent: no health and no fault is made of a refusal."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot import wiring
from commands.base.errors import Denied
from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from explainers import kinds
from explainers.kinds import Kind
from explainers.operations.base import Answer, Operation
from tests.fakes.passing import Passing
from tests.faults.harness import faults
from tests.faults.verdicts import CAPTURED_AS, ask, captured
from tests.unit.clusters import Json, deployment, pod, services, thing

SERVICE = thing("Service", "web", spec={"selector": {"app": "web"}, "ports": [{"port": 80}]})
SLICE = thing(
    "EndpointSlice",
    "web-1",
    labels={"kubernetes.io/service-name": "web"},
    endpoints=[{"addresses": ["10.0.0.9"], "conditions": {"ready": True}}],
)
BARE = thing("Service", "bare", spec={"ports": [{"port": 80}]})
CLASSES, SECRETS = "ingressclasses.networking.k8s.io", "secrets"


def ingress(served: bool = True, **spec: Any) -> Json:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    status = {"loadBalancer": {"ingress": [{"ip": "192.0.2.7"}] if served else []}}
    return thing("Ingress", "door", spec={"defaultBackend": backend, **spec}, status=status)


def verdict(target: str, *resources: str, also: tuple[Json, ...] = ()) -> Json:
    """The verdict while the lists of these resources are refused."""
    unread: list[Json] = [
        {
            "resource": name,
            "namespace": "" if name == CLASSES else "shop",
            "status": 403,
            "problem": f"{name} is forbidden",
        }
        for name in resources
    ]
    objects: list[Any] = [deployment("web"), pod("web-1", {"app": "web"}), SERVICE, SLICE, BARE, *also]
    reply = diagnose(Request("diagnose", target, Actor("test"), namespace="shop"), services(*objects, unread=unread))
    assert isinstance(reply.data, dict)
    return reply.data | {"fine": reply.document.fine}


@pytest.mark.parametrize(
    ("target", "resource"),
    [("web", "pods"), ("svc/web", "endpointslices.discovery.k8s.io"), ("svc/bare", "endpointslices.discovery.k8s.io")],
)
def test_a_target_that_may_not_be_seen_is_neither_healthy_nor_at_fault(target: str, resource: str) -> None:
    found = verdict(target, resource)
    assert found["verdict"] == "unknown"
    assert found["headline"].startswith("I cannot say how")
    assert any(resource in one["missing"] for one in found["unchecked"])


def test_policies_that_may_not_be_read_are_not_called_absent() -> None:
    assert not [one for one in verdict("web", "networkpolicies.networking.k8s.io")["fine"] if "NetworkPolicy" in one]


@pytest.mark.parametrize(
    ("door", "resource", "outcome"),
    [
        (ingress(served=False, ingressClassName="nope"), CLASSES, "unknown"),
        (ingress(ingressClassName="nope"), CLASSES, "healthy"),
        (ingress(tls=[{"secretName": "none"}]), SECRETS, "unknown"),
        (ingress(), SECRETS, "healthy"),
    ],
    ids=["class, no address", "class and an address", "certificate", "no certificate"],
)
def test_an_ingress_is_well_only_where_its_class_or_address_and_its_certificate_are_seen(
    door: Json, resource: str, outcome: str
) -> None:
    assert verdict("ing/door", also=(door,))["verdict"] == ("fault" if outcome == "unknown" else "healthy")
    assert verdict("ing/door", resource, also=(door,))["verdict"] == outcome


def test_endpoints_behind_an_ingress_that_may_not_be_read_are_not_none() -> None:
    found = verdict("ing/door", "endpointslices.discovery.k8s.io", also=(ingress(),))
    assert found["verdict"] == "unknown"
    assert "could not be read" in found["headline"]
    assert "0 of" not in str(found)


@dataclass
class Refusing(Passing):
    """A cluster that refuses all reads of one kind."""

    kind: Kind

    def run(self, operation: Operation) -> Answer:
        refused = operation.permission().resource == self.kind.resource
        return Answer(403, problem=f"{self.kind.plural} is forbidden") if refused else self.inner.run(operation)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("065-new-revision", kinds.EVENT),
        ("089-node-name", kinds.NODE),
        ("091-claim-absent", kinds.PERSISTENT_VOLUME_CLAIM),
        ("092-class-absent", kinds.STORAGE_CLASS),
        ("096-volume-elsewhere", kinds.PERSISTENT_VOLUME),
        ("100-quota-pods", kinds.DEPLOYMENT),
    ],
)
def test_what_shows_the_fault_may_not_be_read_so_nothing_is_called_well(name: str, kind: Kind) -> None:
    fault = next(one for one in faults() if one.name == name)
    whole = wiring.offline_services(captured(fault))
    assert ask(whole, fault, CAPTURED_AS)["verdict"] == "fault"
    assert ask(replace(whole, cluster=Refusing(whole.cluster, kind)), fault, CAPTURED_AS)["verdict"] == "unknown"


def test_a_node_that_may_not_be_read_lies_in_no_namespace_and_its_grant_is_told() -> None:
    unread: list[Json] = [{"resource": "nodes", "namespace": "", "status": 403, "problem": 'User "ada" cannot get it'}]
    with pytest.raises(Denied, match=r"exists: not allowed to get nodes") as refused:
        diagnose(Request("diagnose", "node/node-1", Actor("test"), namespace="shop"), services(unread=unread))
    assert "kubectl create clusterrolebinding tessera-read-nodes-ada" in refused.value.hint
