"""What a parity case is, and the place in which a copy of it lives."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from explainers.kinds import Kind
from explainers.operations.base import Json, Operation, Permission

Objects = tuple[Json, ...]
Read = Callable[[Kind, str], Json]


@dataclass(frozen=True)
class Place:
    """Where one copy of a case lives: a namespace, a node of its own, and a way to read what is there."""

    namespace: str
    node: str
    read: Read = field(compare=False)


@dataclass(frozen=True)
class Case:
    """`make` builds the operation for a place; `leaves` names the object to compare, or `returns` the data.

    `before` are the objects to make first, `revisions` what they are changed to, and `node` the spec of a node of no
    kubelet; `ready` waits for a pod of that name to run. `also` are rights that the API asks for beside the
    operation's own; what is `open_to_all` needs none.
    """

    make: Callable[[Place], Operation]
    leaves: tuple[Kind, str] | None = None
    returns: (
        Literal["object", "metadata", "items", "names", "rows", "text", "stdout", "allowed", "events", "rolled out"]
        | None
    ) = None
    before: Objects = ()
    ready: str = ""
    revisions: tuple[Json, ...] = ()
    node: Json | None = None
    also: tuple[Permission, ...] = ()
    open_to_all: bool = False
