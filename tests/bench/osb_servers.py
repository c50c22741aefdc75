"""Brokers that the bench compares, each in a process of its own: ours, and one written with openbrokerapi.

Both keep instances and bindings in memory and check the same: that a repeat is the same wish, that a plan is known.
"""

import logging
import sys
import threading
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.http.serving import HttpServer
from bot.osb.app import osb_app
from bot.osb.users import Users
from explainers.catalog.model import Shelf
from tests.fakes.broker import FakeBroker
from tests.unit.bot.osb.shelves import FAST

USER, PASSWORD = "bench", "of-the-bench"


def ours(port: int, entries: int) -> None:
    """The API over a broker in memory, with so many entries in its catalog."""
    shelf = Shelf(
        (FAST, *(replace(FAST, offering=f"index-{number}", uuid=f"plan-{number}") for number in range(1, entries))),
        revision="bench",
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "users"
        path.write_text(f"{USER}:{PASSWORD}\n", encoding="utf-8")
        HttpServer("127.0.0.1", port).start(osb_app(FakeBroker(shelf), Users(path)))
        threading.Event().wait()


def theirs(port: int) -> None:
    """The same minimal broker with openbrokerapi, on the server that ours has: what differs is the API alone.

    Flask's own server is none for this: it takes a request that follows at once for a rest of the one before.
    """
    import uvicorn
    from flask import Flask
    from openbrokerapi.api import get_blueprint
    from openbrokerapi.auth import BrokerCredentials

    logging.disable(logging.CRITICAL)
    app = Flask("bench")
    credentials = BrokerCredentials(USER, PASSWORD)
    app.register_blueprint(get_blueprint(_minimal(), credentials, logging.getLogger("bench")))
    uvicorn.run(app, host="127.0.0.1", port=port, interface="wsgi", log_config=None, access_log=False)


def _minimal() -> Any:
    from openbrokerapi import errors
    from openbrokerapi.catalog import ServicePlan
    from openbrokerapi.service_broker import (
        Binding,
        BindState,
        DeprovisionServiceSpec,
        ProvisionedServiceSpec,
        ProvisionState,
        Service,
        ServiceBroker,
        UnbindSpec,
    )

    plan = ServicePlan(id=FAST.plan_id, name=FAST.plan, description=FAST.description)
    service = Service(id=FAST.service_id, name=FAST.service, description=FAST.description, bindable=True, plans=[plan])

    class Minimal(ServiceBroker):  # type: ignore[misc]
        def __init__(self) -> None:
            self._lock = threading.Lock()
            self._instances: dict[str, Any] = {}
            self._bindings: dict[str, Any] = {}

        def catalog(self) -> Any:
            return service

        def provision(self, instance_id: str, details: Any, async_allowed: bool, **_more: Any) -> Any:
            wish = (details.plan_id, details.organization_guid, details.space_guid, details.parameters)
            with self._lock:
                if self._instances.setdefault(instance_id, wish) is not wish:
                    raise errors.ErrInstanceAlreadyExists
            return ProvisionedServiceSpec(ProvisionState.SUCCESSFUL_CREATED)

        def deprovision(self, instance_id: str, details: Any, async_allowed: bool, **_more: Any) -> Any:
            with self._lock:
                if self._instances.pop(instance_id, None) is None:
                    raise errors.ErrInstanceDoesNotExist
            return DeprovisionServiceSpec(is_async=False)

        def bind(self, instance_id: str, binding_id: str, details: Any, async_allowed: bool, **_more: Any) -> Any:
            with self._lock:
                if instance_id not in self._instances:
                    raise errors.ErrInstanceDoesNotExist
                self._bindings[binding_id] = (instance_id, details.plan_id, details.parameters)
            credentials = {"host": "db", "port": "5432", "password": f"of {binding_id}"}
            return Binding(BindState.SUCCESSFUL_BOUND, credentials=credentials)

        def unbind(self, instance_id: str, binding_id: str, details: Any, async_allowed: bool, **_more: Any) -> Any:
            with self._lock:
                if self._bindings.pop(binding_id, None) is None:
                    raise errors.ErrBindingDoesNotExist
            return UnbindSpec(is_async=False)

    return Minimal()


if __name__ == "__main__":
    theirs(int(sys.argv[1])) if sys.argv[2] == "openbrokerapi" else ours(int(sys.argv[1]), int(sys.argv[2]))
