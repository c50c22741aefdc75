"""One contract for what delivers Secrets: the fake, and the adapter on the sandbox and on a real node."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from bot.broker.delivery import CONSUMER_ROLE, Secrets
from commands.base.errors import Denied, NotFound, Unavailable
from commands.broker.errors import Clash
from commands.broker.owners import owner
from commands.broker.ports import Delivery
from explainers.kinds import SECRET
from tests.contract.brokers.kills import Trap, Trapped, kills
from tests.contract.brokers.orders import CANARY
from tests.contract.brokers.rooms import NODE, Room, only, stood
from tests.contract.parity import eventually
from tests.fakes.delivery import FakeDelivery, Kept

OWNER = owner("data", "i-1", "data")
DATA = {"host": "db.example.com", "password": CANARY}


@dataclass(frozen=True)
class Site:
    """A delivery, a namespace of a consumer, and a hand that changes what is there."""

    delivery: Delivery
    namespace: str
    trap: Trap
    there: Callable[[str], dict[str, object] | None]
    stranger: Callable[[str], object]
    edit: Callable[[str], object]
    delete: Callable[[str], object]


def real(place: Room) -> Site:
    trap = Trap()

    def there(name: str) -> dict[str, object] | None:
        found = place.get(SECRET, name)
        if not found:
            return None
        metadata = found["metadata"]
        kept = {
            "data": found.get("data"),
            "type": found["type"],
            "labels": metadata.get("labels"),
            "uid": metadata["uid"],
        }
        return dict(kept)

    return Site(
        Secrets(Trapped(place.cluster, trap), place.clock),
        place.namespace,
        trap,
        there,
        lambda name: place.make(SECRET, name, stringData={"a": "1"}),
        lambda name: place.patch(SECRET, name, {"data": {"host": "eA=="}}),
        lambda name: place.delete(SECRET, name),
    )


def faked() -> Site:
    trap = Trap()
    fake = FakeDelivery(absent={"nowhere"}, reach=trap.call)

    def there(name: str) -> dict[str, object] | None:
        found = fake.secrets.get(("fake", name))
        return dict(vars(found)) if found else None

    return Site(
        fake,
        "fake",
        trap,
        there,
        lambda name: fake.secrets.update({("fake", name): Kept("stranger", {}, "Opaque", {})}),
        lambda name: fake.secrets["fake", name].data.update(host="x"),
        lambda name: fake.secrets.pop(("fake", name)),
    )


@pytest.fixture(scope="module", params=["fake", "sandbox", NODE])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room | None]:
    with stood(request.param, tmp_path_factory.mktemp("place"), "consumer") as found:
        yield found


@pytest.fixture
def site(place: Room | None) -> Site:
    return real(place) if place else faked()


@pytest.fixture
def name() -> str:
    return f"db-{secrets.token_hex(3)}"


def test_a_secret_says_whose_it_is_and_what_it_is_for(site: Site, name: str) -> None:
    uid = site.delivery.put(site.namespace, name, DATA, "postgresql", OWNER)
    found = site.there(name)
    assert found is not None
    assert found["uid"] == uid
    assert found["type"] == "servicebinding.io/postgresql"
    assert OWNER.items() <= dict(found["labels"]).items()  # type: ignore[call-overload]
    assert site.delivery.differs(site.namespace, name, uid, DATA) == ""


def test_written_again_it_is_the_same_one_with_the_new_values(site: Site, name: str) -> None:
    uid = site.delivery.put(site.namespace, name, DATA, "postgresql", OWNER)
    newer = {**DATA, "password": "another", "port": "5432"}
    assert site.delivery.put(site.namespace, name, newer, "postgresql", OWNER) == uid
    assert site.delivery.differs(site.namespace, name, uid, newer) == ""
    assert site.delivery.differs(site.namespace, name, uid, DATA) == "changed"


def test_one_of_another_type_is_made_anew(site: Site, name: str) -> None:
    site.delivery.put(site.namespace, name, DATA, "postgresql", OWNER)
    uid = site.delivery.put(site.namespace, name, DATA, "redis", OWNER)
    found = site.there(name)
    assert found is not None
    assert (found["type"], found["uid"]) == ("servicebinding.io/redis", uid)


def test_somebody_elses_secret_stays(site: Site, name: str) -> None:
    site.stranger(name)
    before = site.there(name)
    with pytest.raises(Clash, match=name):
        site.delivery.put(site.namespace, name, DATA, "postgresql", OWNER)
    site.delivery.take_back(site.namespace, name, "", OWNER)
    assert site.there(name) == before


def test_another_instances_secret_stays(site: Site, name: str) -> None:
    uid = site.delivery.put(site.namespace, name, DATA, "postgresql", OWNER)
    for other in (owner("data", "i-2", "data"), owner("other", "i-1", "data")):
        with pytest.raises(Clash):
            site.delivery.put(site.namespace, name, DATA, "postgresql", other)
        site.delivery.take_back(site.namespace, name, "", other)
    assert site.delivery.differs(site.namespace, name, uid, DATA) == ""


def test_edits_and_deletions_are_seen_and_mended(site: Site, name: str) -> None:
    uid = site.delivery.put(site.namespace, name, DATA, "postgresql", OWNER)
    site.edit(name)
    assert site.delivery.differs(site.namespace, name, uid, DATA) == "changed"
    assert site.delivery.put(site.namespace, name, DATA, "postgresql", OWNER) == uid
    assert site.delivery.differs(site.namespace, name, uid, DATA) == ""
    site.delete(name)
    assert site.delivery.differs(site.namespace, name, uid, DATA) == "missing"
    newer = site.delivery.put(site.namespace, name, DATA, "postgresql", OWNER)
    assert newer != uid
    assert site.delivery.differs(site.namespace, name, uid, DATA) == "missing"
    assert site.delivery.differs(site.namespace, name, newer, DATA) == ""


@pytest.mark.parametrize("noted", [True, False])
def test_taken_back_it_is_gone_and_that_may_be_repeated(site: Site, name: str, noted: bool) -> None:
    uid = site.delivery.put(site.namespace, name, DATA, "postgresql", OWNER)
    for _ in range(2):
        site.delivery.take_back(site.namespace, name, uid if noted else "", OWNER)
        assert site.there(name) is None


def test_a_namespace_that_is_gone_has_no_secrets(site: Site, name: str) -> None:
    site.delivery.take_back("nowhere", name, "", OWNER)
    assert site.delivery.differs("nowhere", name, "", DATA) == "missing"
    with pytest.raises(NotFound, match="nowhere"):
        site.delivery.put("nowhere", name, DATA, "postgresql", OWNER)


def test_killed_anywhere_while_writing_it_is_written_once(site: Site, name: str) -> None:
    killed = 0
    for _ in kills(site.trap, lambda: site.delivery.put(site.namespace, name, DATA, "postgresql", OWNER)):
        uid = site.delivery.put(site.namespace, name, DATA, "postgresql", OWNER)
        assert site.delivery.differs(site.namespace, name, uid, DATA) == ""
        site.delivery.take_back(site.namespace, name, uid, OWNER)
        assert site.there(name) is None
        killed += 1
    assert killed >= 2


def test_killed_anywhere_while_writing_it_can_be_taken_back(site: Site, name: str) -> None:
    for _ in kills(site.trap, lambda: site.delivery.put(site.namespace, name, DATA, "postgresql", OWNER)):
        site.delivery.take_back(site.namespace, name, "", OWNER)
        assert site.there(name) is None


def test_killed_anywhere_while_renewing_it_is_renewed(site: Site, name: str) -> None:
    newer = {**DATA, "password": "newer"}
    uid = site.delivery.put(site.namespace, name, DATA, "postgresql", OWNER)
    for _ in kills(site.trap, lambda: site.delivery.put(site.namespace, name, newer, "redis", OWNER)):
        uid = site.delivery.put(site.namespace, name, newer, "redis", OWNER)
        assert site.delivery.differs(site.namespace, name, uid, newer) == ""
        site.delivery.put(site.namespace, name, DATA, "postgresql", OWNER)


def test_killed_anywhere_while_taking_back_it_goes(site: Site, name: str) -> None:
    uids = [site.delivery.put(site.namespace, name, DATA, "postgresql", OWNER)]
    for _ in kills(site.trap, lambda: site.delivery.take_back(site.namespace, name, uids[-1], OWNER)):
        site.delivery.take_back(site.namespace, name, uids[-1], OWNER)
        assert site.there(name) is None
        uids.append(site.delivery.put(site.namespace, name, DATA, "postgresql", OWNER))


@only("fake", NODE)  # whoever is bound to nothing may do everything in the sandbox
def test_a_namespace_that_is_closed_is_told_with_the_line_that_opens_it(place: Room | None, name: str) -> None:
    if place is None:
        with pytest.raises(Denied, match="has not let the broker in"):
            FakeDelivery(closed={"fake"}).put("fake", name, DATA, "postgresql", OWNER)
        return
    account = f"data:broker-{secrets.token_hex(3)}"
    delivery = Secrets(place.as_user(f"system:serviceaccount:{account}"), place.clock)
    calls: tuple[Callable[[], object], ...] = (
        lambda: delivery.put(place.namespace, name, DATA, "postgresql", OWNER),
        lambda: delivery.take_back(place.namespace, name, "", OWNER),
        lambda: delivery.differs(place.namespace, name, "", DATA),
    )
    for call in calls:
        with pytest.raises(Denied, match=f"The namespace {place.namespace} has not let the broker in") as refused:
            call()
        line = f"create rolebinding {account.replace(':', '-')} --clusterrole={CONSUMER_ROLE}"
        assert line in refused.value.hint
        assert f"--serviceaccount={account}" in refused.value.hint
        assert CANARY not in refused.value.message + refused.value.hint


@only("sandbox", NODE)
def test_a_finalizer_is_named(place: Room, name: str) -> None:
    delivery = Secrets(place.cluster, place.clock, gone=1)
    uid = delivery.put(place.namespace, name, DATA, "postgresql", OWNER)
    place.patch(SECRET, name, {"metadata": {"finalizers": ["example.com/keep"]}})
    with pytest.raises(Unavailable, match=r"example\.com/keep"):
        delivery.take_back(place.namespace, name, uid, OWNER)
    place.patch(SECRET, name, {"metadata": {"finalizers": None}})
    for _ in eventually():
        if not place.get(SECRET, name):
            break
    delivery.take_back(place.namespace, name, uid, OWNER)
