"""What the program in a pushed image does, from the image's own configuration.

The label `dev.tessera.sandbox` says it in JSON, with the fields of `bot.sandbox.node.images.Image`; what it leaves
out is taken from the exposed ports and the user. Specification of the configuration:
https://github.com/opencontainers/image-spec/blob/main/config.md.
"""

from __future__ import annotations

import json
from typing import Any

from bot.sandbox.jsonish import Object, dig
from bot.sandbox.node.images import Exit, Image, image_from
from bot.sandbox.registry.blobs import Blobs, RefusedError

LABEL = "dev.tessera.sandbox"


def image_in(blobs: Blobs, host: str, reference: str) -> Image | None:
    """How the image of a full reference behaves, if it was pushed to these blobs; `host` is how they are addressed."""
    head, slash, rest = reference.partition("/")
    if head != host or not slash:
        return None
    path, _, digest = rest.partition("@")
    name, _, tag = path.partition(":")
    try:
        config = _config(blobs, name, digest or tag or "latest")
    except RefusedError:
        return None
    return _behaviour(reference, dig(config, "config", default={}) or {})


def _config(blobs: Blobs, name: str, reference: str) -> Object:
    """The configuration of an image; of the first one for a platform where the reference is an index."""
    manifest = blobs.manifest(name, reference).body
    if "manifests" in manifest:
        images = [one for one in manifest["manifests"] if dig(one, "platform", "os") != "unknown"]
        if not images:
            return {}
        return _config(blobs, name, images[0]["digest"])
    try:
        found: Object = json.loads(blobs.blob(manifest["config"]["digest"]).read_bytes())
    except ValueError:
        return {}
    return found


def _behaviour(reference: str, config: Object) -> Image:
    ports = [int(port.partition("/")[0]) for port in config.get("ExposedPorts") or {}]
    user = str(config.get("User") or "0").partition(":")[0]
    values: dict[str, Any] = {"listens": ports, "serves": {"*": 200}, "user": int(user) if user.isdecimal() else 0}
    said = (config.get("Labels") or {}).get(LABEL, "{}")
    try:
        return image_from(reference, values | json.loads(said))
    except (ValueError, TypeError) as error:
        return Image(reference, exit=Exit(0.1, 1, (f"the sandbox cannot read the label {LABEL}: {error}",)))
