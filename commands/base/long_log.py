"""All that long work printed, as far as anybody reads it: the beginning and the end, in bounded memory."""

from collections import deque
from itertools import islice

BEGINNING = 200_000
END = 800_000
"""Characters that are kept at most."""


class LongLog:
    """Lines in order; of a log without end the middle is left out, and said so."""

    def __init__(self, beginning: int = BEGINNING, end: int = END) -> None:
        self._beginning, self._end = beginning, end
        self._first: list[str] = []
        self._last: deque[str] = deque()
        self._kept = 0
        self._left_out = 0

    def add(self, text: str) -> None:
        """Note one line or several."""
        for line in text.splitlines():
            size = len(line) + 1
            if not self._last and size <= self._beginning:
                self._beginning -= size
                self._first.append(line)
                continue
            self._last.append(line)
            self._kept += size
            while self._kept > self._end and len(self._last) > 1:
                self._kept -= len(self._last.popleft()) + 1
                self._left_out += 1

    def __len__(self) -> int:
        return len(self._first) + self._left_out + len(self._last)

    def tail(self, lines: int) -> tuple[str, ...]:
        """The last lines."""
        newest = list(islice(reversed(self._last), lines))
        more = lines - len(newest)
        return (*(self._first[-more:] if more else ()), *reversed(newest))

    def text(self) -> str:
        gap = [f"… {self._left_out:,} lines left out …"] if self._left_out else []
        return "\n".join([*self._first, *gap, *self._last])
