"""A CredentialSource of plain data: Secrets and what a Vault holds, by name and path."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from commands.base.errors import NotFound
from commands.broker.ports import Issued, Order
from explainers.catalog.model import FromCatalog, FromSecret, FromVault, Generated


@dataclass
class FakeCredentials:
    """Implements CredentialSource. `vault` has KV values by path; whatever is asked below `database/creds/` is made for
    the asker, and `leases` are those that live."""

    secrets: dict[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    vault: dict[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    leases: set[str] = field(default_factory=set)
    reach: Callable[[Callable[[], Any]], Any] = lambda what: what()
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def issue(self, order: Order, binding: str) -> Issued:
        match order.entry.credential:
            case FromCatalog(username, password):
                return Issued({"username": username, "password": password})
            case FromSecret(name):
                return Issued(_there(self.secrets, name))
            case FromVault(_, _, path) if path.startswith("database/creds/"):
                lease = f"{path}/{next(self._numbers)}"
                self.reach(lambda: self.leases.add(lease))
                return Issued({"username": f"v-{lease}", "password": "made"}, lease)
            case FromVault(_, _, path):
                return Issued(_there(self.vault, path))
            case Generated():
                return Issued(dict(order.credentials))
        return Issued({})

    def revoke(self, order: Order, lease: str) -> None:
        self.reach(lambda: self.leases.discard(lease))


def _there(held: Mapping[str, Mapping[str, str]], name: str) -> Mapping[str, str]:
    if name not in held:
        raise NotFound(f"There is nothing at {name}.")
    return held[name]
