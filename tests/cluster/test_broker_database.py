"""A database of one's own on a real node: made with a generated password, bound, used with what the Secret says, gone.

Nothing that leaves on the way holds the password: not what is noted or told, no line, no exception.
"""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest

from bot.broker.credentials import Credentials
from bot.broker.delivery import Secrets
from bot.broker.objects import Patience
from bot.broker.provisioning import Provisioning, in_cluster
from commands.base.errors import TesseraError
from commands.base.investigate import investigate
from commands.broker.owners import owner, selector
from commands.broker.ports import Order
from explainers.catalog.model import Generated, NewObjects
from explainers.catalog.secret import merged
from explainers.diagnosis.engine import diagnose
from explainers.diagnosis.facts import Facts
from explainers.diagnosis.report import document
from explainers.diagnosis.rules import RULES
from explainers.kinds import PERSISTENT_VOLUME_CLAIM, POD, Ref
from explainers.operations.base import Answer, Json
from explainers.operations.reads import Logs
from tests.contract.brokers.orders import Book, called, order
from tests.contract.brokers.rooms import Room, connected, room
from tests.contract.parity import eventually

pytestmark = pytest.mark.cluster
NAME = "{{ instance.name }}"
PASSWORD = f"pw-{secrets.token_hex(12)}"


def templates(image: str = "postgres:16") -> list[Json]:
    """A Secret, a Deployment and a Service, as a team's ConfigMaps hold them."""
    labels = {"app": NAME}
    container = {
        "name": "postgres",
        "image": image,
        "envFrom": [{"secretRef": {"name": NAME}}],
        "ports": [{"containerPort": 5432}],
        "readinessProbe": {"exec": {"command": ["pg_isready", "-h", "127.0.0.1"]}, "periodSeconds": 1},
    }
    pods = {"metadata": {"labels": labels}, "spec": {"terminationGracePeriodSeconds": 1, "containers": [container]}}
    login = {"POSTGRES_USER": "{{ credentials.username }}", "POSTGRES_PASSWORD": "{{ credentials.password }}"}
    spec = {"selector": {"matchLabels": labels}, "template": pods}
    ports = [{"port": "{{ parameters.port }}", "targetPort": 5432, "name": "postgres"}]
    return [
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": NAME}, "stringData": login},
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": NAME}, "spec": spec},
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": NAME},
            "spec": {"selector": labels, "ports": ports},
        },
    ]


def database(place: Room, image: str = "postgres:16") -> Order:
    provision = NewObjects(place.namespace, NAME, "mesitis/offering=db")
    login = {"username": "app", "password": PASSWORD}
    one = order(provision, templates(image), parameters={"port": 5432}, credentials=login)
    return replace(one, entry=replace(one.entry, credential=Generated("app"), type="postgresql"))


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Room, Room]]:
    with (
        connected("cluster", tmp_path_factory.mktemp("database")) as (clusters, kubeconfig),
        room(clusters, kubeconfig, True, "provider") as provider,
        room(clusters, kubeconfig, True, "consumer") as consumer,
    ):
        yield provider, consumer


def provisioning(place: Room, patience: Patience | None = None) -> Provisioning:
    def explain(kind: str, namespace: str, name: str) -> str:
        facts = Facts(place.clock.now())
        looked = partial(diagnose, target=Ref(kind, namespace, name), rules=RULES)
        return document(investigate(looked, facts, place.cluster, lambda _: Answer(403))).headline

    more = ("StatefulSet", "PersistentVolumeClaim", "Job")
    return in_cluster(place.cluster, place.clock, place.namespace, explain, more, patience=patience)


def ran(place: Room, name: str, secret: str, *command: str) -> tuple[str, str]:
    """How a pod ended that has the Secret as its environment, and what it printed."""
    container = {
        "name": "c",
        "image": "postgres:16",
        "command": list(command),
        "envFrom": [{"secretRef": {"name": secret}}],
    }
    place.make(
        POD, name, spec={"restartPolicy": "Never", "terminationGracePeriodSeconds": 0, "containers": [container]}
    )
    for _ in eventually(120.0):
        phase = place.get(POD, name).get("status", {}).get("phase")
        if phase in ("Succeeded", "Failed"):
            return phase, place.cluster.run(Logs(place.namespace, name)).text
    raise AssertionError(f"{name} does not end")


def test_a_consumer_uses_the_database_with_what_its_secret_says(rooms: tuple[Room, Room]) -> None:
    provider, consumer = rooms
    one, book, made = database(provider), Book(), provisioning(provider)
    blueprint = made.draw(one)
    where = made.make(one, blueprint, book.note, book.tell)
    assert where["uri"] == f"postgres://{called(one)}.{provider.namespace}.svc.cluster.local:5432"

    issued = Credentials(provider.cluster, provider.namespace).issue(one, "b-1")
    values = merged(one.entry, where, issued.values)
    delivery, ours = Secrets(consumer.cluster, consumer.clock), owner(one.broker, one.instance, one.entry.team)
    uid = delivery.put(consumer.namespace, "orders-db", values, "postgresql", ours)

    query = 'PGPASSWORD="$password" psql -h "$host" -p "$port" -U "$username" -d postgres -tAc "select 40 + 2"'
    patient = f"for turn in $(seq 60); do {query} 2>/dev/null && exit 0; sleep 1; done; {query}"
    phase, log = ran(consumer, "client", "orders-db", "sh", "-c", patient)  # a node learns of endpoints a moment later
    assert (phase, log.strip()) == ("Succeeded", "42")
    phase, log = ran(consumer, "uri", "orders-db", "sh", "-c", 'psql "${uri%/}/postgres" -tAc "select 6 * 7"')
    assert (phase, log.strip()) == ("Succeeded", "42")
    phase, _ = ran(consumer, "stranger", "orders-db", "sh", "-c", query.replace('"$password"', "wrong"))
    assert phase == "Failed", "without the password nobody gets in"

    assert not made.look(book.listed, blueprint, one)
    delivery.take_back(consumer.namespace, "orders-db", uid, ours)
    made.remove(book.listed, one, book.tell)
    assert provider.there(selector(ours)) == {}
    assert consumer.there(selector(ours)) == {}
    for text in (*book.told, repr(book.listed), repr(blueprint), repr(one), repr(issued)):
        assert PASSWORD not in text


def test_one_that_does_not_come_up_is_explained(rooms: tuple[Room, Room]) -> None:
    provider, _ = rooms
    one, book = database(provider, "postgres:no-such-tag"), Book()
    made = provisioning(provider, Patience(ready=20))
    with pytest.raises(TesseraError, match="not ready after 20 s") as failed:
        made.make(one, made.draw(one), book.note, book.tell)
    assert "no-such-tag" in failed.value.message
    assert PASSWORD not in failed.value.message + failed.value.hint
    assert any("0 of 1 pods ready" in text for text in book.told)
    made.remove(book.listed, one, book.tell)
    assert provider.there(selector(owner(one.broker, one.instance, ""))) == {}


def test_claims_of_stateful_sets_go_with_the_instance(rooms: tuple[Room, Room]) -> None:
    provider, _ = rooms
    labels = {"app": NAME}
    mounts = [{"name": "data", "mountPath": "/data"}]
    container = {"name": "c", "image": "busybox", "command": ["sleep", "3600"], "volumeMounts": mounts}
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}}
    pods = {"metadata": {"labels": labels}, "spec": {"terminationGracePeriodSeconds": 0, "containers": [container]}}
    spec = {
        "serviceName": NAME,
        "selector": {"matchLabels": labels},
        "template": pods,
        "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": claim}],
    }
    service = {"selector": labels, "ports": [{"port": 80}]}
    parts = [
        {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": NAME}, "spec": spec},
        {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": NAME}, "spec": claim},
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": NAME}, "spec": service},
    ]
    one, book, made = order(NewObjects(provider.namespace, NAME, "x=y"), parts), Book(), provisioning(provider)
    made.make(one, made.draw(one), book.note, book.tell)
    assert provider.get(PERSISTENT_VOLUME_CLAIM, f"data-{called(one)}-0")
    made.remove(book.listed, one, book.tell)
    assert provider.there(selector(owner(one.broker, one.instance, ""))) == {}
    assert not provider.get(PERSISTENT_VOLUME_CLAIM, f"data-{called(one)}-0")
