"""A Service that runs already: it must exist, and says itself where it is."""

from collections.abc import Mapping, Sequence

from bot.broker.addresses import of_service
from bot.broker.steps import Steps
from commands.base.errors import NotFound, TesseraError
from commands.base.ports import Cluster
from commands.broker.ports import Blueprint, Drift, Note, Order, Tell
from commands.broker.records import Thing
from explainers.catalog.model import ExistingService
from explainers.diagnosis.near import nearest
from explainers.kinds import SERVICE
from explainers.operations.base import Json
from explainers.operations.reads import Get, List


class Existing:
    """The port `Provisioner` for Services that others run. It only ever reads."""

    def __init__(self, cluster: Cluster) -> None:
        self._steps = Steps(cluster)

    def draw(self, order: Order) -> Blueprint:
        """Raises NotFound with the nearest names when there is no such Service."""
        self._address(order)
        return Blueprint()

    def make(self, order: Order, blueprint: Blueprint, note: Note, tell: Tell) -> Mapping[str, str]:
        return self._address(order)

    def remove(self, things: Sequence[Thing], order: Order, tell: Tell) -> None:
        """Nothing was made."""

    def look(self, things: Sequence[Thing], blueprint: Blueprint, order: Order) -> Sequence[Drift]:
        """The Service may have gone since."""
        provision = _provision(order)
        if not self._steps.send(Get(SERVICE, provision.namespace, provision.name)).absent:
            return ()
        return (Drift(Thing(SERVICE.name, SERVICE.api_version, provision.namespace, provision.name), "missing"),)

    def _address(self, order: Order) -> Mapping[str, str]:
        provision = _provision(order)
        return of_service(self.service(provision.namespace, provision.name), provision.port, provision.scheme)

    def service(self, namespace: str, name: str) -> Json:
        """Raises NotFound."""
        answer = self._steps.send(Get(SERVICE, namespace, name))
        if answer.ok:
            return answer.object
        others = self._steps.cluster.run(List(SERVICE, namespace, metadata_only=True)).items
        near = nearest(name, [str(one["metadata"]["name"]) for one in others if isinstance(one.get("metadata"), dict)])
        also = f"; the nearest is {near[0]}" if near else ""
        raise NotFound(
            f"There is no Service {name} in the namespace {namespace}{also}.",
            "correct the catalog entry, or make the Service",
        )


def _provision(order: Order) -> ExistingService:
    provision = order.entry.provision
    if not isinstance(provision, ExistingService):
        raise TesseraError(f"{order.entry.title} is not an existing service.")
    return provision
