"""What the API needs of a broker: all that the specification asks for, apart from HTTP."""

from typing import Protocol

from commands.broker.records import Binding, Instance, Operation
from commands.broker.wishes import BindWish, Bound, Provisioned, ProvisionWish, UpdateWish
from explainers.catalog.model import Shelf


class Broker(Protocol):
    """Every method raises the errors of commands/broker/errors.py, and Unavailable when a part does not answer.

    What is under way is told by the record's operation: it is `in progress` and asynchronous. Older platforms send the
    plan's id as `service_id`, too: it is taken for the service.
    """

    def shelf(self) -> Shelf: ...

    def provision(self, wish: ProvisionWish) -> Provisioned: ...

    def update(self, wish: UpdateWish) -> Instance: ...

    def deprovision(self, id: str, service_id: str, plan_id: str, incomplete: bool, by: str = "") -> Instance | None:
        """None: it is gone already."""

    def bind(self, wish: BindWish) -> Bound: ...

    def unbind(
        self, instance: str, id: str, service_id: str, plan_id: str, incomplete: bool, by: str = ""
    ) -> Binding | None:
        """None: it is gone already."""

    def instance(self, id: str) -> Instance:
        """Raises Absent for one that is not there, or not yet, and Busy while it is updated."""

    def binding(self, instance: str, id: str) -> Bound:
        """Raises Absent for one that is not there, or not yet."""

    def last_operation(self, id: str, operation: str = "", service_id: str = "", plan_id: str = "") -> Operation:
        """Raises Gone after an asynchronous removal, Absent where there never was anything."""

    def last_binding_operation(
        self, instance: str, id: str, operation: str = "", service_id: str = "", plan_id: str = ""
    ) -> Operation: ...
