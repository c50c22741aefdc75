"""The StateStore port in the memory of one process: for one command in the terminal, where nothing outlives it."""

import math
import threading
import time


class MemoryState:
    """Text values with expiry; implements commands.base.ports.StateStore."""

    def __init__(self) -> None:
        self._values: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def put(self, key: str, value: str, seconds: int | None) -> None:
        until = math.inf if seconds is None else time.monotonic() + seconds
        with self._lock:
            self._values[key] = (value, until)

    def put_new(self, key: str, value: str, seconds: int) -> bool:
        with self._lock:
            if self._read(key) is not None:
                return False
            self._values[key] = (value, time.monotonic() + seconds)
            return True

    def get(self, key: str) -> str | None:
        with self._lock:
            return self._read(key)

    def take(self, key: str) -> str | None:
        with self._lock:
            value = self._read(key)
            self._values.pop(key, None)
            return value

    def delete(self, key: str) -> None:
        with self._lock:
            self._values.pop(key, None)

    def _read(self, key: str) -> str | None:
        value, until = self._values.get(key, ("", 0.0))
        return value if until > time.monotonic() else None
