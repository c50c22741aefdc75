"""Cases of changes of nodes."""

from explainers import kinds
from explainers.operations import nodes
from explainers.operations.base import Json
from tests.contract.parity_cases.case import Case, Place

TAINT: Json = {"key": "parity", "value": "x", "effect": "PreferNoSchedule"}


def place_taints(place: Place) -> list[Json]:
    taints = place.read(kinds.NODE, place.node)["spec"].get("taints")
    return taints if isinstance(taints, list) else []


NODES: dict[str, Case] = {
    "cordon": Case(lambda p: nodes.Cordon(p.node), (kinds.NODE, ""), node={}),
    "uncordon": Case(lambda p: nodes.Uncordon(p.node), (kinds.NODE, ""), node={"unschedulable": True}),
    "add a taint": Case(
        lambda p: nodes.AddTaint(p.node, "more", "NoSchedule", "", tuple(place_taints(p))),
        (kinds.NODE, ""),
        node={"taints": [TAINT]},
    ),
    "remove a taint": Case(
        lambda p: nodes.RemoveTaint(p.node, "parity", "PreferNoSchedule", tuple(place_taints(p))),
        (kinds.NODE, ""),
        node={"taints": [TAINT]},
    ),
}
