"""One contract for every provisioner of new objects: the fake, and the adapter on the sandbox and on a real node."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from bot.broker.drawing import Drawing
from bot.broker.objects import Objects, Patience
from commands.base.errors import TesseraError, Unavailable
from commands.broker.errors import Clash
from commands.broker.owners import owner, selector
from commands.broker.ports import Blueprint, Order, Provisioner
from explainers import kinds
from explainers.kinds import CONFIG_MAP, DEPLOYMENT, SECRET, Kind
from tests.contract.brokers.kills import Trap, Trapped, kills
from tests.contract.brokers.orders import CANARY, Book, called, few, order
from tests.contract.brokers.rooms import Room, stood
from tests.fakes.provisioner import FakeProvisioner, Made

PATIENCE = Patience(ready=60, gone=60)


@dataclass(frozen=True)
class Site:
    """A provisioner, its namespace, and a hand that changes what is there behind its back."""

    provisioner: Provisioner
    namespace: str
    trap: Trap
    there: Callable[[str], dict[str, str]]
    stranger: Callable[[Kind, str], object]
    delete: Callable[[Kind, str], object]
    edit: Callable[[str], object]

    def order(self, **more: object) -> Order:
        provision, templates = few(self.namespace)
        return order(provision, templates, **more)  # type: ignore[arg-type]

    def of(self, one: Order) -> dict[str, str]:
        """What exists of an instance."""
        return self.there(selector(owner(one.broker, one.instance, "")))

    def made(self, one: Order) -> tuple[Blueprint, Book]:
        book, blueprint = Book(), self.provisioner.draw(one)
        self.provisioner.make(one, blueprint, book.note, book.tell)
        return blueprint, book


def real(place: Room, trap: Trap | None = None) -> Site:
    trap = trap or Trap()
    provisioner = Objects(
        Trapped(place.cluster, trap), place.clock, Drawing(place.namespace), lambda *_: "it is broken", PATIENCE
    )
    return Site(
        provisioner,
        place.namespace,
        trap,
        place.there,
        lambda kind, name: place.make(kind, name, data={"a": "1"}),
        place.delete,
        lambda name: place.patch(CONFIG_MAP, name, {"data": {"size": "2"}}),
    )


def faked() -> Site:
    trap = Trap()
    fake = FakeProvisioner(Drawing("fake"), reach=trap.call)

    def there(labels: str) -> dict[str, str]:
        wanted = dict(pair.split("=") for pair in labels.split(",") if pair)
        return {f"{k}/{n}": made.uid for (k, _, n), made in fake.world.items() if wanted.items() <= made.labels.items()}

    def edit(name: str) -> None:
        fake.world["ConfigMap", "fake", name].manifest = {}

    return Site(
        fake,
        "fake",
        trap,
        there,
        lambda kind, name: fake.world.setdefault((kind.name, "fake", name), Made("stranger", {})),
        lambda kind, name: fake.world.pop((kind.name, "fake", name)),
        edit,
    )


PLACES = ["fake", "sandbox", pytest.param("cluster", marks=pytest.mark.cluster)]


@pytest.fixture(scope="module", params=PLACES)
def places(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room | None]:
    with stood(request.param, tmp_path_factory.mktemp("place")) as place:
        yield place


@pytest.fixture
def site(places: Room | None) -> Site:
    return real(places) if places else faked()


def test_drawing_makes_nothing(site: Site) -> None:
    one = site.order()
    blueprint = site.provisioner.draw(one)
    assert [thing.kind for thing in blueprint.things] == ["ConfigMap", "Secret", "Deployment", "Service"]
    assert {thing.namespace for thing in blueprint.things} == {site.namespace}
    assert site.provisioner.draw(one) == blueprint
    assert site.of(one) == {}
    assert CANARY not in repr(blueprint)


def test_everything_is_made_noted_and_found(site: Site) -> None:
    one, book = site.order(), Book()
    blueprint = site.provisioner.draw(one)
    where = site.provisioner.make(one, blueprint, book.note, book.tell)
    host = f"{called(one)}.{site.namespace}.svc.cluster.local"
    assert where == {"host": host, "port": "5432", "scheme": "postgres", "uri": f"postgres://{host}:5432"}
    assert {f"{thing.kind}/{thing.name}": thing.uid for thing in book.listed} == site.of(one)
    assert not site.provisioner.look(book.listed, blueprint, one)


def test_making_twice_makes_one(site: Site) -> None:
    one = site.order()
    blueprint, book = site.made(one)
    before = site.of(one)
    site.provisioner.make(one, blueprint, book.note, book.tell)
    assert site.of(one) == before
    assert {thing.uid for thing in book.listed} == set(before.values())


def test_removing_leaves_nothing_and_may_be_repeated(site: Site) -> None:
    one = site.order()
    _, book = site.made(one)
    for _ in range(2):
        site.provisioner.remove(book.listed, one, book.tell)
        assert site.of(one) == {}


def test_what_is_not_noted_yet_is_removed_by_its_labels(site: Site) -> None:
    one = site.order()
    blueprint, _ = site.made(one)
    site.provisioner.remove(blueprint.things, one, Book().tell)
    assert site.of(one) == {}


def test_somebody_elses_object_stays(site: Site) -> None:
    one = site.order()
    name = called(one)
    site.stranger(CONFIG_MAP, name)
    before = site.there("")[f"ConfigMap/{name}"]
    with pytest.raises(Clash, match=name):
        site.made(one)
    site.provisioner.remove(site.provisioner.draw(one).things, one, Book().tell)
    assert site.there("")[f"ConfigMap/{name}"] == before
    assert site.of(one) == {}


def test_who_took_the_name_since_is_left_alone(site: Site) -> None:
    one = site.order()
    _, book = site.made(one)
    name = called(one)
    site.delete(CONFIG_MAP, name)
    site.stranger(CONFIG_MAP, name)
    site.provisioner.remove(book.listed, one, book.tell)
    assert list(site.of(one)) == []
    assert f"ConfigMap/{name}" in site.there("")


def test_two_brokers_do_not_take_each_others_things(site: Site) -> None:
    mine = site.order(broker="one")
    theirs = replace(mine, broker="two")
    _, book = site.made(mine)
    with pytest.raises(Clash):
        site.made(theirs)
    site.provisioner.remove([replace(thing, uid="") for thing in book.listed], theirs, book.tell)
    assert len(site.of(mine)) == 4


def test_drift_is_seen_and_mended(site: Site) -> None:
    one = site.order()
    blueprint, book = site.made(one)
    name = called(one)
    site.edit(name)
    site.delete(SECRET, name)
    found = {(drift.thing.kind, drift.what) for drift in site.provisioner.look(book.listed, blueprint, one)}
    assert found == {("ConfigMap", "changed"), ("Secret", "missing")}
    site.provisioner.make(one, blueprint, book.note, book.tell)
    assert not site.provisioner.look(book.listed, blueprint, one)
    assert set(site.of(one).values()) == {thing.uid for thing in book.listed}


def test_other_values_are_brought_to_what_is_there(site: Site) -> None:
    one = site.order()
    _, book = site.made(one)
    before = site.of(one)
    newer = replace(one, credentials={"password": "another"})
    blueprint = site.provisioner.draw(newer)
    assert [drift.thing.kind for drift in site.provisioner.look(book.listed, blueprint, newer)] == ["Secret"]
    site.provisioner.make(newer, blueprint, book.note, book.tell)
    assert not site.provisioner.look(book.listed, blueprint, newer)
    assert site.of(one) == before
    site.provisioner.remove(book.listed, newer, book.tell)


def test_the_only_service_is_the_one_to_call(site: Site) -> None:
    provision, templates = few(site.namespace)
    one, book = order(replace(provision, name=""), templates), Book()
    where = site.provisioner.make(one, site.provisioner.draw(one), book.note, book.tell)
    assert where["host"] == f"{called(one)}.{site.namespace}.svc.cluster.local"
    site.provisioner.remove(book.listed, one, book.tell)


def test_killed_anywhere_while_making_it_goes_on(site: Site) -> None:
    one = site.order()
    blueprint, book = site.provisioner.draw(one), Book()
    note = lambda thing: site.trap.call(lambda: book.note(thing))  # noqa: E731
    killed = 0
    for _ in kills(site.trap, lambda: site.provisioner.make(one, blueprint, note, book.tell)):
        site.provisioner.make(one, blueprint, book.note, book.tell)
        assert set(site.of(one).values()) == {thing.uid for thing in book.listed}
        site.provisioner.remove(book.listed, one, book.tell)
        assert site.of(one) == {}
        book.things.clear()
        killed += 1
    assert killed >= 8
    site.provisioner.remove(book.listed, one, book.tell)


def test_killed_anywhere_while_making_it_can_be_removed(site: Site) -> None:
    one = site.order()
    blueprint = site.provisioner.draw(one)
    book = Book()
    note = lambda thing: site.trap.call(lambda: book.note(thing))  # noqa: E731
    for _ in kills(site.trap, lambda: site.provisioner.make(one, blueprint, note, book.tell)):
        known = {(thing.kind, thing.namespace, thing.name): thing for thing in blueprint.things} | book.things
        site.provisioner.remove(list(known.values()), one, book.tell)
        assert site.of(one) == {}
        book.things.clear()
    site.provisioner.remove(book.listed, one, book.tell)


def test_killed_anywhere_while_removing_it_goes_on(site: Site) -> None:
    one = site.order()
    blueprint, book = site.made(one)
    killed = 0
    for _ in kills(site.trap, lambda: site.provisioner.remove(book.listed, one, book.tell)):
        site.provisioner.remove(book.listed, one, book.tell)
        assert site.of(one) == {}
        site.provisioner.make(one, blueprint, book.note, book.tell)
        killed += 1
    assert killed >= 8


def test_what_may_not_be_made_is_refused_before_anything_is(site: Site) -> None:
    provision, templates = few(site.namespace)
    bad = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "all"}}
    one = order(provision, [*templates, bad])
    with pytest.raises(TesseraError):
        site.provisioner.draw(one)
    assert site.of(one) == {}


def test_a_finalizer_is_named(site: Site, places: Room | None) -> None:
    one = site.order()
    _, book = site.made(one)
    name = called(one)
    if places is None:
        assert isinstance(site.provisioner, FakeProvisioner)
        site.provisioner.held["ConfigMap", "fake", name] = "example.com/keep"
    else:
        places.patch(CONFIG_MAP, name, {"metadata": {"finalizers": ["example.com/keep"]}})
        hasty = Objects(places.cluster, places.clock, Drawing(places.namespace), lambda *_: "", Patience(gone=2))
        site = replace(site, provisioner=hasty)
    with pytest.raises(Unavailable, match=r"example\.com/keep"):
        site.provisioner.remove(book.listed, one, book.tell)
    assert set(site.of(one)) <= {f"ConfigMap/{name}"}, "everything else is gone"
    if places is not None:
        places.patch(CONFIG_MAP, name, {"metadata": {"finalizers": None}})
        site.provisioner.remove(book.listed, one, book.tell)
        assert not places.get(kinds.CONFIG_MAP, name)
        assert not places.get(DEPLOYMENT, name)
