"""A port name that no pod declares: which port was meant, and when that is a guess."""

import pytest

from explainers.diagnosis.model import Finding
from explainers.diagnosis.rules.ports import named_port_unknown
from explainers.kinds import Ref
from tests.unit.clusters import Json, pod, thing
from tests.unit.explainers.diagnosis.reading import Reading

SERVICE = Ref("Service", "shop", "web")


def port(name: str, number: int, target: str) -> Json:
    return {"name": name, "port": number, "targetPort": target}


def found(ports: list[Json], **declared: int) -> Finding:
    made = pod("web-1", {"app": "web"})
    listed = [{"name": name, "containerPort": number} for name, number in declared.items()]
    made["spec"]["containers"][0] |= {"ports": listed, "readinessProbe": {"httpGet": {"port": 8080}}}
    service = thing("Service", "web", spec={"selector": {"app": "web"}, "ports": ports})
    (one,) = Reading(service, made).see(lambda case: [*named_port_unknown(case)], SERVICE)
    return one


HTTP = port("http", 80, "http")


@pytest.mark.parametrize(
    ("told", "ports", "declared", "right"),
    [
        ("its own number", [HTTP, port("metrics", 9090, "metrics")], {"http": 8080, "prom": 9090}, "prom"),
        ("the only one left", [HTTP, port("metrics", 9091, "metrics")], {"http": 8080, "prom": 9090}, "prom"),
        ("a slip before a number", [port("web", 9090, "htpp")], {"http": 8080, "prom": 9090}, "http"),
        ("the only one", [port("web", 80, "web")], {"serve": 3000}, "serve"),
    ],
)
def test_the_port_that_was_meant(told: str, ports: list[Json], declared: dict[str, int], right: str) -> None:
    step = found(ports, **declared).plan.steps[0]
    assert step.changes
    assert f'"value":"{right}"' in step.operation.line(), told


def test_one_of_several_is_a_guess() -> None:
    plan = found([port("web", 80, "web")], http=8080, prom=9090).plan
    assert not plan.changes
    assert '"value":"http"' in plan.alternatives[0].operation.line()


def test_a_port_that_another_entry_leads_to_is_none_to_send_to() -> None:
    plan = found([HTTP, port("metrics", 9090, "metrics")], http=8080).plan
    assert not plan.changes
    assert not any(step.changes for step in plan.alternatives)
