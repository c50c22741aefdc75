"""What would go wrong when an instance is made: templates that fail, objects that are not allowed, names that clash."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from explainers.catalog.allowed import refusals
from explainers.catalog.assembling import Read, selects
from explainers.catalog.decoding import Path
from explainers.catalog.entries import found_block
from explainers.catalog.examples import example
from explainers.catalog.fields import Notes, folded
from explainers.catalog.model import Entry, Generated, HelmChart, Json, NewObjects, Problem
from explainers.catalog.tables import NAME, PROVISIONS
from explainers.catalog.templates import TemplateProblem, render, render_text

SHARED = "put `{{ instance.name }}` into it."


@dataclass(frozen=True)
class Making:
    """An entry and all that was read beside it."""

    read: Read
    entry: Entry
    beside: tuple[Read, ...]
    kinds: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()

    @cached_property
    def objects(self) -> tuple[Read, ...]:
        """The objects that the entry's selector finds."""
        provision = self.entry.provision
        if not isinstance(provision, NewObjects):
            return ()
        return tuple(each for each in self.beside if each.template and selects(provision, each.source))

    @cached_property
    def values(self) -> tuple[Json, Json]:
        """What templates know, for two instances."""
        return example(self.entry, 1), example(self.entry, 2)

    @property
    def place(self) -> Path:
        found = found_block(self.entry.raw, "provision", PROVISIONS, Notes("", lambda _: 0))
        return found[2] if found else ()

    def key(self, name: str) -> Path:
        data: Any = self.entry.raw
        for part in self.place:
            data = data[part]
        spelled = folded(data).get(name, []) if isinstance(data, dict) else []
        return (*self.place, *spelled[:1])

    def notes(self, read: Read) -> Notes:
        path, decoded = (read.found.path, read.found.decoded) if read.found else ((), None)
        return read.source.notes(path, decoded, self.entry.team)


def lint_making(making: Making) -> list[Problem]:
    """Nothing for what exists already."""
    provision = making.entry.provision
    notes = making.notes(making.read)
    if isinstance(provision, HelmChart):
        for name in ("namespace", "name"):
            _rendered_name(making, name, getattr(provision, name), notes)
        _tried(making, provision.values, making.key("values"), notes)
        _credentials(making, [provision.values], notes)
        return notes.problems
    if not isinstance(provision, NewObjects):
        return []
    namespace = _rendered_name(making, "namespace", provision.namespace, notes)
    called = _rendered_name(making, "name", provision.name, notes)
    if not making.objects:
        notes.add(making.key("labelselector"), f"No enabled ConfigMap has the labels `{provision.selector}`.")
        return notes.problems
    problems, made = [], []
    for read in making.objects:
        found, rendered = _object(making, read, namespace)
        problems += found
        made += [rendered] if rendered else []
    if len(made) == len(making.objects) and called:
        services = [_named(each) for each in made if each.get("kind") == "Service"]
        if called not in services:
            listed = f" There is {', '.join(f'`{each}`' for each in services)}." if services else ""
            notes.add(
                making.key("name"), f"None of the objects is a Service `{called}`, which consumers would call.{listed}"
            )
    manifests = [read.template.manifest for read in making.objects if read.template]
    _credentials(making, manifests, notes)
    return [*notes.problems, *problems]


def _rendered_name(making: Making, key: str, text: str, notes: Notes) -> str:
    """What a namespace or name would be; empty after a note, or where none is given."""
    if not text:
        return ""
    try:
        name = render_text(text, making.values[0])
    except TemplateProblem as error:
        notes.add(making.key(key), error.message)
        return ""
    if NAME.fits(name):
        return name
    notes.add(making.key(key), f"This would be `{name[:80]}`; it must be {NAME.said}.")
    return ""


def _tried(making: Making, thing: Any, path: Path, notes: Notes) -> tuple[Any, Any] | None:
    """What two instances would get, or None after a note."""
    try:
        return render(thing, making.values[0]), render(thing, making.values[1])
    except TemplateProblem as error:
        notes.add((*path, *error.path), error.message)
        return None


def _object(making: Making, read: Read, namespace: str) -> tuple[list[Problem], Json | None]:
    """What is wrong with one object, and what it would be."""
    notes = making.notes(read)
    if read.template is None or read.template.problems:
        return [], None  # told already
    whole = read.template.manifest
    both = _tried(making, whole, (), notes)
    for refusal in refusals(both[0] if both else whole, making.kinds, making.accounts):
        notes.add(refusal.path, refusal.message)
    told = both or _tried(making, _identity(whole), (), Notes("", lambda _: 0))
    for path, message in _shared(*told) if told else ():
        notes.add(path, message)
    if both is None:
        return notes.problems, None
    where = _metadata(both[0]).get("namespace")
    if where and namespace and where != namespace:
        notes.add(("metadata", "namespace"), f"The entry makes its objects in `{namespace}`: leave this out.")
    return notes.problems, both[0]


def _identity(manifest: Json) -> Json:
    """What tells an object from others, for when a template elsewhere in it fails."""
    spec = manifest.get("spec")
    selector = {"selector": spec["selector"]} if isinstance(spec, dict) and "selector" in spec else {}
    return {"kind": manifest.get("kind"), "metadata": _metadata(manifest), "spec": selector}


def _metadata(manifest: Json) -> Json:
    metadata = manifest.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def _named(manifest: Json) -> str:
    return str(_metadata(manifest).get("name"))


def _shared(one: Json, other: Json) -> Iterator[tuple[Path, str]]:
    """What two instances of the same consumer would fight about."""
    name, kind = _named(one), one.get("kind")
    if (name, _metadata(one).get("namespace")) == (_named(other), _metadata(other).get("namespace")):
        yield ("metadata", "name"), f"Two instances would share the {kind} `{name}`: {SHARED}"
    path: Path = ("spec", "selector") if kind == "Service" else ("spec", "selector", "matchLabels")
    if kind in ("Service", "Deployment", "ReplicaSet", "StatefulSet"):
        mine, others = _at(one, path), _at(other, path)
        if isinstance(mine, dict) and mine and mine == others:
            yield path, "This finds the pods of every instance: have a label with `{{ instance.name }}` here and there."


def _at(thing: Any, path: Path) -> Any:
    for key in path:
        thing = thing.get(key) if isinstance(thing, dict) else None
    return thing


def _credentials(making: Making, things: list[Any], notes: Notes) -> None:
    if isinstance(making.entry.credential, Generated) and "credentials" not in str(things):
        notes.add(
            making.place, "The generated password reaches nothing: write `{{ credentials.password }}` where it belongs."
        )
