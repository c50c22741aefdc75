"""Resource quantities: `250m`, `64Mi`, `1e3`.

Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

_SUFFIXES = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "": Decimal(1),
    "k": Decimal(10**3),
    "M": Decimal(10**6),
    "G": Decimal(10**9),
    "T": Decimal(10**12),
    "P": Decimal(10**15),
    "Ki": Decimal(2**10),
    "Mi": Decimal(2**20),
    "Gi": Decimal(2**30),
    "Ti": Decimal(2**40),
    "Pi": Decimal(2**50),
}
_PATTERN = re.compile(r"^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([numkMGTP]|[KMGTP]i)?$")


class QuantityError(ValueError):
    """The text is no quantity."""


def parse_quantity(value: Any) -> Decimal:
    """Give the amount in its base unit (cores, bytes, pieces).

    Raises QuantityError.
    """
    found = _PATTERN.match(str(value).strip())
    if not found:
        raise QuantityError(str(value))
    try:
        return Decimal(found[1]) * _SUFFIXES[found[2] or ""]
    except InvalidOperation as error:
        raise QuantityError(str(value)) from error


def format_quantity(amount: Decimal, *, binary: bool = False) -> str:
    """Write an amount in canonical form: `1500m`, and with `binary` `64Mi`."""
    if binary:
        for suffix in ("Ti", "Gi", "Mi", "Ki"):
            unit = _SUFFIXES[suffix]
            if amount and amount % unit == 0:
                return f"{int(amount / unit)}{suffix}"
    if amount == amount.to_integral_value():
        return str(int(amount))
    return f"{int((amount * 1000).to_integral_value(rounding='ROUND_CEILING'))}m"
