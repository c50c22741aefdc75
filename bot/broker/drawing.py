"""From templates to the manifests of one instance: rendered, checked, named, labelled."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from commands.base.errors import TesseraError, UsageError
from commands.broker.owners import owner
from commands.broker.ports import Blueprint, Order
from commands.broker.records import Thing
from explainers.catalog.allowed import refusals
from explainers.catalog.model import NewObjects
from explainers.catalog.templates import TemplateProblem, names, render, render_text, variables
from explainers.operations.base import Json
from explainers.operations.objects import listed, mapping


@dataclass(frozen=True)
class Drawing:
    """Draws the objects of an instance. `home` is where things are made whose entry names no namespace; `kinds` may be
    made besides the usual ones, and pods may run as `accounts` besides the default one."""

    home: str
    kinds: Collection[str] = ()
    accounts: Collection[str] = ()

    def blueprint(self, order: Order) -> Blueprint:
        """Raises TesseraError for what cannot be drawn or must not be made."""
        if not order.templates:
            raise UsageError(
                f"Nothing can be made for {order.entry.title}: its selector matches no enabled objects.",
                "`tessera catalog lint` says which ConfigMaps there are and what is wrong with them",
            )
        labels = owner(order.broker, order.instance, order.entry.team)
        namespace = self.place(order)[0]
        manifests = tuple(
            self._manifest(template.manifest, template.source, order, namespace, labels) for template in order.templates
        )
        things = tuple(_thing(manifest) for manifest in manifests)
        if doubled := {str(thing) for thing in things if things.count(thing) > 1}:
            raise UsageError(
                f"Two templates of {order.entry.title} make the same object: {', '.join(sorted(doubled))}."
            )
        return Blueprint(things, manifests)

    def place(self, order: Order) -> tuple[str, str]:
        """The namespace where things are made, and the Service that consumers call (empty where none is named)."""
        provision = order.entry.provision
        if not isinstance(provision, NewObjects):
            raise TesseraError(f"{order.entry.title} does not make objects.")
        return text(provision.namespace, order, "namespace") or self.home, text(provision.name, order, "name")

    def _manifest(self, template: Json, source: str, order: Order, namespace: str, labels: dict[str, str]) -> Json:
        manifest = filled(template, order, source)
        if not isinstance(manifest, dict) or not mapping(manifest, "metadata").get("name"):
            raise UsageError(f"The object in {source} has no metadata.name.", "name it, so that it can be found again")
        if not manifest.get("kind") or not manifest.get("apiVersion"):
            raise UsageError(f"The object in {source} has no kind or apiVersion.")
        metadata = mapping(manifest, "metadata")
        manifest = {**manifest, "metadata": {**metadata, "namespace": metadata.get("namespace") or namespace}}
        if refused := refusals(manifest, self.kinds, self.accounts):
            raise UsageError(f"The object in {source} may not be made: {'; '.join(map(str, refused))}")
        return labelled(manifest, labels)


def values_for(order: Order) -> Mapping[str, Any]:
    """What the templates of an order may use."""
    instance = names(order.instance, order.entry.service)
    return variables(order.entry, instance, order.namespace, order.parameters, order.credentials)


def filled(thing: Any, order: Order, source: str) -> Any:
    """JSON-like data with its templates filled in. Raises UsageError that names the place."""
    try:
        return render(thing, values_for(order))
    except TemplateProblem as problem:
        raise UsageError(f"{source}: {problem}", "the owning team corrects the template") from None


def text(template: str, order: Order, key: str) -> str:
    """One text of the entry. Raises UsageError."""
    try:
        return render_text(template, values_for(order), (key,)) if template else ""
    except TemplateProblem as problem:
        raise UsageError(
            f"{order.entry.source or order.entry.title}: {problem}", "the owning team corrects the entry"
        ) from None


def labelled(manifest: Json, labels: dict[str, str]) -> Json:
    """The object with the labels, also on the pods and claims that it makes; selectors stay as they are."""
    manifest = _with(manifest, labels)
    spec = mapping(manifest, "spec")
    if "template" in spec and "selector" in spec:
        spec = {**spec, "template": _with(mapping(spec, "template"), labels)}
    if manifest["kind"] == "Job":
        spec = {**spec, "template": _with(mapping(spec, "template"), labels)}
    if claims := listed(spec.get("volumeClaimTemplates")):
        spec = {**spec, "volumeClaimTemplates": [_with(claim, labels) for claim in claims]}
    return {**manifest, "spec": spec} if spec else manifest


def _with(thing: Json, labels: dict[str, str]) -> Json:
    metadata = mapping(thing, "metadata")
    return {**thing, "metadata": {**metadata, "labels": {**mapping(metadata, "labels"), **labels}}}


def _thing(manifest: Json) -> Thing:
    metadata = mapping(manifest, "metadata")
    return Thing(manifest["kind"], manifest["apiVersion"], str(metadata["namespace"]), str(metadata["name"]))
