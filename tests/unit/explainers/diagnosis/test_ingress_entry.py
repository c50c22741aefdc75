"""Whether somebody serves an Ingress: where that is not sure, it is said and no fault."""

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, deployment, pod, services, thing
from tests.unit.explainers.diagnosis.reading import service

OLD, YOUNG = "2026-01-02T08:00:00Z", "2026-01-02T11:59:30Z"
ADDRESS = [{"ip": "192.0.2.7"}]


def verdict(made: str, address: list[Json], *classes: Json, annotations: Json | None = None) -> Json:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    door = thing("Ingress", "door", spec={"defaultBackend": backend}, status={"loadBalancer": {"ingress": address}})
    door["metadata"] |= {"creationTimestamp": made, "annotations": annotations or {}}
    objects = [door, deployment("web"), *service("web-1"), pod("web-1", {"app": "web"}), *classes]
    data = diagnose(Request("diagnose", "ing/door", Actor("test"), namespace="shop"), services(*objects)).data
    assert isinstance(data, dict)
    return data


@pytest.mark.parametrize(
    ("made", "address", "said"),
    [(OLD, [], True), (OLD, ADDRESS, False), (YOUNG, [], False)],
    ids=["no address", "an address", "too young to have one"],
)
@pytest.mark.parametrize("annotations", [None, {"kubernetes.io/ingress.class": "traefik"}], ids=["no class", "old"])
def test_where_a_controller_may_serve_it_and_has_not_said_so_that_is_told(
    made: str, address: list[Json], said: bool, annotations: Json | None
) -> None:
    found = verdict(made, address, annotations=annotations)
    assert found["verdict"] == "healthy"
    assert ("no controller" in found["headline"]) is said


def test_classes_of_which_none_is_the_default_take_up_none_that_names_none() -> None:
    found = verdict(OLD, [], thing("IngressClass", "nginx", ""))
    assert (found["verdict"], found["cause"]["class"]) == ("fault", 22)
