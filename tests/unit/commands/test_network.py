"""`/network`: where the walk ends at a fault, or cannot tell, diagnosis goes on in the same answer.

Nothing can be probed here; tests/cluster/test_network.py has the same with live probes.
"""

import pytest

from explainers.document import Document, Tone
from tests.unit.bot.sandbox.clusters import DEPLOYMENTS, deployment, empty_bench
from tests.unit.sandboxed import Desk

SERVICES = "/api/v1/namespaces/shop/services"


@pytest.fixture
def desk() -> Desk:
    """A web server that listens on 8080, with a good service, one with a misspelt label and one with a wrong port."""
    bench = empty_bench("  acme/web:*: {listens: [8080], serves: {/: 200}}")
    probe = {"httpGet": {"port": 8080, "path": "/"}}
    bench.post(DEPLOYMENTS, deployment("web", "acme/web:1", ports=[{"containerPort": 8080}], readinessProbe=probe))
    for name, label, port in (("web", "web", 8080), ("typo", "wbe", 8080), ("wrong", "web", 9000)):
        spec = {"selector": {"app": label}, "ports": [{"port": 80, "targetPort": port}]}
        bench.post(SERVICES, {"metadata": {"name": name}, "spec": spec})
    bench.pass_time(30)
    return Desk(bench)


def asked(desk: Desk, name: str) -> Document:
    return desk.types(f"network svc/{name}").document


@pytest.mark.parametrize(
    ("name", "headline", "first"),
    [
        ("typo", "its selector matches no pod: service `typo` selects `app=wbe`", "set selector service/typo app=web"),
        ("wrong", "`wrong`: service `wrong` sends port 80 to port 9000", '"value":8080'),
    ],
)
def test_the_cause_is_in_the_first_line_and_its_repair_in_the_first_step(
    desk: Desk, name: str, headline: str, first: str
) -> None:
    found = asked(desk, name)
    assert headline in found.headline
    assert first in found.plan.steps[0].operation.line()
    walked = [step for step in found.plan.steps if "endpointslice" in step.operation.line()]
    assert walked
    assert all(step.expect.startswith("until that is done, ") for step in walked)
    assert [one.action for one in found.buttons] == ["network", "diagnose"]


def test_what_nothing_is_wrong_with_stays_unknown_without_a_probe(desk: Desk) -> None:
    found = asked(desk, "web")
    assert found.tone is Tone.UNKNOWN
    assert all("tessera-probe" in step.operation.line() for step in found.plan.steps if step.changes)
    assert "a live probe was not possible" in found.headline
