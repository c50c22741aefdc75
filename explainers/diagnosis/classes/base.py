"""The shape of a fault class, and of what is said of one case of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FaultClass:
    """One row of the table: number, name, `why` in two or three plain sentences, and where to read more."""

    number: int
    name: str
    why: str
    reading: str


@dataclass(frozen=True)
class About:
    """Why one case of a class happens, and where to read of it, where that of the whole class would miss it."""

    why: str
    reading: str
