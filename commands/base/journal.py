"""What a request has done already, so that a job that is run again after a crash goes on instead of starting over."""

from dataclasses import dataclass

from commands.base.ports import StateStore

KEPT_SECONDS = 2 * 86_400


@dataclass(frozen=True)
class Journal:
    """Notes of one request, kept for two days. Write before a step that must not be done twice, and after it."""

    state: StateStore
    request: str

    def note(self, key: str, value: str = "yes") -> None:
        self.state.put(self._key(key), value, KEPT_SECONDS)

    def noted(self, key: str) -> str:
        """What was noted under `key`; empty when nothing was."""
        return self.state.get(self._key(key)) or ""

    def forget(self, key: str) -> None:
        self.state.delete(self._key(key))

    def _key(self, key: str) -> str:
        return f"journal:{self.request}:{key}"
