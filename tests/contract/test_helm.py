"""Helm releases by the real helm: a chart of the tests' own, installed, broken off, repaired, upgraded, taken away."""

import secrets
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bot.broker.helm import Releases
from bot.broker.helm_program import Helm, HelmFailed
from bot.broker.objects import Patience
from bot.broker.releases import release
from bot.broker.steps import Steps
from commands.base.errors import NotFound, TesseraError, Unavailable, UsageError
from commands.broker.errors import Clash
from commands.broker.owners import owner, selector
from commands.broker.ports import Order
from explainers.catalog.model import HelmChart
from explainers.kinds import CONFIG_MAP, DEPLOYMENT, SECRET
from explainers.operations.base import Json
from tests.contract.brokers.charts import CLAIMING, HOOK, write_chart
from tests.contract.brokers.kills import Trap, Trapped, kills
from tests.contract.brokers.orders import CANARY, Book, called, order
from tests.contract.brokers.rooms import NODE, Room, connected, only, room
from tests.parts import PARTS

pytestmark = pytest.mark.helm
PATIENCE = Patience(ready=90, gone=90)
VALUES: Json = {"size": "{{ parameters.size }}", "password": "{{ credentials.password }}"}


@dataclass(frozen=True)
class TrappedHelm(Helm):
    """helm, with every call in a trap."""

    trap: Trap = field(default_factory=Trap)

    def run(self, folder: Path, *arguments: str, values: Json | None = None) -> str:
        told: str = self.trap.call(lambda: Helm.run(self, folder, *arguments, values=values))
        return told


@dataclass(frozen=True)
class Site:
    """Where releases go, with a folder of charts."""

    place: Room
    charts: Path
    trap: Trap

    def releases(self, binary: str = "helm", patience: Patience = PATIENCE, cause: str = "it is broken") -> Releases:
        helm = TrappedHelm(binary, self.place.kubeconfig, seconds=120, trap=self.trap)
        cluster = Trapped(self.place.cluster, self.trap)
        return Releases(helm, cluster, self.place.clock, self.place.namespace, lambda *_: cause, patience, self.charts)

    def order(self, values: Json | None = None, size: str = "1", **more: Any) -> Order:
        provision = HelmChart(self.place.namespace, "", "shelf", values={**VALUES, **(values or {})})
        return order(replace(provision, **more), parameters={"size": size})

    def of(self, one: Order) -> dict[str, str]:
        """What the chart made; Helm's own record of the release has the labels, too."""
        found = self.place.there(selector(owner(one.broker, one.instance, "")))
        return {key: uid for key, uid in found.items() if "/sh.helm.release." not in key}

    def named(self, one: Order) -> set[str]:
        """Everything whose name begins like the release, labelled or not, and the release itself."""
        return {key for key in self.place.there() if called(one) in key}


@pytest.fixture(scope="module", params=["sandbox", NODE])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with (
        connected(request.param, tmp_path_factory.mktemp("place")) as (clusters, kubeconfig),
        room(clusters, kubeconfig, request.param == "cluster", "helm") as found,
    ):
        yield found


@pytest.fixture
def site(place: Room, tmp_path: Path) -> Site:
    write_chart(tmp_path / "charts" / "shelf")
    return Site(place, tmp_path / "charts", Trap())


def made(site: Site, one: Order, releases: Releases | None = None) -> tuple[Book, dict[str, str]]:
    releases, book = releases or site.releases(), Book()
    return book, dict(releases.make(one, releases.draw(one), book.note, book.tell))


def test_a_release_is_made_found_looked_at_and_removed(site: Site) -> None:
    one, releases = site.order(), site.releases()
    book, where = made(site, one)
    host = f"{called(one)}.{site.place.namespace}.svc.cluster.local"
    assert where == {"host": host, "port": "6379", "scheme": "redis", "uri": f"redis://{host}:6379"}
    assert [(thing.kind, thing.name, bool(thing.uid)) for thing in book.listed] == [("HelmRelease", called(one), True)]
    assert site.place.get(CONFIG_MAP, called(one))["data"] == {"size": "1"}
    labelled = {key.partition("/")[0] for key in site.of(one)}
    assert labelled == {"ConfigMap", "Secret", "Deployment", "Service"}
    assert not releases.look(book.listed, releases.draw(one), one)
    before = site.named(one)
    made(site, one)
    assert site.named(one) == before, "the same values: nothing is installed again"
    for _ in range(2):
        releases.remove(book.listed, one, book.tell)
        assert site.named(one) == set()
    assert [drift.what for drift in releases.look(book.listed, releases.draw(one), one)] == ["missing"]


def test_other_values_upgrade_the_release_and_drift_is_seen(site: Site) -> None:
    one, releases = site.order(), site.releases()
    book, _ = made(site, one)
    larger = replace(one, parameters={"size": "2"})
    assert [drift.what for drift in releases.look(book.listed, releases.draw(larger), one)] == ["changed"]
    again, _ = made(site, larger)
    assert again.listed == book.listed
    assert site.place.get(CONFIG_MAP, called(one))["data"] == {"size": "2"}
    site.place.delete(DEPLOYMENT, called(one))
    assert [drift.what for drift in releases.look(book.listed, releases.draw(larger), larger)] == ["changed"]
    releases.remove(book.listed, larger, book.tell)
    assert site.named(one) == set()


def test_somebody_elses_release_stays(site: Site) -> None:
    one = site.order()
    _, _ = made(site, one)
    other = replace(one, broker="other")
    with pytest.raises(Clash, match=called(one)):
        made(site, other)
    releases = site.releases()
    releases.remove(releases.draw(other).things, other, Book().tell)
    assert len(site.of(one)) == 4
    releases.remove(releases.draw(one).things, one, Book().tell)
    assert site.named(one) == set()


def kill_the_install(site: Site, one: Order, shim: Path) -> None:
    """Helm is killed four seconds after it began to install; a hook keeps it busy until then."""
    shim.write_text('#!/bin/sh\ncase "$*" in *dry-run*) exec helm "$@";; esac\n'
                    'case "$1" in install) exec timeout -s KILL 4 helm "$@";; *) exec helm "$@";; esac\n')  # fmt: skip
    shim.chmod(0o700)
    write_chart(site.charts / "shelf", HOOK)
    with pytest.raises(TesseraError):
        made(site, one, site.releases(str(shim)))


def test_helm_that_is_killed_in_the_middle_is_put_right(site: Site, tmp_path: Path) -> None:
    one, releases = site.order(), site.releases()
    kill_the_install(site, one, tmp_path / "helm-killed")
    found = release(Steps(site.place.cluster), site.place.namespace, called(one))
    assert found is not None
    assert found.state == "pending-install"
    write_chart(site.charts / "shelf")
    book, _ = made(site, one)
    assert not releases.look(book.listed, releases.draw(one), one)
    releases.remove(book.listed, one, book.tell)
    assert site.named(one) == set()


def test_a_release_that_is_hardly_begun_is_removed(site: Site, tmp_path: Path) -> None:
    one, releases = site.order(), site.releases()
    kill_the_install(site, one, tmp_path / "helm-killed")
    releases.remove(releases.draw(one).things, one, Book().tell)
    assert site.named(one) == set()


def sweep(site: Site, after: bool, work: Callable[[], object], then: Callable[[], None]) -> int:
    killed = 0
    for _ in kills(site.trap, work, (after,)):
        then()
        killed += 1
    return killed


@only(NODE)
@pytest.mark.timeout(900)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_anywhere_while_making_it_goes_on(place: Room, site: Site, after: bool) -> None:
    write_chart(site.charts / "shelf", small=True)
    one, releases, book = site.order(), site.releases(), Book()
    blueprint = releases.draw(one)

    def again() -> None:
        releases.make(one, blueprint, book.note, book.tell)
        assert {key.partition("/")[0] for key in site.of(one)} == {"ConfigMap", "Service"}
        releases.remove(book.listed, one, book.tell)
        assert site.named(one) == set()

    def note(thing: Any) -> None:
        site.trap.call(lambda: book.note(thing))

    assert sweep(site, after, lambda: releases.make(one, blueprint, note, book.tell), again) >= 10
    releases.remove(book.listed, one, book.tell)


@only(NODE)
@pytest.mark.timeout(900)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_anywhere_while_removing_it_goes_on(place: Room, site: Site, after: bool) -> None:
    write_chart(site.charts / "shelf", small=True)
    one, releases = site.order(), site.releases()
    book, _ = made(site, one)

    def again() -> None:
        releases.remove(book.listed, one, book.tell)
        assert site.named(one) == set()
        made(site, one)

    assert sweep(site, after, lambda: releases.remove(book.listed, one, book.tell), again) >= 4


@only(NODE)  # the sandbox makes no claims from templates
def test_claims_of_stateful_sets_go_with_the_release(place: Room, site: Site) -> None:
    write_chart(site.charts / "shelf", CLAIMING)
    one, releases = site.order(), site.releases()
    book, _ = made(site, one)
    assert any(key.startswith("PersistentVolumeClaim/") for key in site.of(one))
    releases.remove(book.listed, one, book.tell)
    assert site.named(one) == set()


def test_what_does_not_become_ready_is_explained(site: Site) -> None:
    one = site.order({"replicas": 1, "image": "no-such-image-at-all:1"})
    releases = site.releases(
        patience=Patience(ready=5, gone=60), cause="The image no-such-image-at-all:1 does not exist."
    )
    with pytest.raises(TesseraError, match=r"not ready after 5 s .*: The image no-such-image-at-all:1 does not exist"):
        made(site, one, releases)
    releases.remove(releases.draw(one).things, one, Book().tell)
    assert site.named(one) == set()


def test_a_finalizer_is_named(site: Site) -> None:
    one, releases = site.order(), site.releases(patience=Patience(gone=5))
    book, _ = made(site, one)
    site.place.patch(CONFIG_MAP, called(one), {"metadata": {"finalizers": ["example.com/keep"]}})
    for _ in range(2):
        with pytest.raises(Unavailable, match=r"example\.com/keep"):
            releases.remove(book.listed, one, book.tell)
    site.place.patch(CONFIG_MAP, called(one), {"metadata": {"finalizers": None}})
    releases.remove(book.listed, one, book.tell)
    assert site.named(one) == set()


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: all}\n", "ClusterRole"),
        (HOOK.replace("spec:\n", "spec:\n  hostPID: true\n", 1), "node's processes"),
    ],
)
def test_a_chart_that_makes_too_much_is_refused_before_anything_is(site: Site, template: str, why: str) -> None:
    write_chart(site.charts / "shelf", template)
    one = site.order()
    with pytest.raises(UsageError, match=why):
        made(site, one)
    assert site.named(one) == set()


def test_helms_errors_are_in_words_and_hold_no_value(site: Site) -> None:
    (site.charts / "shelf" / "templates" / "bad.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: {{ fail .Values.password }}}\n"
    )
    with pytest.raises(HelmFailed, match="helm install failed") as failed:
        made(site, site.order())
    assert CANARY not in failed.value.message + failed.value.hint
    (site.charts / "shelf" / "templates" / "bad.yaml").write_text("kind: [")
    with pytest.raises(TesseraError):
        made(site, site.order())


def test_a_cluster_that_is_away_may_be_tried_again(site: Site) -> None:
    helm = Helm(kubeconfig="/nonexistent/kubeconfig", seconds=60)
    releases = Releases(helm, site.place.cluster, site.place.clock, "x", lambda *_: "", PATIENCE, site.charts)
    one = site.order()
    with pytest.raises(Unavailable):
        made(site, one, releases)
    with pytest.raises(Unavailable, match="helm cannot be run"):
        made(site, one, site.releases("/nonexistent/helm"))


@pytest.mark.registry
def test_a_chart_comes_from_a_registry(site: Site, tmp_path: Path) -> None:
    host = PARTS["registry"].find()
    repository = f"oci://{host}/charts-{secrets.token_hex(3)}"
    write_chart(tmp_path / "shelf", version="1.2.3")
    for words in (
        ["package", str(tmp_path / "shelf"), f"--destination={tmp_path}"],
        ["push", str(tmp_path / "shelf-1.2.3.tgz"), repository, "--plain-http"],
    ):
        subprocess.run(["helm", *words], check=True, capture_output=True, timeout=60)
    one = site.order(chart=f"{repository}/shelf", version="1.2.3")
    book, where = made(site, one)
    assert where["port"] == "6379"
    site.releases().remove(book.listed, one, book.tell)
    assert site.named(one) == set()
    with pytest.raises(TesseraError, match="helm pull"):
        made(site, site.order(chart=f"{repository}/none", version="1.2.3"))


def test_a_service_that_the_chart_does_not_make_is_named(site: Site) -> None:
    one = site.order(name="other")
    with pytest.raises(NotFound, match=f"no Service other; it made {called(one)}"):
        made(site, one)
    site.releases().remove(site.releases().draw(one).things, one, Book().tell)
    assert site.named(one) == set()
    assert not site.place.get(SECRET, called(one))
