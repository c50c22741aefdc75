"""Whether an object in the cluster still is what a manifest says: pure.

The API fills in what a manifest leaves open, so only what the manifest says is compared, and quantities and numbers by
their meaning. Fields that others manage (status, replicas that an autoscaler sets) count only if the manifest has them.
"""

import base64
from typing import Any

from explainers.operations.base import Json
from explainers.quantities import amount

_NAMED = "name"


def differs(wanted: Json, live: Json) -> str:
    """The path of the first field that is not as the manifest says; empty when all are."""
    manifest = _with_data(wanted) if wanted.get("kind") == "Secret" else wanted
    return _first(manifest, live, "")


def _with_data(secret: Json) -> Json:
    """The API keeps the texts of a Secret (`stringData`) with the others, encoded."""
    plain = secret.get("stringData")
    if not isinstance(plain, dict):
        return secret
    encoded = {key: base64.b64encode(str(value).encode()).decode() for key, value in plain.items()}
    rest = {key: value for key, value in secret.items() if key != "stringData"}
    return {**rest, "data": {**(secret.get("data") or {}), **encoded}}


def _first(wanted: Any, live: Any, path: str) -> str:
    if wanted is None or (wanted in ("", {}, []) and live in (None, "", {}, [])):
        return ""  # `null` says nothing: kubectl writes it for what the API is to fill in
    if isinstance(wanted, dict):
        held = live if isinstance(live, dict) else {}
        found = (_first(value, held.get(key), f"{path}.{key}" if path else key) for key, value in wanted.items())
        return next(filter(None, found), "")
    if isinstance(wanted, list):
        return _in_list(wanted, live if isinstance(live, list) else [], path)
    exact = path.startswith("data.")  # what programs read: 1 and 1.0 are not the same there
    return "" if wanted == live or (not exact and _same(wanted, live)) else path


def _in_list(wanted: list[Any], live: list[Any], path: str) -> str:
    """Lists of named things are compared by name: what an admission webhook adds to them is not a change."""
    if all(isinstance(one, dict) and _NAMED in one for one in wanted):
        by_name = {one.get(_NAMED): one for one in live if isinstance(one, dict)}
        found = (_first(one, by_name.get(one[_NAMED]), f"{path}[{one[_NAMED]}]") for one in wanted)
        return next(filter(None, found), "")
    if len(live) < len(wanted):
        return path
    found = (_first(one, held, f"{path}[{index}]") for index, (one, held) in enumerate(zip(wanted, live, strict=False)))
    return next(filter(None, found), "")


def _same(wanted: Any, live: Any) -> bool:
    if str(wanted) == str(live):
        return True
    quantity = amount(wanted)
    return quantity is not None and quantity == amount(live)
