"""Manifests and values with templates in them, for one instance."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from explainers.catalog.decoding import DEEPEST, Path, Unreadable, plain
from explainers.catalog.fields import written
from explainers.catalog.model import Entry, Json
from explainers.catalog.sandboxing import LONGEST_TEXT, Budget, Refused, evaluated

LONGEST = 256 * 1024
"""How much a manifest may hold once it is rendered, in characters."""
_MARKS = re.compile(r"\{\{|\{%|\{#")
_TEXTS = {"labels", "annotations", "matchLabels", "stringData", "nodeSelector"}


class TemplateProblem(ValueError):
    """A template cannot be rendered; `path` is where it stands. The words hold no value."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(f"{written(path)}: {message}" if path else message)
        self.path, self.message = path, message


def names(id: str, wanted: str) -> dict[str, str]:
    """What templates know as `instance`. `short` differs between any two instances, and so does `name`, which is
    `wanted` as far as objects can be called so, and `short`: at most 40 characters."""
    short = hashlib.sha256(id.encode()).hexdigest()[:8]
    slug = re.sub(r"[^a-z0-9]+", "-", wanted.lower()).strip("-")[:31].strip("-")
    slug = slug if slug[:1].isalpha() else f"i-{slug}".strip("-")[:31].strip("-")
    return {"id": id, "name": f"{slug}-{short}", "short": short}


def variables(
    entry: Entry,
    instance: Mapping[str, str],
    namespace: str,
    parameters: Mapping[str, Any] | None = None,
    credentials: Mapping[str, str] | None = None,
) -> Json:
    """What templates of this entry may use. `namespace` is the consumer's."""
    return {
        "instance": dict(instance),
        "consumer": {"namespace": namespace},
        "parameters": dict(parameters or {}),
        "credentials": dict(credentials or {}),
        "team": entry.team,
        "offering": entry.offering,
        "version": entry.version,
    }


def is_template(text: str) -> bool:
    return _MARKS.search(text) is not None


def render(thing: Any, values: Mapping[str, Any]) -> Any:
    """The manifest or values with every template in it replaced, keys too. A text that is a single `{{ expression }}`
    becomes what the expression is: a number stays a number. Raises TemplateProblem."""
    budget, left = Budget(), [LONGEST]

    def walk(item: Any, path: Path) -> Any:
        if len(path) > DEEPEST:
            raise TemplateProblem(path[:3], f"This is nested more than {DEEPEST} levels deep.")
        if isinstance(item, dict):
            return _mapping(item, path)
        if isinstance(item, list):
            return [walk(each, (*path, at)) for at, each in enumerate(item)]
        if not isinstance(item, str):
            return item
        made = _evaluated(item, path) if is_template(item) else item
        left[0] -= len(made) if isinstance(made, str) else 1
        if left[0] < 0:
            raise TemplateProblem(path, f"All together may have {LONGEST // 1024} kB.")
        return made

    def _mapping(item: Json, path: Path) -> Json:
        found: Json = {}
        for key, each in item.items():
            name = walk(key, (*path, key))
            if not isinstance(name, str) or name in found:
                raise TemplateProblem((*path, key), "This must give a text that is no other key here.")
            found[name] = _as_texts(path, name, walk(each, (*path, key)))
        return found

    def _evaluated(text: str, path: Path) -> Any:
        try:
            made = evaluated(text, values, budget)
            return made if isinstance(made, str) else plain(made)
        except Refused as error:
            raise TemplateProblem(path, str(error)) from None
        except Unreadable as error:
            raise TemplateProblem(path, error.message) from None

    return walk(thing, ())


def render_text(text: str, values: Mapping[str, Any], path: Path = ()) -> str:
    """A single text: a namespace, a name. Raises TemplateProblem."""
    try:
        made = render(text, values)
    except TemplateProblem as error:
        raise TemplateProblem(path, error.message) from None
    if isinstance(made, bool | dict | list) or made is None:
        raise TemplateProblem(path, "This must give a text.")
    return str(made)


def _as_texts(path: Path, key: str, value: Any) -> Any:
    """Kubernetes takes texts alone in labels, annotations and the values of variables: a number becomes one there."""
    if key in _TEXTS and isinstance(value, dict):
        return {name: _text(each) for name, each in value.items()}
    if path == () and key == "data" and isinstance(value, dict):
        return {name: _text(each) for name, each in value.items()}
    in_variable = len(path) > 1 and path[-2] == "env" and isinstance(path[-1], int)
    return _text(value) if key == "value" and in_variable else value


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


__all__ = ["LONGEST_TEXT", "TemplateProblem", "is_template", "names", "render", "render_text", "variables"]
