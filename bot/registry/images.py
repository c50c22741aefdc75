"""What manifests, indexes and configurations of images say.

Formats: https://github.com/opencontainers/image-spec/blob/main/image-index.md, manifest.md and config.md there, and
Docker's older ones, which have the same fields.
"""

import json
from collections.abc import Mapping

from explainers.builds.references import BadReference, check_digest


def platform_of(index: bytes) -> str:
    """The digest of the first image in an index that can run, attestations left out; empty when this is no index."""
    for one in _items(_object(index).get("manifests")):
        if _mapping(one.get("platform")).get("os") != "unknown":
            return _digest(one)
    return ""


def config_of(manifest: bytes) -> str:
    """The digest of the configuration of an image; empty when it has none."""
    return _digest(_mapping(_object(manifest).get("config")))


def labels_of(config: bytes) -> Mapping[str, str]:
    """The labels in a configuration."""
    labels = _mapping(_mapping(_object(config).get("config")).get("Labels"))
    return {key: value for key, value in labels.items() if isinstance(value, str)}


def _digest(described: Mapping[str, object]) -> str:
    try:
        return check_digest(str(described.get("digest", "")))
    except BadReference:
        return ""


def _object(body: bytes) -> Mapping[str, object]:
    try:
        return _mapping(json.loads(body))
    except (ValueError, RecursionError):
        return {}


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _items(value: object) -> list[Mapping[str, object]]:
    return [_mapping(one) for one in value] if isinstance(value, list) else []
