"""New objects for each instance: drawn from templates, created one after another, awaited, and taken back by uid."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.broker.addresses import of_service
from bot.broker.awaiting import Awaiting
from bot.broker.differing import differs
from bot.broker.drawing import Drawing
from bot.broker.removing import PAUSE, Removing, kind_of
from bot.broker.steps import AGAIN, Steps, texts
from commands.base.errors import TesseraError, Unavailable
from commands.base.ports import Clock, Cluster
from commands.broker.errors import Clash
from commands.broker.owners import belongs, owner
from commands.broker.ports import Blueprint, Drift, Note, Order, Tell
from commands.broker.records import Thing
from explainers.catalog.model import NewObjects
from explainers.kinds import SECRET, SERVICE
from explainers.operations.apply import Create
from explainers.operations.base import Change, Json
from explainers.operations.objects import mapping
from explainers.operations.owned import ReplaceSecret, SecretFromFile
from explainers.operations.patches import Patch
from explainers.operations.reads import Get

Explain = Callable[[str, str, str], str]
"""One sentence on why an object (kind, namespace, name) is not ready, from a diagnosis; empty where it finds none."""
_GIVEN = ("apiVersion", "kind", "status")


@dataclass(frozen=True)
class Patience:
    """Seconds: until what was made is ready, and until what was deleted is gone."""

    ready: float = 300
    gone: float = 120


class Objects:
    """The port `Provisioner` for new cluster objects."""

    def __init__(
        self, cluster: Cluster, clock: Clock, drawing: Drawing, explain: Explain, patience: Patience | None = None
    ) -> None:
        self._cluster = cluster
        self._clock = clock
        self._drawing = drawing
        self._explain = explain
        self._patience = patience or Patience()

    def draw(self, order: Order) -> Blueprint:
        return self._drawing.blueprint(order)

    def make(self, order: Order, blueprint: Blueprint, note: Note, tell: Tell) -> Mapping[str, str]:
        steps = Steps(self._cluster).hiding((*order.credentials.values(), *_secrets(blueprint.manifests)))
        made = []
        for thing, manifest in zip(blueprint.things, blueprint.manifests, strict=False):
            tell(f"making {thing}")
            one = replace(thing, uid=self._made(steps, thing, manifest, order, tell))
            note(one)
            made.append(one)
        Awaiting(steps, self._clock, self._explain, self._patience.ready).ready(made, tell)
        return self._where(steps, order, made)

    def _made(self, steps: Steps, thing: Thing, manifest: Json, order: Order, tell: Tell) -> str:
        """The uid of the object: created now, or by us before. Raises Clash when it is somebody else's."""
        waited = 0.0
        while True:
            answer = steps.send(_creation(thing, manifest))
            if answer.ok:
                return _uid(answer.object)
            live = steps.send(Get(kind_of(thing), thing.namespace, thing.name)).object
            if live and not mapping(live, "metadata").get("deletionTimestamp"):
                return self._adopted(steps, thing, manifest, live, order)
            if waited >= self._patience.gone:
                raise Unavailable(f"{thing} from before is still being deleted.", AGAIN)
            tell(f"waiting until the former {thing} is gone")
            self._clock.wait(PAUSE)
            waited += PAUSE

    def _adopted(self, steps: Steps, thing: Thing, manifest: Json, live: Json, order: Order) -> str:
        if not belongs(mapping(live, "metadata").get("labels"), owner(order.broker, order.instance, order.entry.team)):
            raise Clash(
                f"{thing} exists already and is not of this instance; it stays as it is.",
                "have the entry's template put {{ instance.name }} or another value of the instance in its name",
            )
        if differs(manifest, live):
            steps.send(_renewal(thing, manifest, live))
        return _uid(live)

    def _where(self, steps: Steps, order: Order, made: Sequence[Thing]) -> Mapping[str, str]:
        """The coordinates of the Service that consumers call: the one that is named, or the only one."""
        provision = _provision(order)
        namespace, name = self._drawing.place(order)
        services = [thing for thing in made if thing.kind == SERVICE.name]
        if not name and len(services) == 1:
            namespace, name = services[0].namespace, services[0].name
        if not name:
            return {}
        waited = 0.0
        while (answer := steps.send(Get(SERVICE, namespace, name))).absent:
            if waited >= self._patience.ready:
                raise TesseraError(
                    f"There is no Service {name} in the namespace {namespace}, which the entry names.",
                    "have one of the entry's templates make it, or correct `name`",
                )
            self._clock.wait(PAUSE)
            waited += PAUSE
        return of_service(answer.object, provision.port, provision.scheme)

    def remove(self, things: Sequence[Thing], order: Order, tell: Tell) -> None:
        Removing(Steps(self._cluster), self._clock, self._patience.gone).remove(things, order, tell)

    def look(self, things: Sequence[Thing], blueprint: Blueprint, order: Order) -> Sequence[Drift]:
        drawn = {
            (one.kind, one.namespace, one.name): wanted
            for one, wanted in zip(blueprint.things, blueprint.manifests, strict=False)
        }
        steps, found = Steps(self._cluster), []
        for thing in things:
            live = steps.send(Get(kind_of(thing), thing.namespace, thing.name)).object
            if not live or (thing.uid and _uid(live) != thing.uid):
                found.append(Drift(thing, "missing"))
            elif differs(drawn.get((thing.kind, thing.namespace, thing.name), {}), live):
                found.append(Drift(thing, "changed"))
        return found


def _creation(thing: Thing, manifest: Json) -> Change:
    if thing.kind == SECRET.name:
        return SecretFromFile(thing.namespace, manifest)
    return Create(kind_of(thing), thing.namespace, manifest)


def _renewal(thing: Thing, manifest: Json, live: Json) -> Change:
    """What makes an object of ours be as the manifest says again."""
    if thing.kind == SECRET.name:
        guard = {key: mapping(live, "metadata").get(key) for key in ("uid", "resourceVersion")}
        return ReplaceSecret(thing.namespace, {**manifest, "metadata": {**mapping(manifest, "metadata"), **guard}})
    body = {key: value for key, value in manifest.items() if key not in _GIVEN}
    return Patch(kind_of(thing), thing.namespace, thing.name, body, "merge")


def _uid(thing: Json) -> str:
    return str(mapping(thing, "metadata").get("uid") or "")


def _secrets(manifests: Sequence[Json]) -> list[str]:
    """The values of the Secrets that are made, which no error may quote."""
    made = [manifest for manifest in manifests if manifest.get("kind") == SECRET.name]
    plain = [text for manifest in made for text in texts(manifest.get("stringData"))]
    return plain + [
        text for manifest in made for value in texts(manifest.get("data")) for text in (value, _decoded(value))
    ]


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _provision(order: Order) -> NewObjects:
    provision = order.entry.provision
    if not isinstance(provision, NewObjects):
        raise TesseraError(f"{order.entry.title} does not make objects.")
    return provision
