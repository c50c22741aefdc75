"""A Service before pods of two makers: what one does not listen to, another may."""

from typing import Any

import pytest

from commands.base.investigate import investigate
from explainers.diagnosis.case import Case
from explainers.diagnosis.facts import Facts
from explainers.diagnosis.rules.ports import target_port_wrong
from explainers.kinds import Ref
from tests.unit.clusters import NOW, Json, pod, services, thing

SERVICE = Ref("Service", "shop", "quotes")


def of(maker: str, **container: Any) -> Json:
    made = pod(f"{maker}-1", {"tier": "quotes"})
    made["metadata"]["ownerReferences"] = [{"kind": "ReplicaSet", "name": maker, "controller": True}]
    made["spec"]["containers"][0] |= container
    return made


@pytest.mark.parametrize(
    ("other", "told", "changes"),
    [
        (of("quotes", ports=[{"containerPort": 8080}]), "of its pods, and `batch-1` does not listen there", False),
        (of("other", ports=[{"containerPort": 9090}]), "of its pods, and `batch-1` does not listen there", True),
        (of("batch"), "of its pods, where nothing listens", True),
    ],
)
def test_what_is_said_of_all_pods_holds_for_all(other: Json, told: str, changes: bool) -> None:
    batch = of("batch", ports=[{"containerPort": 9000}])
    other["metadata"]["name"] = "zz-2"
    service = thing(
        "Service", "quotes", spec={"selector": {"tier": "quotes"}, "ports": [{"port": 80, "targetPort": 8080}]}
    )
    logs = {"shop/batch-1/app": "listening on :9000\n"}
    made = services(service, batch, other, logs=logs)
    (found,) = investigate(lambda facts: [*target_port_wrong(Case(facts, SERVICE))], Facts(NOW), made.cluster, made.ask)
    assert told in found.clause
    assert bool(found.plan.changes) is changes
