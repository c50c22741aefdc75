"""Waiting until what was made can be used; when that does not come, a diagnosis says why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.broker.ready import AWAITED, Hopeless, waits_for
from bot.broker.removing import kind_of
from bot.broker.steps import Steps, hushed
from commands.base.errors import TesseraError
from commands.base.ports import Clock
from commands.broker.ports import Tell
from commands.broker.records import Thing
from explainers.kinds import SERVICE, STORAGE_CLASS
from explainers.operations.base import Json
from explainers.operations.objects import mapping
from explainers.operations.reads import Get, List
from explainers.operations.slices import endpoints, slices_of
from explainers.selectors import subset

PAUSE = 1.0
SCALED = frozenset({"Deployment", "ReplicaSet", "StatefulSet"})
"""The kinds that may be told to have no pods."""
_DEFAULT = "storageclass.kubernetes.io/is-default-class"


@dataclass(frozen=True)
class Awaiting:
    """Waits for objects, all together `seconds` at the most."""

    steps: Steps
    clock: Clock
    explain: Callable[[str, str, str], str]
    seconds: float

    def ready(self, things: Sequence[Thing], tell: Tell) -> None:
        """Raises TesseraError with the cause for what does not become ready, or was deleted meanwhile."""
        waiting = [thing for thing in things if thing.kind in AWAITED or thing.kind == SERVICE.name]
        waited = 0.0
        while waiting:
            missing = [(thing, why) for thing in waiting if (why := self._missing(thing, things))]
            if not missing:
                return
            if waited >= self.seconds:
                thing, why = missing[0]
                raise self._failed(thing, f"not ready after {self.seconds:g} s ({why})")
            tell("waiting for " + ", ".join(f"{thing.kind} {thing.name}: {why}" for thing, why in missing))
            waiting = [thing for thing, _ in missing]
            self.clock.wait(PAUSE)
            waited += PAUSE

    def _missing(self, thing: Thing, things: Sequence[Thing]) -> str:
        live = self.steps.send(Get(kind_of(thing), thing.namespace, thing.name)).object
        if not live:
            raise TesseraError(f"{thing} was deleted before it was ready.", "remove the instance and ask for it again")
        if thing.kind == SERVICE.name:
            return self._unserved(thing, live, things)
        try:
            why = waits_for({**live, "kind": thing.kind})
        except Hopeless as hopeless:
            raise self._failed(thing, str(hopeless)) from None
        return "" if why and thing.kind == "PersistentVolumeClaim" and self._binds_later(live) else why

    def _unserved(self, service: Thing, live: Json, things: Sequence[Thing]) -> str:
        """What a Service lacks until a connection to it is not refused: a ready endpoint, if it selects pods at all.

        Where endpoints may not be read, and where all behind it is scaled to 0 on purpose, nothing is waited for.
        """
        selector = mapping(live, "spec", "selector")
        if not selector or mapping(live, "spec").get("type") == "ExternalName":
            return ""
        answer = self.steps.cluster.run(slices_of(service.namespace, service.name))
        ready, every = endpoints(answer.items, service.name)
        if ready or answer.forbidden or self._scaled_to_none(service.namespace, selector, things):
            return ""
        return f"{ready} of {every} endpoints ready" if every else "no endpoints yet"

    def _scaled_to_none(self, namespace: str, selector: Json, things: Sequence[Thing]) -> bool:
        made = [thing for thing in things if thing.kind in SCALED and thing.namespace == namespace]
        lives = [self.steps.send(Get(kind_of(thing), namespace, thing.name)).object for thing in made]
        specs = [mapping(live, "spec") for live in lives]
        behind = [spec for spec in specs if subset(selector, mapping(spec, "template", "metadata", "labels"))]
        return bool(behind) and all(spec.get("replicas") == 0 for spec in behind)

    def _binds_later(self, claim: Json) -> bool:
        """Whether its class binds a claim only when a pod uses it: then the pod is what one waits for.

        Where the class cannot be read it counts as one of those.
        """
        wanted = mapping(claim, "spec").get("storageClassName")
        if wanted:
            found = self.steps.cluster.run(Get(STORAGE_CLASS, "", str(wanted)))
            return not found.ok or found.object.get("volumeBindingMode") == "WaitForFirstConsumer"
        classes = self.steps.cluster.run(List(STORAGE_CLASS, "")).items
        default = next((one for one in classes if _is_default(one)), None)
        return default is None or default.get("volumeBindingMode") == "WaitForFirstConsumer"

    def _failed(self, thing: Thing, why: str) -> TesseraError:
        cause = hushed(self.explain(thing.kind, thing.namespace, thing.name), self.steps.hidden).strip()
        return TesseraError(f"{thing} is {why}: {cause}" if cause else f"{thing} is {why}.")


def _is_default(storage_class: Json) -> bool:
    return bool(mapping(storage_class, "metadata", "annotations").get(_DEFAULT) == "true")
