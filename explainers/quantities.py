"""Resource quantities: `500m`, `1.5`, `256Mi`, `2G`.

Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
"""

from fractions import Fraction

from explainers.patterns import pattern

_FORM = pattern(r"^([+-]?(?:\d+\.?\d*|\.\d+))([a-zA-Z]*|[eE][+-]?\d+)$")
_UNITS = {
    "n": Fraction(1, 10**9), "u": Fraction(1, 10**6), "m": Fraction(1, 1000), "": Fraction(1),
    "k": Fraction(10**3), "M": Fraction(10**6), "G": Fraction(10**9), "T": Fraction(10**12), "P": Fraction(10**15),
    "Ki": Fraction(2**10), "Mi": Fraction(2**20), "Gi": Fraction(2**30), "Ti": Fraction(2**40), "Pi": Fraction(2**50),
}  # fmt: skip


def amount(quantity: object) -> Fraction | None:
    """The number a quantity stands for (CPU in cores, memory in bytes); None for anything else."""
    found = _FORM.match(str(quantity).strip()) if isinstance(quantity, str | int | float) else None
    if not found:
        return None
    digits, unit = found.groups()
    if unit in _UNITS:
        return Fraction(digits) * _UNITS[unit]
    return Fraction(digits + unit) if unit[:1] in "eE" and len(unit) > 1 else None


def cores(value: Fraction) -> str:
    """CPU as people write it: `2`, `250m`; rounded down to whole millicores."""
    milli = int(value * 1000)
    return str(milli // 1000) if milli % 1000 == 0 else f"{milli}m"


def size(value: Fraction) -> str:
    """Bytes as people write them: `3Gi`, `128Mi`, `100Ki`; rounded down where the number would be unreadable."""
    for unit in ("Ti", "Gi", "Mi", "Ki"):
        scaled = value / _UNITS[unit]
        if scaled >= 1 and (scaled.denominator == 1 or scaled >= 10):
            return f"{int(scaled)}{unit}"
    return str(int(value)) if value < 1024 else f"{int(value / 1024)}Ki"


def written(resource: str, value: Fraction) -> str:
    """A value of this resource as a quantity: `cpu` in cores, memory and storage in bytes, others as counts."""
    kind = resource.removeprefix("requests.").removeprefix("limits.")
    if kind == "cpu":
        return cores(value)
    return size(value) if kind in ("memory", "storage", "ephemeral-storage") else str(int(value))
