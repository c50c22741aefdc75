"""One provisioner for every kind of provision: it hands each order to the one that its entry names."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.broker.drawing import Drawing
from bot.broker.existing import Existing
from bot.broker.external import External
from bot.broker.helm import Releases
from bot.broker.helm_program import Helm
from bot.broker.objects import Explain, Objects, Patience
from commands.base.errors import TesseraError
from commands.base.ports import Clock, Cluster
from commands.broker.ports import Blueprint, Drift, Note, Order, Provisioner, Tell
from commands.broker.records import Thing
from explainers.catalog.model import ExistingService, ExternalURL, HelmChart, NewObjects, Provision


class Provisioning:
    """The port `Provisioner`. `kinds` are the provisioners by the class of provision that they serve."""

    def __init__(self, kinds: Mapping[type[Provision], Provisioner]) -> None:
        self._kinds = dict(kinds)

    def draw(self, order: Order) -> Blueprint:
        return self._of(order).draw(order)

    def make(self, order: Order, blueprint: Blueprint, note: Note, tell: Tell) -> Mapping[str, str]:
        return self._of(order).make(order, blueprint, note, tell)

    def remove(self, things: Sequence[Thing], order: Order, tell: Tell) -> None:
        self._of(order).remove(things, order, tell)

    def look(self, things: Sequence[Thing], blueprint: Blueprint, order: Order) -> Sequence[Drift]:
        return self._of(order).look(things, blueprint, order)

    def _of(self, order: Order) -> Provisioner:
        kind = type(order.entry.provision)
        if kind not in self._kinds:
            raise TesseraError(
                f"This broker cannot make what {order.entry.title} offers ({kind.__name__}).",
                "an administrator has to set up what it needs",
            )
        return self._kinds[kind]


@dataclass(frozen=True)
class Charts:
    """What Helm charts need: the program, the folder whose charts may be named by a path, registries without TLS."""

    helm: Helm
    folder: Path | None = None
    plain: tuple[str, ...] = ()


def in_cluster(
    cluster: Cluster,
    clock: Clock,
    home: str,
    explain: Explain,
    kinds: Collection[str] = (),
    accounts: Collection[str] = (),
    patience: Patience | None = None,
    charts: Charts | None = None,
) -> Provisioning:
    """What a broker makes with the rights of `cluster`. `home` is its namespace; `kinds` may be made besides the usual
    ones, and pods may run as `accounts` besides the default one. Without `charts` nothing is made by Helm."""
    made: dict[type[Provision], Provisioner] = {
        ExternalURL: External(),
        ExistingService: Existing(cluster),
        NewObjects: Objects(cluster, clock, Drawing(home, kinds, accounts), explain, patience),
    }
    if charts:
        made[HelmChart] = Releases(charts.helm, cluster, clock, home, explain, patience, charts.folder, charts.plain)
    return Provisioning(made)
