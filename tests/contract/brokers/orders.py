"""What the tests ask a provisioner for."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from commands.broker.ports import Order
from commands.broker.records import Thing
from explainers.catalog.model import Entry, NewObjects, NoCredential, Provision, Template
from explainers.catalog.templates import names
from explainers.operations.base import Json

CANARY = "c4n4ry-0f-pr0visi0n"


def entry(provision: Provision, version: str = "small") -> Entry:
    return Entry("data", "db", version, "7c7e0b0e-8f8a-4a55-9a70-3b9a0a6f0c11", "A database", provision, NoCredential())


def order(
    provision: Provision,
    templates: Sequence[Json] = (),
    broker: str = "data",
    instance: str = "",
    parameters: Json | None = None,
    credentials: dict[str, str] | None = None,
) -> Order:
    return Order(
        broker,
        instance or f"i-{secrets.token_hex(4)}",
        entry(provision),
        "consumers",
        parameters or {},
        credentials or {"password": CANARY},
        tuple(Template(f"part-{number}", number, manifest) for number, manifest in enumerate(templates)),
    )


def called(order: Order) -> str:
    """What the objects of an order are called."""
    return names(order.instance, order.entry.service)["name"]


def few(namespace: str) -> tuple[NewObjects, list[Json]]:
    """A provision of four kinds of objects that are ready at once."""
    name = "{{ instance.name }}"
    labels = {"app": name}
    pods = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "db", "image": "busybox"}]}}
    return NewObjects(namespace, name, "part=db"), [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"size": "1"}},
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name},
            "stringData": {"password": "{{ credentials.password }}"},
        },
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": name},
            "spec": {"replicas": 0, "selector": {"matchLabels": labels}, "template": pods},
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name},
            "spec": {"selector": labels, "ports": [{"name": "postgres", "port": 5432}]},
        },
    ]


@dataclass
class Book:
    """What the engine notes: things by place, and what was told."""

    things: dict[tuple[str, str, str], Thing] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    def note(self, thing: Thing) -> None:
        assert thing.uid
        self.things[thing.kind, thing.namespace, thing.name] = thing

    def tell(self, text: str) -> None:
        assert CANARY not in text
        self.told.append(text)

    @property
    def listed(self) -> tuple[Thing, ...]:
        return tuple(self.things.values())
