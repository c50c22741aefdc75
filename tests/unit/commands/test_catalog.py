"""What `/catalog` says of the services behind entries: whether they serve, and nothing that was not looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from commands.base.request import Actor, Reply, Request
from commands.broker.broker import Broker
from commands.broker.ports import Place, Standing
from commands.catalog import MOST, catalog
from tests.unit.clusters import services
from tests.unit.commands.broker.bench import Bench, Json, entry

EXISTING = {"provisionkind": "ProvisionExistingClusterService"}


@dataclass
class FakeStandings:
    """The port Standings over a table; `asked` keeps what was looked at."""

    known: Mapping[Place, Standing]
    asked: list[Place] = field(default_factory=list)

    def of(self, places: Sequence[Place]) -> Mapping[Place, Standing]:
        self.asked += places
        return {place: self.known.get(place, Standing(True, "1 of 1 endpoints ready")) for place in places}


def behind(name: str, **more: object) -> Json:
    """An entry that points to the Service `data/NAME`."""
    return entry(name, **EXISTING, provisiondata={"namespace": "data", "name": name}, **more)


def asked(standings: FakeStandings, *entries: Json, words: str = "") -> Reply:
    bench = Bench(*entries)
    broker = Broker(replace(bench.broker.parts, standings=standings))
    return catalog(Request("catalog", f"{words} -n shop", Actor("ana")), replace(services(), broker=broker))


def test_each_line_says_whether_the_service_behind_it_serves() -> None:
    standings = FakeStandings(
        {
            ("data", "cache"): Standing(False, "0 of 2 endpoints ready"),
            ("data", "queue"): Standing(None),
            ("data", "search"): Standing(None, missing="list endpointslices in data"),
        }
    )
    reply = asked(standings, entry(), behind("cache"), behind("pg"), behind("queue"), behind("search"))
    said = {one.source: one.text for one in reply.document.evidence}
    assert "does not serve: 0 of 2 endpoints ready" in said["api/cache"]
    assert "serves: 1 of 1 endpoints ready" in said["api/pg"]
    assert not [name for name in ("api/db", "api/queue", "api/search") if "serve" in said[name]]
    assert reply.document.headline == "5 services for `shop`. 1 of them does not serve now."
    assert [(one.what, one.missing) for one in reply.document.unchecked] == [
        ("whether `data/search` serves", "list endpointslices in data")
    ]
    plans = {one["service"]: one["serves"] for one in reply.data["plans"]}  # type: ignore[attr-defined]
    assert plans == {"api/cache": False, "api/db": None, "api/pg": True, "api/queue": None, "api/search": None}


def test_only_the_page_that_is_shown_is_looked_at() -> None:
    standings = FakeStandings({})
    many = [behind(f"cache-{number:03}", uuid=f"u-{number}") for number in range(MOST + 5)]
    reply = asked(standings, entry(), *many)
    assert len(reply.document.evidence) == MOST
    assert standings.asked == [("data", f"cache-{number:03}") for number in range(MOST)]


def test_plans_of_one_service_are_told_apart() -> None:
    two = behind("pg", uuid="u-2", version="2") | {}
    two["data"] = dict(two["data"])
    two["metadata"] = {**two["metadata"], "name": "pg-2"}
    standings = FakeStandings({("data", "pg"): Standing(False, "it has no endpoints")})
    [row] = asked(standings, behind("pg"), two).document.evidence
    assert "version 1 does not serve: it has no endpoints · version 2 does not serve" in row.text
