"""What Helm keeps of its releases in the cluster, read without their values: whose, in which state, made of what.

Helm keeps each revision of a release in a Secret whose labels say its name, state and number, and the labels that it
was installed with. Source: https://helm.sh/docs/topics/advanced/#storage-backends
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.broker.steps import Steps
from explainers.kinds import SECRET
from explainers.operations.base import Json
from explainers.operations.objects import mapping
from explainers.operations.reads import List

VALUES = "tessera.dev/values"
"""The label that tells with which values a release was installed, by their digest."""
DEPLOYED, UNINSTALLED = "deployed", "uninstalled"
_ENDING = ("uninstalling", UNINSTALLED)


@dataclass(frozen=True)
class Release:
    """The newest revision of a release; `uid` is that of the oldest one that is kept. `upgradable`: one of its
    revisions was installed whole, and nobody has begun to take it away."""

    state: str
    revision: int
    uid: str
    labels: Mapping[str, str] = field(default_factory=dict)
    upgradable: bool = False


def release(steps: Steps, namespace: str, name: str) -> Release | None:
    """None where there is no release of that name."""
    found = steps.send(List(SECRET, namespace, labels=f"owner=helm,name={name}", metadata_only=True)).items
    revisions = sorted((mapping(one, "metadata") for one in found), key=_number)
    if not revisions:
        return None
    labels = mapping(revisions[-1], "labels")
    before = any(mapping(one, "labels").get("status") in (DEPLOYED, "superseded") for one in revisions)
    uid = str(revisions[0].get("uid") or "")
    state = str(labels.get("status") or "")
    return Release(state, _number(revisions[-1]), uid, labels, before and state not in _ENDING)


def _number(metadata: Json) -> int:
    version = str(mapping(metadata, "labels").get("version") or "0")
    return int(version) if version.isdecimal() else 0


def digest(values: Json) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:40]
