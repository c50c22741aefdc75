"""Connections with their credentials, encrypted, in the StateStore; and what a form brought until it was dealt with.

Who added what and when can be read without a key; the credential cannot. Each sealed text says what it is for, so that
one cannot be put in another's place.
"""

import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime

from bot.secrets.keys import Keys
from commands.base.errors import Unavailable, UsageError
from commands.base.ports import Connection, StateStore
from explainers.builds.model import Credentials

KEPT, LOCK = "connections", "connections-lock"
LOCK_SECONDS, LOCK_TRIES = 10, 100
PARKED_SECONDS = 900


class Vault:
    """Safe to share between threads and processes: one change at a time."""

    def __init__(self, state: StateStore, keys: Keys) -> None:
        self._state = state
        self._keys = keys

    def ready(self) -> None:
        """Raises UsageError, with how to make a key, where nothing can be stored."""
        self._keys.seal("")

    def listed(self) -> list[Connection]:
        """What is stored, by kind and host, without the credentials."""
        return [Connection(*_named(name), entry["by"], entry["at"]) for name, entry in sorted(self._entries().items())]

    def find(self, kind: str, host: str) -> Credentials | None:
        """The credential for a host; None when there is none. Raises UsageError when no key opens it."""
        name = _name(kind, host)
        entry = self._entries().get(name)
        if entry is None:
            return None
        held = json.loads(self._keys.open(entry["sealed"]))
        if held["for"] != name:
            raise UsageError(f"What is stored for {host} was made for something else.", "remove it and add it again")
        return Credentials(held["username"], held["password"])

    def keep(self, connection: Connection, login: Credentials) -> None:
        """Store a credential, in place of an older one. Raises UsageError without usable keys."""
        name = _name(connection.kind, connection.host)
        sealed = self._keys.seal(json.dumps({"for": name, **asdict(login)}))
        with self._changing() as entries:
            entries[name] = {"by": connection.by, "at": connection.at, "sealed": sealed}

    def remove(self, kind: str, host: str) -> bool:
        """Forget a credential; False when there was none."""
        with self._changing() as entries:
            return entries.pop(_name(kind, host), None) is not None

    def rotate(self) -> int:
        """Encrypt everything with the first key; how many. Raises UsageError, and changes nothing, if one cannot be."""
        with self._changing() as entries:
            for entry in entries.values():
                entry["sealed"] = self._keys.renew(entry["sealed"])
            return len(entries)

    def park(self, values: Mapping[str, str]) -> str:
        """Keep what a form brought for a quarter of an hour, encrypted; the opaque id that a job may carry."""
        ticket = f"s-{secrets.token_urlsafe(16)}"
        self._state.put(f"parked:{ticket}", self._keys.seal(json.dumps({"for": ticket, **values})), PARKED_SECONDS)
        return ticket

    def parked(self, ticket: str) -> dict[str, str] | None:
        """What `park` was given; None when its time is over."""
        sealed = self._state.get(f"parked:{ticket}")
        if sealed is None:
            return None
        held: dict[str, str] = json.loads(self._keys.open(sealed))
        return held if held.pop("for") == ticket else None

    def forget(self, ticket: str) -> None:
        self._state.delete(f"parked:{ticket}")

    def _entries(self) -> dict[str, dict[str, str]]:
        kept: dict[str, dict[str, str]] = json.loads(self._state.get(KEPT) or "{}")
        return kept

    @contextmanager
    def _changing(self) -> Iterator[dict[str, dict[str, str]]]:
        """All entries, to change; written back unless an error is raised."""
        claimant = secrets.token_hex(8)
        _first(lambda: self._state.put_new(LOCK, claimant, LOCK_SECONDS) or self._state.get(LOCK) == claimant)
        try:
            entries = self._entries()
            yield entries
            self._state.put(KEPT, json.dumps(entries, sort_keys=True), None)
        finally:
            if self._state.get(LOCK) == claimant:
                self._state.delete(LOCK)


def added(kind: str, host: str, by: str) -> Connection:
    """A connection as it is stored now."""
    return Connection(kind, host, by, datetime.now(UTC).isoformat(timespec="seconds"))


def _first(turn: Callable[[], bool]) -> None:
    for _ in range(LOCK_TRIES):
        if turn():
            return
        time.sleep(0.1)
    raise Unavailable("Somebody else changes the connections. Nothing was changed.", "try again in a minute")


def _name(kind: str, host: str) -> str:
    return f"{kind} {host}"


def _named(name: str) -> tuple[str, str]:
    kind, _, host = name.partition(" ")
    return kind, host
