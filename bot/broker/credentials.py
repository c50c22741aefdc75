"""Where credentials come from: the entry itself, a Secret beside it, Vault, what was generated, nowhere."""

import base64
import binascii

from bot.broker.drawing import text
from bot.broker.steps import Steps
from bot.broker.vault import VaultAccess, Vaults
from commands.base.errors import NotFound, UsageError
from commands.base.ports import Cluster
from commands.broker.ports import Issued, Order
from explainers.catalog.model import FromCatalog, FromSecret, FromVault, Generated, NoCredential
from explainers.kinds import SECRET
from explainers.operations.objects import mapping
from explainers.operations.reads import Get


class Credentials:
    """The port `CredentialSource`. `home` is the broker's namespace, where entries and their Secrets are."""

    def __init__(self, cluster: Cluster, home: str, vault: VaultAccess | None = None) -> None:
        self._steps = Steps(cluster)
        self._home = home
        self._vaults = Vaults(vault or VaultAccess())

    def issue(self, order: Order, binding: str) -> Issued:
        """Raises NotFound, UsageError, Denied, Unavailable; none of them holds a value."""
        match order.entry.credential:
            case FromCatalog(username, password):
                return Issued({key: value for key, value in (("username", username), ("password", password)) if value})
            case FromSecret(name):
                return Issued(self._from_secret(text(name, order, "credentialdata.secretname")))
            case FromVault() as source:
                return self._vaults.issue(source, text(source.path, order, "credentialdata.vaultpath"))
            case Generated():
                return Issued(dict(order.credentials))
            case NoCredential():
                return Issued({})

    def revoke(self, order: Order, lease: str) -> None:
        """Only Vault gives something that can be revoked."""
        if lease and isinstance(order.entry.credential, FromVault):
            self._vaults.revoke(order.entry.credential, lease)

    def _from_secret(self, name: str) -> dict[str, str]:
        answer = self._steps.send(Get(SECRET, self._home, name))
        if answer.absent:
            raise NotFound(
                f"There is no Secret {name} in the namespace {self._home}, from which the entry takes its credentials.",
                "make it, or correct the entry's `secretname`",
            )
        data = mapping(answer.object, "data")
        if not data:
            raise NotFound(f"The Secret {name} in {self._home} is empty.", "give it the keys that consumers need")
        return {key: _decoded(name, key, value) for key, value in data.items()}


def _decoded(secret: str, key: str, value: object) -> str:
    try:
        return base64.b64decode(str(value), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise UsageError(
            f"The key {key} of the Secret {secret} is not text, so no consumer can be given it.",
            "keep binary values out of this Secret, or store them in base64 themselves",
        ) from None
