"""What commits say, remembered: it never changes, and to ask for it costs a fetch."""

import threading
from collections import OrderedDict
from collections.abc import Callable

from explainers.builds.model import Commit

MOST = 500
LONGEST = 10_000
"""Characters of a message that is remembered."""


class Remembered:
    """The newest commits by where they are from and their digits. Safe to share between threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._commits: OrderedDict[tuple[str, str], Commit] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, url: str, sha: str, read: Callable[[], Commit]) -> Commit:
        """The commit as it was read before, else as `read` reads it now. Raises what `read` raises."""
        key = (url, sha)
        with self._lock:
            known = self._commits.get(key)
            if known:
                self._commits.move_to_end(key)
                return known
        found = read()
        if len(found.message) <= LONGEST:
            with self._lock:
                self._commits[key] = found
                while len(self._commits) > self._most:
                    self._commits.popitem(last=False)
        return found
