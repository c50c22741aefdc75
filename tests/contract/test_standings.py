"""Whether a Service serves: what `/catalog` says of it, and what is waited for when it is new."""

import secrets
from collections.abc import Iterator

import pytest

from bot.broker.awaiting import Awaiting
from bot.broker.limited import LimitedCluster
from bot.broker.objects import Patience
from bot.broker.provisioning import in_cluster
from bot.broker.standing import Standings
from bot.broker.steps import Steps
from commands.base.errors import TesseraError
from commands.broker.ports import Standing
from commands.broker.records import Thing
from explainers.catalog.model import NewObjects
from explainers.kinds import DEPLOYMENT, POD, SERVICE
from explainers.operations.base import Json
from explainers.operations.rollouts import rolled_out
from explainers.operations.slices import slices_of
from tests.contract.brokers.orders import Book, called, order
from tests.contract.brokers.rooms import NODE, Room, connected, room
from tests.contract.parity import eventually

CONTAINER = {"name": "web", "image": "busybox", "command": ["sleep", "3600"]}
NAME = "{{ instance.name }}"


@pytest.fixture(scope="module", params=["sandbox", NODE])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with (
        connected(request.param, tmp_path_factory.mktemp("place")) as (clusters, kubeconfig),
        room(clusters, kubeconfig, request.param == "cluster", "standing") as found,
    ):
        yield found


def service(place: Room, **spec: object) -> str:
    name = f"s-{secrets.token_hex(3)}"
    place.make(SERVICE, name, spec={"ports": [{"port": 80}], **spec})
    return name


def pod(place: Room, app: str) -> None:
    spec = {"terminationGracePeriodSeconds": 0, "containers": [CONTAINER]}
    place.make(POD, f"p-{secrets.token_hex(3)}", {"app": app}, spec=spec)


def test_each_service_is_said_to_serve_or_not_with_what_was_seen(place: Room) -> None:
    app, home = f"web-{secrets.token_hex(3)}", place.namespace
    good, bare = service(place, selector={"app": app}), service(place, selector={"app": f"no-{app}"})
    outside = service(place, type="ExternalName", externalName="db.example.com", ports=None)
    pod(place, app)
    standings = Standings(LimitedCluster(place.cluster))
    for _ in eventually():
        found = standings.of([(home, good), (home, bare), (home, outside), (home, "gone")])
        if found[home, good].serves:
            break
    assert found == {
        (home, good): Standing(True, "1 of 1 endpoints ready"),
        (home, bare): Standing(False, "it has no endpoints"),
        (home, outside): Standing(None),
        (home, "gone"): Standing(False, "its Service is gone"),
    }


def test_what_may_not_be_read_is_unknown_with_the_missing_right(place: Room) -> None:
    found = Standings(place.as_user(f"system:serviceaccount:{place.namespace}:nobody")).of([(place.namespace, "db")])
    missing = f"list endpointslices.discovery.k8s.io in {place.namespace}"
    assert found == {(place.namespace, "db"): Standing(None, missing=missing)}


def test_nothing_asked_is_nothing_sent(place: Room) -> None:
    assert Standings(place.cluster).of([]) == {}


def templates(selects: str = NAME, replicas: int = 1) -> list[Json]:
    labels = {"app": NAME}
    late = {"exec": {"command": ["true"]}, "initialDelaySeconds": 3, "periodSeconds": 1}
    pods = {
        "metadata": {"labels": labels},
        "spec": {"terminationGracePeriodSeconds": 0, "containers": [{**CONTAINER, "readinessProbe": late}]},
    }
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": pods}
    ports = {"selector": {"app": selects}, "ports": [{"name": "http", "port": 80}]}
    return [
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": NAME}, "spec": ports},
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": NAME}, "spec": spec},
    ]


def test_a_new_service_is_ready_when_it_has_a_ready_endpoint(place: Room) -> None:
    one, book = order(NewObjects(place.namespace, NAME, "x=y"), templates()), Book()
    made = in_cluster(place.cluster, place.clock, place.namespace, lambda *_: "", patience=Patience(90, 60))
    made.make(one, made.draw(one), book.note, book.tell)
    slices = place.cluster.run(slices_of(place.namespace, called(one))).items
    ready = [each["conditions"]["ready"] for piece in slices for each in piece["endpoints"]]
    assert ready == [True], "at the very moment that it is said to be made"
    made.remove(book.listed, one, book.tell)


def test_a_service_that_selects_nothing_never_is(place: Room) -> None:
    one, book = order(NewObjects(place.namespace, NAME, "x=y"), templates(selects="typo")), Book()
    hasty = in_cluster(place.cluster, place.clock, place.namespace, lambda *_: "a typo", patience=Patience(15, 60))
    with pytest.raises(TesseraError, match=r"Service .* not ready after 15 s \(no endpoints yet\): a typo"):
        hasty.make(one, hasty.draw(one), book.note, book.tell)
    hasty.remove(book.listed, one, book.tell)


@pytest.mark.parametrize(
    "spec",
    [
        {"type": "ExternalName", "externalName": "db.example.com", "ports": None},
        {"clusterIP": "None"},
        {"clusterIP": "None", "selector": {"app": "asleep"}},
    ],
    ids=["a name outside", "no selector", "scaled to 0"],
)
def test_what_has_no_endpoints_of_its_own_is_ready_at_once(place: Room, spec: Json) -> None:
    things = [Thing("Service", "v1", place.namespace, service(place, **spec))]
    if "selector" in spec:
        name, labels = f"d-{secrets.token_hex(3)}", {"app": "asleep"}
        pods = {"metadata": {"labels": labels}, "spec": {"containers": [CONTAINER]}}
        place.make(DEPLOYMENT, name, spec={"replicas": 0, "selector": {"matchLabels": labels}, "template": pods})
        things.append(Thing("Deployment", "apps/v1", place.namespace, name))
    told: list[str] = []
    waiting = Awaiting(Steps(place.cluster), place.clock, lambda *_: "", 0.0)
    for _ in eventually():  # the Deployment's controller takes its time
        if len(things) == 1 or rolled_out(place.get(DEPLOYMENT, things[1].name)):
            break
    waiting.ready(things, told.append)
    assert told == []
