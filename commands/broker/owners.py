"""Whose a thing in the cluster is: the labels that everything carries which a broker makes.

A thing belongs to an instance when it says so itself: the instance's label and the broker's, both. Two brokers in one
cluster therefore never take each other's things for their own, not even with the same instance id.
"""

import hashlib
import re
from collections.abc import Mapping

INSTANCE = "tessera.dev/instance"
BINDING = "tessera.dev/binding"
BROKER = "tessera.dev/broker"
TEAM = "tessera.dev/team"
MANAGED_BY = "app.kubernetes.io/managed-by"
TESSERA = "tessera"
_VALUE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")


def label_value(text: str) -> str:
    """The text itself where it can be a label's value (63 characters, no blanks …), else a digest of it.

    Platforms choose ids, and people choose the names of teams. Source:
    https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
    """
    if _VALUE.fullmatch(text):
        return text
    return f"sha256-{hashlib.sha256(text.encode()).hexdigest()[:40]}"


def owner(broker: str, instance: str, team: str, binding: str = "") -> dict[str, str]:
    """The labels of what is made for an instance, or for one of its bindings."""
    bound = {BINDING: label_value(binding)} if binding else {}
    names = {BROKER: label_value(broker), INSTANCE: label_value(instance), TEAM: label_value(team)}
    return {MANAGED_BY: TESSERA, **names, **bound}


def belongs(labels: object, owner: Mapping[str, str]) -> bool:
    """Whether an object with these labels was made for that owner: the team may have changed its name since."""
    if not isinstance(labels, Mapping):
        return False
    return all(labels.get(key) == owner.get(key) for key in (BROKER, INSTANCE, BINDING))


def selector(owner: Mapping[str, str]) -> str:
    """The label selector that finds what belongs to the owner."""
    return ",".join(f"{key}={owner[key]}" for key in (BROKER, INSTANCE, BINDING) if key in owner)
