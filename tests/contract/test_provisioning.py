"""The provisioner of every kind of provision: where services are that nobody makes; work that is broken off on purpose;
namespaces that go; and that no value leaves by any way."""

import logging
import secrets
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

import pytest

from bot.broker.credentials import Credentials
from bot.broker.delivery import Secrets
from bot.broker.drawing import Drawing
from bot.broker.helm_program import Helm
from bot.broker.objects import Objects, Patience
from bot.broker.provisioning import Provisioning, in_cluster
from bot.broker.steps import Steps
from commands.base.errors import NotFound, TesseraError, UsageError
from commands.broker.owners import owner, selector
from commands.broker.ports import Provisioner, Stopped
from explainers.catalog.model import (
    ExistingService,
    ExternalURL,
    FromSecret,
    HelmChart,
    NewObjects,
    Provision,
)
from explainers.kinds import CONFIG_MAP, NAMESPACE, SECRET, SERVICE
from explainers.operations.apply import Create
from explainers.operations.base import Answer, Json, Operation
from explainers.operations.pods import Delete
from explainers.operations.reads import Get
from tests.contract.brokers.orders import CANARY, Book, called, few, order
from tests.contract.brokers.rooms import Room, connected, room
from tests.contract.parity import eventually
from tests.fakes.passing import Passing
from tests.fakes.provisioner import FakeProvisioner


@pytest.fixture(scope="module", params=["sandbox", pytest.param("cluster", marks=pytest.mark.cluster)])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with (
        connected(request.param, tmp_path_factory.mktemp("place")) as (clusters, kubeconfig),
        room(clusters, kubeconfig, request.param == "cluster") as found,
    ):
        yield found


def provisioning(place: Room, explain: str = "") -> Provisioning:
    return in_cluster(place.cluster, place.clock, place.namespace, lambda *_: explain, patience=Patience(30, 30))


def made(provisioner: Provisioner, provision: Provision) -> dict[str, str]:
    one, book = order(provision), Book()
    where = provisioner.make(one, provisioner.draw(one), book.note, book.tell)
    provisioner.remove(book.listed, one, book.tell)
    assert book.listed == ()
    return dict(where)


def test_an_external_url_is_handed_on(place: Room) -> None:
    for provisioner in (provisioning(place), FakeProvisioner(Drawing("fake"))):
        assert {"host", "port", "scheme", "uri"} <= made(provisioner, ExternalURL("https://api.example.com/v1")).keys()
    assert made(provisioning(place), ExternalURL("https://api.example.com/v1"))["uri"] == "https://api.example.com/v1"


def test_an_existing_service_says_where_it_is(place: Room) -> None:
    name = f"pg-{secrets.token_hex(3)}"
    place.make(SERVICE, name, spec={"selector": {"app": "pg"}, "ports": [{"port": 5432}]})
    there = ExistingService(place.namespace, name)
    where = made(provisioning(place), there)
    assert where["uri"] == f"postgres://{name}.{place.namespace}.svc.cluster.local:5432"
    assert not provisioning(place).look((), provisioning(place).draw(order(there)), order(there))
    place.delete(SERVICE, name)
    drift = provisioning(place).look((), FakeProvisioner(Drawing("fake")).draw(order(there)), order(there))
    assert [(one.thing.name, one.what) for one in drift] == [(name, "missing")]


def test_headless_services_and_external_names(place: Room) -> None:
    headless, alias = (f"{word}-{secrets.token_hex(3)}" for word in ("headless", "alias"))
    ports = [{"port": 80, "targetPort": 8080, "name": "http"}]
    place.make(SERVICE, headless, spec={"clusterIP": "None", "selector": {"app": "x"}, "ports": ports})
    place.make(SERVICE, alias, spec={"type": "ExternalName", "externalName": "db.example.com"})
    found = made(provisioning(place), ExistingService(place.namespace, headless))
    assert found["uri"] == f"http://{headless}.{place.namespace}.svc.cluster.local:8080"
    found = made(provisioning(place), ExistingService(place.namespace, alias, 3306))
    assert found["uri"] == "mysql://db.example.com:3306"


def test_a_service_that_is_not_there_is_named_with_the_nearest(place: Room) -> None:
    place.make(SERVICE, "checkout-db", spec={"selector": {"app": "pg"}, "ports": [{"port": 5432}]})
    with pytest.raises(NotFound, match=r"no Service checkout-bd .* nearest is checkout-db"):
        provisioning(place).draw(order(ExistingService(place.namespace, "checkout-bd")))


def test_what_nobody_set_up_is_said(place: Room) -> None:
    with pytest.raises(TesseraError, match="cannot make what data/db offers"):
        provisioning(place).draw(order(HelmChart(place.namespace, "", "oci://localhost:1/x")))


@pytest.mark.parametrize(
    ("manifest", "why"),
    [
        ({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {}}, "no metadata.name"),
        ({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "{{ instance.nam }}"}}, "part-0"),
        ({"kind": "Role", "apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": "r"}}, "may not be made"),
        (
            {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "p"}, "spec": {"hostNetwork": True}},
            "may not be made",
        ),
        ({"kind": "ConfigMap", "metadata": {"name": "c"}}, "apiVersion"),
    ],
)
def test_templates_that_cannot_be_made(manifest: Json, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        Drawing("home").blueprint(order(NewObjects("", "", "a=b"), [manifest]))


def test_templates_that_make_the_same_or_none() -> None:
    twice = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "c"}}
    with pytest.raises(UsageError, match="the same object: ConfigMap home/c"):
        Drawing("home").blueprint(order(NewObjects("", "", "a=b"), [twice, twice]))
    with pytest.raises(UsageError, match="selector matches no enabled objects"):
        Drawing("home").blueprint(order(NewObjects("", "", "a=b")))


def test_labels_are_on_everything_that_is_made() -> None:
    pods = {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": []}}
    spec = {
        "selector": {"matchLabels": {"app": "x"}},
        "template": pods,
        "volumeClaimTemplates": [{"metadata": {"name": "d"}}],
    }
    manifest = {"kind": "StatefulSet", "apiVersion": "apps/v1", "metadata": {"name": "c"}, "spec": spec}
    drawn = Drawing("home", ("StatefulSet",)).blueprint(order(NewObjects("", "", "a=b"), [manifest], instance="i-1"))
    ours = owner("data", "i-1", "data")
    found = drawn.manifests[0]
    assert ours.items() <= found["metadata"]["labels"].items()
    assert found["spec"]["template"]["metadata"]["labels"] == {"app": "x", **ours}
    assert found["spec"]["volumeClaimTemplates"][0]["metadata"]["labels"] == ours
    assert found["spec"]["selector"] == {"matchLabels": {"app": "x"}}


def test_work_that_is_not_wanted_any_more_stops_and_can_be_removed(place: Room) -> None:
    provision, parts = few(place.namespace)
    one, book, provisioner = order(provision, parts), Book(), provisioning(place)
    blueprint = provisioner.draw(one)

    def stops(text: str) -> None:
        if text.startswith("making Deployment"):
            raise Stopped

    with pytest.raises(Stopped):
        provisioner.make(one, blueprint, book.note, stops)
    assert [thing.kind for thing in book.listed] == ["ConfigMap", "Secret"]
    known = {(thing.kind, thing.namespace, thing.name): thing for thing in blueprint.things} | book.things
    provisioner.remove(list(known.values()), one, book.tell)
    assert place.there(selector(owner(one.broker, one.instance, ""))) == {}


def test_while_it_waits_it_says_for_what_and_can_be_stopped(place: Room) -> None:
    provision, parts = few(place.namespace)
    parts[2]["spec"]["replicas"] = 1
    parts[2]["spec"]["template"]["spec"]["containers"][0]["image"] = "no-such-image-at-all:1"
    one, book, provisioner = order(provision, parts), Book(), provisioning(place)

    def stops(text: str) -> None:
        book.tell(text)
        if "0 of 1 pods ready" in text:
            raise Stopped

    with pytest.raises(Stopped):
        provisioner.make(one, provisioner.draw(one), book.note, stops)
    assert len(book.listed) == 4
    provisioner.remove(book.listed, one, book.tell)
    assert place.there(selector(owner(one.broker, one.instance, ""))) == {}


@dataclass
class Elsewhere:
    """A namespace that goes while a broker works."""

    room: Room

    def begin(self, name: str) -> None:
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        assert self.room.cluster.run(Create(NAMESPACE, "", body)).ok

    def end(self, name: str) -> None:
        self.room.cluster.run(Delete(NAMESPACE, "", name))


def test_a_namespace_that_goes_takes_everything_along(place: Room) -> None:
    going, name = Elsewhere(place), f"broker-going-{secrets.token_hex(3)}"
    going.begin(name)
    provision, parts = few(name)
    one, book, provisioner = order(provision, parts), Book(), provisioning(place)
    blueprint = provisioner.draw(one)
    provisioner.make(one, blueprint, book.note, book.tell)
    held = replace(place, namespace=name)
    held.patch(CONFIG_MAP, called(one), {"metadata": {"finalizers": ["example.com/keep"]}})
    going.end(name)
    for _ in eventually():
        if held.cluster.run(Get(NAMESPACE, "", name)).object.get("status", {}).get("phase") == "Terminating":
            break
    hasty = Objects(place.cluster, place.clock, Drawing(name), lambda *_: "", Patience(gone=2))
    told: list[str] = []
    with pytest.raises(TesseraError, match=r"example\.com/keep.*its namespace is being deleted"):
        hasty.remove(book.listed, one, told.append)
    assert f"the namespace {name} is being deleted, with everything in it" in told
    with pytest.raises(TesseraError, match=f"The namespace {name} is being deleted"):
        provisioner.make(one, blueprint, book.note, book.tell)
    held.patch(CONFIG_MAP, called(one), {"metadata": {"finalizers": None}})
    for _ in eventually(60.0):
        if held.cluster.run(Get(NAMESPACE, "", name)).absent:
            break
    told.clear()
    provisioner.remove(book.listed, one, told.append)
    assert told == [f"the namespace {name} is gone, and everything in it"]
    with pytest.raises(NotFound, match=f"The namespace {name} does not exist"):
        provisioner.make(one, blueprint, book.note, book.tell)


@dataclass
class Recording(Passing):
    """Keeps the lines of all that is sent, and may answer a kind of request with an error."""

    lines: list[str]
    fails: Callable[[Operation], Answer | None] = lambda _: None

    def run(self, operation: Operation) -> Answer:
        self.lines += [operation.line(), operation.python(), repr(operation), repr(operation.request())]
        return self.fails(operation) or super().run(operation)


def test_no_value_leaves_by_any_way(place: Room, caplog: pytest.LogCaptureFixture) -> None:
    """Lines, notes, what is told, logs of every level, exceptions with their whole tracebacks: none has the canary."""
    caplog.set_level(logging.DEBUG)
    left: list[str] = []

    def quoting(operation: Operation) -> Answer | None:
        quoted = f'Invalid value: "{CANARY}": {operation.request().body}'
        return Answer(422, {}, quoted) if operation.changes and operation.permission().resource == "services" else None

    place.make(SECRET, name := f"login-{secrets.token_hex(3)}", stringData={"password": CANARY})
    nothing: Callable[[Operation], Answer | None] = lambda _: None  # noqa: E731
    for fails in (nothing, quoting):
        cluster = Recording(place.cluster, left, fails)
        provision, parts = few(place.namespace)
        one, book = order(provision, parts), Book()
        one = replace(one, entry=replace(one.entry, credential=FromSecret(name)))
        provisioner = in_cluster(cluster, place.clock, place.namespace, lambda *_: CANARY, patience=Patience(30, 30))
        delivery, ours = Secrets(cluster, place.clock), owner(one.broker, one.instance, one.entry.team)
        blueprint = provisioner.draw(one)
        try:
            provisioner.make(one, blueprint, book.note, book.tell)
        except TesseraError:
            left.append(traceback.format_exc())
        issued = Credentials(cluster, place.namespace).issue(one, "b-1")
        uid = delivery.put(place.namespace, f"given-{one.instance}", issued.values, "db", ours)
        delivery.put(place.namespace, f"given-{one.instance}", {**issued.values, "more": CANARY}, "db", ours)
        left += [repr(one), repr(blueprint), repr(issued), repr(book.listed), *book.told]
        left.append(repr(provisioner.look(book.listed, blueprint, one)))
        with suppress(TesseraError):
            delivery.put("nowhere", "given", issued.values, "db", ours)
        delivery.take_back(place.namespace, f"given-{one.instance}", uid, ours)
        provisioner.remove(blueprint.things, one, book.tell)
    left += [record.getMessage() for record in caplog.records]
    assert any("Traceback" in text and "[redacted]" in text for text in left), "the refusal was quoted"
    assert any("given-" in text for text in left)
    assert not [text for text in left if CANARY in text or "YzRuNHJ5" in text]
    assert CANARY not in repr(Steps(place.cluster).hiding([CANARY])) + repr(Helm().hiding([CANARY]))
