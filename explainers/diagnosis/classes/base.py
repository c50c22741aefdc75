"""The shape of a fault class."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FaultClass:
    """One row of the table: number, name, `why` in two or three plain sentences, and where to read more."""

    number: int
    name: str
    why: str
    reading: str
