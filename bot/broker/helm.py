"""A Helm release for each instance: checked, installed, awaited, repaired after a crash, and taken away whole.

A release carries the labels of its instance and broker, so what a crash leaves behind is known for ours, in whichever
state Helm left it. Values travel over helm's standard input and are never written to a file.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bot.broker.addresses import of_service
from bot.broker.awaiting import Awaiting
from bot.broker.charts import Chart, chart
from bot.broker.drawing import filled, text, values_for
from bot.broker.helm_objects import HelmObjects, parsed
from bot.broker.helm_program import NOT_FOUND, Helm, HelmFailed, workplace
from bot.broker.objects import Explain, Patience
from bot.broker.releases import DEPLOYED, UNINSTALLED, VALUES, Release, digest, release
from bot.broker.steps import Steps, texts
from commands.base.errors import NotFound, TesseraError, Unavailable, UsageError
from commands.base.ports import Clock, Cluster
from commands.broker.errors import Clash
from commands.broker.owners import belongs, owner
from commands.broker.ports import Blueprint, Drift, Note, Order, Tell
from commands.broker.records import Thing
from explainers.catalog.model import HelmChart
from explainers.kinds import SERVICE
from explainers.operations.base import Json
from explainers.operations.reads import Get

KIND, VERSION = "HelmRelease", "helm.sh/v3"


class Releases:
    """The port `Provisioner` for Helm charts. `home` is where releases go whose entry names no namespace; `folder` has
    the charts that entries may name by a path; `plain` are registries without TLS."""

    def __init__(
        self,
        helm: Helm,
        cluster: Cluster,
        clock: Clock,
        home: str,
        explain: Explain,
        patience: Patience | None = None,
        folder: Path | None = None,
        plain: tuple[str, ...] = (),
    ) -> None:
        self._helm = helm
        self._cluster = cluster
        self._clock = clock
        self._home = home
        self._explain = explain
        self._patience = patience or Patience()
        self._folder = folder
        self._plain = plain

    def draw(self, order: Order) -> Blueprint:
        provision = _provision(order)
        chart(provision, self._folder, self._plain)
        values = filled(provision.values, order, order.entry.source or order.entry.title)
        if not isinstance(values, dict):
            raise UsageError(f"The values of {order.entry.title} are no mapping.")
        name = str(values_for(order)["instance"]["name"])
        return Blueprint((Thing(KIND, VERSION, self._namespace(order), name),), (values,))

    def make(self, order: Order, blueprint: Blueprint, note: Note, tell: Tell) -> Mapping[str, str]:
        thing, values = blueprint.things[0], blueprint.manifests[0]
        hidden = _hidden(order, values)
        steps, helm = Steps(self._cluster).hiding(hidden), self._helm.hiding(hidden)
        with workplace() as folder:
            found = self._ours(steps, thing, order)
            if not found or found.state != DEPLOYED or found.labels.get(VALUES) != digest(values):
                self._installed(steps, helm, folder, thing, order, values, found, tell)
                found = self._ours(steps, thing, order)
            if not found:
                raise Unavailable(f"The release {thing.name} was removed while it was installed.")
            note(replace(thing, uid=found.uid))
            objects, hooks = _told(helm, folder, thing, "manifest"), _told(helm, folder, thing, "hooks")
        made = HelmObjects(steps, self._clock, self._patience.gone)
        made.label((*objects, *hooks), owner(order.broker, order.instance, order.entry.team))
        called = _called(order, thing, objects)
        used = [
            one for one in objects if one.kind != SERVICE.name or one.name == called
        ]  # charts have others, optional
        Awaiting(steps, self._clock, self._explain, self._patience.ready).ready(used, tell)
        made.label_claims(objects, owner(order.broker, order.instance, order.entry.team))
        return self._where(steps, order, thing, objects)

    def _ours(self, steps: Steps, thing: Thing, order: Order) -> Release | None:
        """The release, if it is there. Raises Clash when it is somebody else's."""
        found = release(steps, thing.namespace, thing.name)
        if found and not belongs(found.labels, owner(order.broker, order.instance, order.entry.team)):
            raise Clash(f"The release {thing.name} in {thing.namespace} is not of this instance; it stays as it is.")
        return found

    def _installed(
        self,
        steps: Steps,
        helm: Helm,
        folder: Path,
        thing: Thing,
        order: Order,
        values: Json,
        found: Release | None,
        tell: Tell,
    ) -> None:
        """Install the release, or upgrade the one that runs; what a crash broke off is cleared away first."""
        tell(f"fetching the chart of {order.entry.title}")
        file, options = self._fetched(helm, folder, order)
        place = [f"--namespace={thing.namespace}", f"--timeout={self._patience.ready:.0f}s", "--skip-crds", *options]
        self._checked(helm, folder, [thing.name, file, *place], values)
        if found and found.upgradable:
            if found.state.startswith("pending"):
                tell(f"going back on what was broken off in the release {thing.name}")
                helm.run(folder, "rollback", thing.name, f"--namespace={thing.namespace}")
            verb = "upgrade"
        else:
            if found:
                tell(f"clearing away what was broken off of the release {thing.name}")
                self._uninstalled(steps, helm, folder, thing, found, tell, order)
            verb = "install"
        tell(f"installing the release {thing.name}")
        labels = {**owner(order.broker, order.instance, order.entry.team), VALUES: digest(values)}
        labels_option = "--labels=" + ",".join(f"{key}={value}" for key, value in labels.items())
        helm.run(folder, verb, thing.name, file, *place, labels_option, values=values)

    def _fetched(self, helm: Helm, folder: Path, order: Order) -> tuple[str, tuple[str, ...]]:
        """One copy of the chart: what is checked is what is installed."""
        named: Chart = chart(_provision(order), self._folder, self._plain)
        if named.local:
            return named.word, ()
        place = folder / "chart"
        place.mkdir()
        helm.run(folder, "pull", named.word, f"--destination={place}", *named.options)
        files = sorted(place.glob("*.tgz"))
        if not files:
            raise HelmFailed("helm pull failed: it brought no chart.")
        return str(files[0]), ()

    def _checked(self, helm: Helm, folder: Path, words: Sequence[str], values: Json) -> None:
        """Raises UsageError for a chart that would make what no instance may consist of, its hooks included."""
        told = helm.run(folder, "install", *words, "--dry-run=server", "--output=json", values=values)
        try:
            drawn = json.loads(told)
        except ValueError:
            raise HelmFailed("helm install failed: what it would do cannot be read.") from None
        hooks = [str(hook.get("manifest") or "") for hook in drawn.get("hooks") or [] if isinstance(hook, dict)]
        HelmObjects.check("\n---\n".join([str(drawn.get("manifest") or ""), *hooks]))

    def _where(self, steps: Steps, order: Order, thing: Thing, objects: Sequence[Thing]) -> Mapping[str, str]:
        provision, name = _provision(order), _called(order, thing, objects)
        answer = steps.send(Get(SERVICE, thing.namespace, name))
        if answer.absent:
            listed = ", ".join(one.name for one in objects if one.kind == SERVICE.name) or "none"
            raise NotFound(f"The chart made no Service {name}; it made {listed}.", "name one of them in the entry")
        return of_service(answer.object, provision.port, provision.scheme)

    def remove(self, things: Sequence[Thing], order: Order, tell: Tell) -> None:
        """A release with our labels is ours, also when it was installed anew just before the work broke off."""
        steps = Steps(self._cluster)
        ours = owner(order.broker, order.instance, order.entry.team)
        for thing in reversed(things):
            found = release(steps, thing.namespace, thing.name)
            if found and belongs(found.labels, ours):
                with workplace() as folder:
                    self._uninstalled(steps, self._helm, folder, thing, found, tell, order)
            HelmObjects(steps, self._clock, self._patience.gone).remove_claims(thing.namespace, order, tell)

    def _uninstalled(
        self, steps: Steps, helm: Helm, folder: Path, thing: Thing, found: Release, tell: Tell, order: Order
    ) -> None:
        """Take a release away and wait until all of it is gone. Raises Unavailable that names what stays.

        Helm's record of it is kept until then: it says what there was. The objects of hooks and the claims of
        StatefulSets, which Helm leaves behind, are removed here.
        """
        made = HelmObjects(steps, self._clock, self._patience.gone)
        objects, hooks = _told(helm, folder, thing, "manifest"), _told(helm, folder, thing, "hooks")
        ours = owner(order.broker, order.instance, order.entry.team)
        made.label_claims(objects, ours)
        made.remove_hooks(hooks, ours, tell)
        tell(f"removing the release {thing.name}")
        place = f"--namespace={thing.namespace}"
        if found.state != UNINSTALLED:
            wait = f"--timeout={self._patience.gone:.0f}s"
            helm.run(folder, "uninstall", thing.name, place, "--keep-history", "--cascade=foreground", wait)
        made.remove(objects, thing, tell)
        made.remove_hooks(hooks, ours, tell)
        made.remove_claims(thing.namespace, order, tell)
        helm.run(folder, "uninstall", thing.name, place, "--ignore-not-found")

    def look(self, things: Sequence[Thing], blueprint: Blueprint, order: Order) -> Sequence[Drift]:
        steps, found = Steps(self._cluster), []
        for thing, values in zip(things, blueprint.manifests, strict=False):
            one = release(steps, thing.namespace, thing.name)
            if not one or not belongs(one.labels, owner(order.broker, order.instance, order.entry.team)):
                found.append(Drift(thing, "missing"))
            elif one.state != DEPLOYED or one.labels.get(VALUES) != digest(values):
                found.append(Drift(thing, "changed"))
            else:
                with workplace() as folder:
                    objects = _told(self._helm, folder, thing, "manifest")
                missing = HelmObjects(steps, self._clock, self._patience.gone).missing(objects)
                found += [Drift(thing, "changed")] if missing else []
        return found

    def _namespace(self, order: Order) -> str:
        return text(_provision(order).namespace, order, "namespace") or self._home


def _told(helm: Helm, folder: Path, thing: Thing, what: str) -> tuple[Thing, ...]:
    """The objects of a release (`manifest`, `hooks`); none where it was hardly begun."""
    try:
        return parsed(helm.run(folder, "get", what, thing.name, f"--namespace={thing.namespace}"), thing)
    except HelmFailed as error:
        if NOT_FOUND in error.message:
            return ()
        raise


def _hidden(order: Order, values: Json) -> tuple[str, ...]:
    """The credentials, and the values of the chart that hold one."""
    given = tuple(filter(None, order.credentials.values()))
    return given + tuple(value for value in texts(values) if any(one in value for one in given))


def _called(order: Order, thing: Thing, objects: Sequence[Thing]) -> str:
    """The name of the Service that consumers call: as the entry says, else the release's, else that of the only one."""
    provision, services = _provision(order), [one.name for one in objects if one.kind == SERVICE.name]
    name = text(provision.name, order, "name") or thing.name
    return services[0] if name not in services and not provision.name and len(services) == 1 else name


def _provision(order: Order) -> HelmChart:
    provision = order.entry.provision
    if not isinstance(provision, HelmChart):
        raise TesseraError(f"{order.entry.title} is not a Helm chart.")
    return provision
