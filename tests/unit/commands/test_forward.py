"""`/forward`: the line, the port at the near end, and what to open there."""

import pytest

from commands.base.errors import NotFound, UsageError
from explainers.forwarding import Door, near_end, opens
from tests.unit.bot.sandbox.clusters import DEPLOYMENTS, PODS, deployment, empty_bench, pod
from tests.unit.sandboxed import Desk

SERVICES = "/api/v1/namespaces/shop/services"


def service(name: str, **spec: object) -> dict[str, object]:
    return {"metadata": {"name": name}, "spec": spec}


@pytest.fixture
def desk() -> Desk:
    bench = empty_bench("  acme/web:*: {listens: [8080], serves: {/: 200}}\n  acme/dns:*: {}")
    ports = [{"name": "http", "containerPort": 8080}, {"name": "admin", "containerPort": 9000}]
    probe = {"httpGet": {"port": "admin", "path": "/"}}
    bench.post(DEPLOYMENTS, deployment("web", "acme/web:1", ports=ports, livenessProbe=probe))
    bench.post(PODS, pod("dns", "acme/dns:1", ports=[{"containerPort": 53, "protocol": "UDP"}]))
    bench.post(PODS, pod("silent", "acme/web:1"))
    selector = {"app": "web"}
    bench.post(SERVICES, service("front", selector=selector, ports=[{"port": 80, "targetPort": "http"}]))
    bench.post(DEPLOYMENTS, deployment("plain", "acme/web:1"))
    bench.post(SERVICES, service("plain", selector={"app": "plain"}, ports=[{"port": 80, "targetPort": 7000}]))
    two = [{"name": "a", "port": 80, "targetPort": 8080}, {"name": "b", "port": 443, "targetPort": 9000}]
    bench.post(SERVICES, service("both", selector=selector, ports=two))
    headless = [{"port": 80, "targetPort": "http"}]
    bench.post(SERVICES, service("direct", clusterIP="None", selector=selector, ports=headless))
    bench.post(SERVICES, service("outside", type="ExternalName", externalName="db.example.com"))
    bench.post(SERVICES, service("manual", ports=[{"port": 80}]))
    bench.pass_time(10)
    return Desk(bench)


def line(desk: Desk, text: str) -> str:
    return str(desk.types(f"forward {text}").data["kubectl"])


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("svc/front", "service/front 8080:80"),
        ("svc/both", "service/both 8080:80 8443:443"),
        ("svc/both b", "service/both 8443:443"),
        ("svc/both 443", "service/both 8443:443"),
        ("svc/direct", "service/direct 8080:8080"),
        ("deploy/plain", "deployment/plain 7000:7000"),
        ("web", "deployment/web 8080:8080 9000:9000"),
        ("deploy/web admin", "deployment/web 9000:9000"),
        ("deploy/web 5005", "deployment/web 5005:5005"),
        ("pod/silent 80", "pod/silent 8080:80"),
    ],
)
def test_the_line_has_the_right_ports(desk: Desk, text: str, rest: str) -> None:
    assert line(desk, text) == f"kubectl -n shop port-forward {rest}"


def test_nothing_is_sent_and_nothing_is_to_press(desk: Desk) -> None:
    reply = desk.types("forward web")
    assert desk.cluster.sent == []
    assert reply.document.buttons == ()
    assert not reply.document.plan.changes


def test_what_to_open(desk: Desk) -> None:
    assert "then open: http://localhost:8080" in desk.types("forward svc/front").document.facts
    assert "then open: http://localhost:9000" in desk.types("forward web admin").document.facts


def test_without_a_ready_pod_it_says_so(desk: Desk) -> None:
    desk.bench.patch(f"{DEPLOYMENTS}/web", "merge-patch", {"spec": {"replicas": 0}})
    desk.bench.pass_time(40)
    assert "no pod of it is ready" in desk.types("forward svc/front").document.facts[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("svc/outside", "another name for `db.example.com`"),
        ("svc/manual", "no selector"),
        ("pod/dns", "kubectl forwards TCP"),
        ("pod/silent", "names no port"),
        ("svc/front 81", "has no port `81`"),
        ("svc/front 8080", "has no port `8080`"),
        ("web metrics", "has no port `metrics`"),
        ("web 0", "has no port `0`"),
        ("web 65536", "has no port `65536`"),
        ("web ８０８０", "has no port"),
        ("", "To which one"),
        ("web 80 81", "To which one"),
        ("sa/default", "no ports to `serviceaccount/default`"),
    ],
)
def test_what_leads_nowhere_is_said(desk: Desk, text: str, said: str) -> None:
    with pytest.raises((UsageError, NotFound)) as error:
        desk.types(f"forward {text}")
    assert said in error.value.message


@pytest.mark.parametrize(
    ("door", "said"),
    [
        (Door(5432, 5432), "psql -h localhost -p 15432"),
        (Door(1, 6379), "redis-cli"),
        (Door(443, 9000), "https://localhost:15432"),
        (Door(9000, 9000, speaks="https"), "https://"),
        (Door(9000, 9000, "grpc"), "connect to: localhost:15432 (grpc)"),
        (Door(9000, 9000, "http-metrics"), "http://"),
    ],
)
def test_what_a_port_means(door: Door, said: str) -> None:
    assert said in opens(door, 15432)


def test_the_near_end_needs_no_administrator_and_is_free() -> None:
    assert near_end(80, set()) == 8080
    assert near_end(8080, {8080}) == 8081
    assert near_end(65535, {65535}) == 1025
    assert all(1024 < near_end(port, set()) < 65536 for port in range(1, 65536, 97))
