"""A Provisioner of plain data: what exists, by kind, namespace and name."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.broker.drawing import Drawing
from commands.base.errors import TesseraError, Unavailable
from commands.broker.errors import Clash
from commands.broker.owners import belongs, owner
from commands.broker.ports import Blueprint, Drift, Note, Order, Tell
from commands.broker.records import Thing
from explainers.catalog.model import NewObjects
from explainers.operations.base import Json

Place = tuple[str, str, str]


@dataclass
class Made:
    """Something that exists."""

    uid: str
    labels: Mapping[str, str]
    manifest: Json = field(default_factory=dict)


@dataclass
class FakeProvisioner:
    """Implements Provisioner. `held` are places whose things do not go when they are deleted, by what holds them;
    `fails` raises for the kinds named in it when they are made; `calls` counts what would have gone out."""

    drawing: Drawing
    world: dict[Place, Made] = field(default_factory=dict)
    held: dict[Place, str] = field(default_factory=dict)
    fails: dict[str, TesseraError] = field(default_factory=dict)
    reach: Callable[[Callable[[], Any]], Any] = lambda what: what()
    _uids: "itertools.count[int]" = field(default_factory=itertools.count)

    def draw(self, order: Order) -> Blueprint:
        return self.drawing.blueprint(order) if isinstance(order.entry.provision, NewObjects) else Blueprint()

    def make(self, order: Order, blueprint: Blueprint, note: Note, tell: Tell) -> Mapping[str, str]:
        for thing, manifest in zip(blueprint.things, blueprint.manifests, strict=False):
            tell(f"making {thing}")
            if thing.kind in self.fails:
                raise self.fails[thing.kind]
            made = self.reach(lambda thing=thing, manifest=manifest: self._made(order, thing, manifest))  # type: ignore[misc]
            note(replace(thing, uid=made.uid))
        if not isinstance(order.entry.provision, NewObjects):
            return {
                "host": "db.example.com",
                "port": "5432",
                "scheme": "postgres",
                "uri": "postgres://db.example.com:5432",
            }
        namespace, name = self.drawing.place(order)
        name = name or next((thing.name for thing in blueprint.things if thing.kind == "Service"), "")
        host = f"{name}.{namespace}.svc.cluster.local"
        return {"host": host, "port": "5432", "scheme": "postgres", "uri": f"postgres://{host}:5432"}

    def _made(self, order: Order, thing: Thing, manifest: Json) -> Made:
        labels = owner(order.broker, order.instance, order.entry.team)
        found = self.world.get(_place(thing))
        if found and not belongs(found.labels, labels):
            raise Clash(f"{thing} exists already and is not of this instance; it stays as it is.")
        if found:
            found.manifest = manifest
            return found
        made = Made(f"uid-{next(self._uids)}", labels, manifest)
        self.world[_place(thing)] = made
        return made

    def remove(self, things: Sequence[Thing], order: Order, tell: Tell) -> None:
        stuck = []
        for thing in reversed(things):
            found = self.world.get(_place(thing))
            if not found or not (
                found.uid == thing.uid or belongs(found.labels, owner(order.broker, order.instance, ""))
            ):
                continue
            tell(f"removing {thing}")
            if _place(thing) in self.held:
                stuck.append(f"{thing} is held by the finalizer {self.held[_place(thing)]}")
            else:
                self.reach(lambda thing=thing: self.world.pop(_place(thing)))  # type: ignore[misc]
        if stuck:
            raise Unavailable(f"Not everything is gone yet: {'; '.join(stuck)}.")

    def look(self, things: Sequence[Thing], blueprint: Blueprint, order: Order) -> Sequence[Drift]:
        drawn = {_place(one): manifest for one, manifest in zip(blueprint.things, blueprint.manifests, strict=False)}
        found = []
        for thing in things:
            made = self.world.get(_place(thing))
            if not made or (thing.uid and made.uid != thing.uid):
                found.append(Drift(thing, "missing"))
            elif made.manifest != drawn.get(_place(thing), made.manifest):
                found.append(Drift(thing, "changed"))
        return found


def _place(thing: Thing) -> Place:
    return thing.kind, thing.namespace, thing.name
