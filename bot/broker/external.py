"""Something outside of the cluster: nothing is made, its URL is handed on as it is."""

from collections.abc import Mapping, Sequence

from bot.broker.addresses import of_url
from commands.base.errors import TesseraError
from commands.broker.ports import Blueprint, Drift, Note, Order, Tell
from commands.broker.records import Thing
from explainers.catalog.model import ExternalURL


class External:
    """The port `Provisioner` for external URLs."""

    def draw(self, order: Order) -> Blueprint:
        _address(order)
        return Blueprint()

    def make(self, order: Order, blueprint: Blueprint, note: Note, tell: Tell) -> Mapping[str, str]:
        return _address(order)

    def remove(self, things: Sequence[Thing], order: Order, tell: Tell) -> None:
        """Nothing was made."""

    def look(self, things: Sequence[Thing], blueprint: Blueprint, order: Order) -> Sequence[Drift]:
        return ()


def _address(order: Order) -> Mapping[str, str]:
    provision = order.entry.provision
    if not isinstance(provision, ExternalURL):
        raise TesseraError(f"{order.entry.title} is not an external URL.")
    return of_url(provision.url)
