"""Plain JSON values: the one shape in which objects travel through the sandbox."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

Object = dict[str, Any]
Objects = list[Object]

_PLAIN = frozenset((str, int, float, bool, type(None)))


def copied(value: Any) -> Any:
    """Copy a JSON value deeply; several times faster than `copy.deepcopy` on plain dicts and lists."""
    kind = type(value)
    if kind is dict:
        return {key: item if type(item) in _PLAIN else copied(item) for key, item in value.items()}
    if kind is list:
        return [item if type(item) in _PLAIN else copied(item) for item in value]
    return value if kind in _PLAIN else copy.deepcopy(value)


def without_nulls(value: Any) -> Any:
    """Copy a JSON value without what is null: to the API a null field is an absent one."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value if item is not None]
    return value


def dig(value: Any, *path: str | int, default: Any = None) -> Any:
    """Follow `path` through dicts and lists; `default` where a step is missing or null."""
    for step in path:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return default
        if value is None:
            return default
    return value


def timestamp(moment: datetime) -> str:
    """Format as the API does (RFC 3339, whole seconds, UTC): `2026-11-21T02:32:38Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def micro_timestamp(moment: datetime) -> str:
    """Format as the API's MicroTime: `2026-11-21T02:32:38.000123Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_timestamp(text: str) -> datetime:
    """Read either of the two API formats.

    Raises ValueError for anything else.
    """
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
