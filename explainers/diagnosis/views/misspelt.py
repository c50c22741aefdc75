"""Memory and disk that were written in the wrong unit: `128m` is no 128 MiB, but a thousandth of 128 bytes.

The API server takes it, with a warning that only the one who applies it sees.
Source: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#meaning-of-memory
"""

from fractions import Fraction

from explainers.patterns import pattern
from explainers.quantities import amount

LEAST = Fraction(1 << 20)
"""With less memory than this no program can be started; the container runtime itself needs more to begin."""
BLOCK = Fraction(1 << 12)
"""Less disk than this is not even one block: the first file that is written exceeds it."""
_DIGITS = pattern(r"^(\d+)(m|k|Ki|)$")
_USUAL = range(4, 65537)
"""MiB that somebody may mean."""


def too_little(quantity: str) -> bool:
    """Whether it is memory that nothing can run in; no limit, or 0, is none."""
    value = amount(quantity)
    return value is not None and 0 < value < LEAST


def no_block(quantity: str) -> bool:
    """Whether it is local disk that nothing can be written to; 0 may be meant so."""
    value = amount(quantity)
    return value is not None and 0 < value < BLOCK


def meant(quantity: str) -> str:
    """The same number of MiB, where that is a usual one; else empty."""
    found = _DIGITS.match(quantity)
    return f"{int(found[1])}Mi" if found and int(found[1]) in _USUAL else ""


def as_it_counts(quantity: str) -> str:
    """How much it is, in words."""
    value = amount(quantity) or Fraction(0)
    if quantity.endswith("m"):
        return "of which `m` makes a thousandth: not even one byte" if value < 1 else f"which is {int(value)} bytes"
    return f"which is {int(value)} bytes" if value < 1024 else f"which is {int(value / 1024)} KiB"


def slipped(quantity: str) -> str:
    """The same number of MiB for local disk that is given in KiB, and so little that `Mi` may be meant; else empty."""
    value = amount(quantity)
    small = value is not None and BLOCK <= value < LEAST and quantity.endswith(("k", "Ki"))
    return meant(quantity) if small else ""


def unit_forgotten(quantity: str) -> str:
    """How a clause about that little disk goes on; empty for any other."""
    if right := slipped(quantity):
        return f"; that is hardly anything, and `{right}` may be meant"
    if not no_block(quantity):
        return ""
    right, bytes_ = meant(quantity), int(amount(quantity) or 0)
    counts = f"{bytes_} byte{'' if bytes_ == 1 else 's'}" if bytes_ else "not even one byte"
    return f"; that is {counts}{f', and `{right}` is probably meant' if right else ''}"
