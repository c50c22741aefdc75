"""The catalog's commands as typed, with a real redis-server between the terminal and the broker's workers."""

import base64
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot import wiring
from bot.brokering import Brokering, brokering
from bot.cluster.adapter import KubernetesClusters
from bot.secrets.keys import new_key
from bot.settings import Settings
from bot.state.connect import connect_redis
from bot.terminal import app as terminal
from explainers.kinds import CONFIG_MAP, SECRET, SERVICE
from tests.contract.brokers.rooms import NODE, Room, connected, room
from tests.contract.redis_server import needs_redis, redis_server

pytestmark = [needs_redis, pytest.mark.redis, pytest.mark.timeout(300)]
CANARY = "c4n4ry-0f-th3-t3rm1n4l"
Json = dict[str, Any]


@dataclass(frozen=True)
class Stage:
    """A team's namespace with its catalog, a consumer's, and the settings that terminal and worker share."""

    home: Room
    shop: Room
    settings: Settings

    def types(self, *words: str) -> Result:
        """What somebody types who means the consumer's namespace."""
        return self.runs(*words, "-n", self.shop.namespace)

    def runs(self, *words: str) -> Result:
        environment = {
            "COLUMNS": "200",
            "KUBECONFIG": self.home.kubeconfig,
            "TESSERA_REDIS_URL": self.settings.redis_url,
            "TESSERA_BROKER_NAMESPACE": self.settings.broker_namespace,
            "TESSERA_BROKER_NAME": self.settings.broker_name,
            "TESSERA_SECRET_KEYS_FILE": str(self.settings.secret_keys_file),
        }
        return CliRunner().invoke(terminal.app, words, env=environment, prog_name="tessera")

    def broker(self) -> Brokering:
        clusters = KubernetesClusters.connect(self.home.kubeconfig)
        made = brokering(self.settings, clusters, connect_redis(self.settings.redis_url), wiring.SystemClock())
        assert made
        return made

    def secret(self, name: str) -> dict[str, str]:
        data = self.shop.get(SECRET, name).get("data", {})
        return {key: base64.b64decode(value).decode() for key, value in data.items()}

    def left(self) -> list[str]:
        """What carries a broker's label, in both namespaces."""
        labels = "app.kubernetes.io/managed-by=tessera"
        return [*self.home.there(labels), *self.shop.there(labels)]


@pytest.fixture(scope="module", params=["sandbox", NODE])
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("terminal")
    (folder / "keys").write_text(new_key() + "\n")
    real = request.param == "cluster"
    with (
        redis_server(folder) as url,
        connected(request.param, folder) as (clusters, kubeconfig),
        room(clusters, kubeconfig, real, "home") as home,
        room(clusters, kubeconfig, real, "shop") as shop,
    ):
        stock(home, shop.namespace)
        settings = Settings(redis_url=url, broker_namespace=home.namespace, secret_keys_file=folder / "keys")
        yield Stage(home, shop, settings)


@pytest.fixture
def working(stage: Stage) -> Iterator[Brokering]:
    """A worker of the broker, as `tessera worker` runs one."""
    worker = stage.broker()
    worker.work(lambda _record: True)
    yield worker
    worker.stop(works=True)


def stock(home: Room, consumer: str) -> None:
    """A shared cache whose login is in a Secret, and a server of one's own."""
    usual: Json = {"team": "api", "version": "1", "whitelist": [consumer], "type": "redis"}
    marks = {"mesitis/kind": "catalog-entry", "mesitis/enabled": "true"}
    cache = {
        "offering": "cache",
        "uuid": f"{home.namespace}-cache",
        "description": "The shared cache",
        "ProvisionExistingClusterService": {"namespace": home.namespace, "name": "cache"},
        "CredentialFromClusterSecret": {"secretname": "cache-login"},
    }
    own = {
        "offering": "own",
        "uuid": f"{home.namespace}-own",
        "description": "A server of your own",
        "ProvisionNewClusterObjects": {
            "namespace": home.namespace, "name": "{{ instance.name }}", "labelselector": "mesitis/offering=own",
        },
        "CredentialGenerated": {"username": "app"},
    }  # fmt: skip
    for entry in (cache, own):
        home.make(CONFIG_MAP, f"entry-{entry['offering']}", marks, data={"entry": json.dumps({**usual, **entry})})
    login = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "{{ instance.name }}"},
             "stringData": {"password": "{{ credentials.password }}"}}  # fmt: skip
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "{{ instance.name }}"},
               "spec": {"clusterIP": "None", "ports": [{"name": "redis", "port": 6379}]}}  # fmt: skip
    for number, one in enumerate((login, service), start=1):
        labels = {"mesitis/offering": "own", "mesitis/enabled": "true", "mesitis/order": str(number)}
        home.make(CONFIG_MAP, f"own-{number}", labels, data={"wrapped-resource": json.dumps(one)})
    home.make(SECRET, "cache-login", stringData={"username": "shop", "password": CANARY})
    home.make(SERVICE, "cache", spec={"selector": {"app": "cache"}, "ports": [{"name": "redis", "port": 6379}]})


def test_without_a_worker_it_says_so_and_nothing_is_begun(stage: Stage) -> None:
    done = stage.types("request", "api/own", "--yes")
    assert (done.exit_code, "No worker of the broker" in done.stderr) == (2, True)
    assert stage.broker().broker.parts.ledger.instances() == []
    assert stage.left() == []


def test_requested_by_one_process_made_by_another_released_by_a_third(stage: Stage, working: Brokering) -> None:
    name = f"own-{secrets.token_hex(2)}"
    done = stage.types("request", "api/own", "--yes", "--set", f"secret-name={name}")
    assert done.exit_code == 0, done.output
    assert f"the Secret {name} says how to reach it" in done.stdout
    values = stage.secret(name)
    assert values["username"] == "app"
    assert values["host"].endswith(f".{stage.home.namespace}.svc.cluster.local")
    assert values["password"] not in done.output
    listed = json.loads(stage.types("services", "--mine", "-o", "json").stdout)
    assert [(one["name"], one["state"]) for one in listed["instances"]] == [(name, "ready")]
    assert len(stage.left()) == 3
    assert stage.types("release", name, "--yes").exit_code == 0
    assert (stage.left(), list(working.broker.parts.ledger.instances())) == ([], [])


def test_a_shared_service_is_requested_rotated_and_released(stage: Stage, working: Brokering) -> None:
    done = stage.types("request", "api/cache", "--yes", "-o", "json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["secret"] == "cache"
    assert stage.secret("cache")["password"] == CANARY
    stage.home.patch(SECRET, "cache-login", {"stringData": {"password": f"{CANARY}-2"}})
    assert stage.types("rotate", "cache").exit_code == 0
    assert stage.secret("cache")["password"] == f"{CANARY}-2"
    assert CANARY not in done.output
    assert stage.types("release", "cache").exit_code == 2, "nobody said yes"
    assert stage.secret("cache")
    assert stage.types("release", "cache", "--yes").exit_code == 0
    assert (stage.secret("cache"), stage.left()) == ({}, [])
    assert list(working.broker.parts.ledger.bindings()) == []


def test_a_broker_is_retired_when_nothing_of_it_lives_and_leaves_nothing(stage: Stage) -> None:
    name = f"ending-{secrets.token_hex(2)}"
    ending = replace(stage, settings=stage.settings.model_copy(update={"broker_name": name}))
    worker = ending.broker()
    worker.work(lambda _record: True)
    try:
        for offering in ("own", "cache"):
            done = ending.types("request", f"api/{offering}", "--yes", "--set", f"secret-name=last-{offering}")
            assert done.exit_code == 0, done.output
        refused = ending.runs("retire")
        assert refused.exit_code == 1
        assert f"2 things live that the broker {name} made, so it is not retired" in refused.stdout
        assert f"Secret {stage.shop.namespace}/last-own" in refused.stdout
        unasked = ending.runs("retire", "--end")
        assert (unasked.exit_code, "--yes" in unasked.stderr) == (2, True)
        assert len(stage.left()) == 4
        done = ending.runs("retire", "--end", "--yes", "-o", "json")
        assert done.exit_code == 0, done.output
        told = json.loads(done.stdout)
        assert (told["retired"], told["left"]) == (True, [])
        assert [one["what"] for one in told["audit"]].count("deprovision") == 4, "begun and done, of each"
        assert stage.left() == []
        late = ending.types("request", "api/cache", "--yes")
        assert (late.exit_code, "being retired" in late.stderr) == (2, True)
    finally:
        worker.stop(works=True)
    with connect_redis(stage.settings.redis_url) as redis:
        left = {key.decode() for key in redis.scan_iter() if name.encode() in key}
        assert f"tessera:broker:{name}:closed" in left
        assert left <= {f"tessera:broker{one}" for one in (f":{name}:closed", f"-alive:{name}", f"-tending:{name}")}
        assert all(0 < redis.ttl(key) <= 3600 for key in left), "what a process writes that still runs ends by itself"
