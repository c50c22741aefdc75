"""Scenario files: what a namespace holds, what its images do, and what happened there until now.

A file has `title`, `namespace`, optionally `images` (see `bot.sandbox.node.images.Image`) and `access` (rules
that deny), and a `timeline`: steps with `ago` ("9d", "18m"), each with objects to `apply` (merged into what is there)
and to `delete`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources
from typing import Any

import yaml

from bot.sandbox.access import DenyRule
from bot.sandbox.jsonish import Object
from bot.sandbox.node.images import Image, image_from

CLUSTER = "_cluster"
_AGO = re.compile(r"^(?P<number>[0-9]+)(?P<unit>[smhd])$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class ScenarioError(ValueError):
    """A scenario file is missing or wrong; the text says which and what."""


@dataclass(frozen=True)
class Step:
    """One moment of the past: objects applied and objects deleted."""

    ago: timedelta
    apply: tuple[Object, ...] = ()
    delete: tuple[Object, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """One file, read and checked."""

    name: str
    title: str
    namespace: str
    images: tuple[Image, ...]
    denials: tuple[DenyRule, ...]
    timeline: tuple[Step, ...]


def names() -> tuple[str, ...]:
    """List the scenarios that come with the sandbox."""
    files = resources.files(__name__).iterdir()
    found = (file.name.removesuffix(".yaml") for file in files if file.name.endswith(".yaml"))
    return tuple(sorted(name for name in found if name != CLUSTER))


def load(name: str) -> Scenario:
    """Read a scenario by name.

    Raises ScenarioError.
    """
    file = resources.files(__name__) / f"{name}.yaml"
    if not file.is_file():
        raise ScenarioError(f"no scenario {name!r}; there are: {', '.join(names())}")
    return parse(name, file.read_text(encoding="utf-8"))


def parse(name: str, text: str) -> Scenario:
    """Read a scenario from YAML text.

    Raises ScenarioError.
    """
    try:
        values = yaml.load(text, Loader=yaml.CSafeLoader)
        namespace = values.get("namespace", "")
        return Scenario(
            name,
            str(values.get("title", name)),
            namespace,
            tuple(image_from(pattern, item or {}) for pattern, item in (values.get("images") or {}).items()),
            tuple(_rule(item) for item in values.get("access") or ()),
            tuple(_step(item, namespace) for item in values["timeline"]),
        )
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ScenarioError(f"scenario {name}: {error}") from error


def _rule(values: Mapping[str, Sequence[str]]) -> DenyRule:
    return DenyRule(**{key: tuple(value) for key, value in values.items()})


def _step(values: Mapping[str, Any], namespace: str) -> Step:
    found = _AGO.match(str(values["ago"]))
    if not found:
        raise ValueError(f"ago: {values['ago']!r} is no duration such as 18m")
    ago = timedelta(**{_UNITS[found["unit"]]: int(found["number"])})
    applied = [_placed(item, namespace) for item in values.get("apply") or ()]
    return Step(ago, tuple(applied), tuple(_placed(item, namespace) for item in values.get("delete") or ()))


def _placed(item: Object, namespace: str) -> Object:
    meta = dict(item.get("metadata") or {})
    if namespace:
        meta.setdefault("namespace", namespace)
    return {**item, "metadata": meta}
