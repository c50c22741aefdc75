"""The files of a certificate by their names: which of them is the certificate, and which its key."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from explainers.patterns import pattern

_KEY = pattern(r"key", re.IGNORECASE)
_CERTIFICATE = pattern(r"\.(?:crt|cer|pem)$|cert|chain", re.IGNORECASE)
_PAIR = {"tls.crt": "tls.key", "tls.key": "tls.crt"}
"""The names of both in a Secret of the type kubernetes.io/tls."""


def _part(name: str) -> str:
    if _KEY.search(name):
        return "key"
    return "certificate" if _CERTIFICATE.search(name) else ""


def same_part(wanted: str, held: Sequence[str]) -> str:
    """The one file among `held` that is the same part of a certificate as `wanted`; empty where none is, or several."""
    found = [name for name in held if _part(wanted) and _part(name) == _part(wanted)]
    return found[0] if len(found) == 1 else ""


def other_ending(wanted: str, held: Sequence[str]) -> str:
    """The one file among `held` that is the same part of the same certificate, only named `ca.pem` and not `ca.crt`;
    empty where none is, or several."""
    return same_part(wanted, [name for name in held if PurePosixPath(name).stem == PurePosixPath(wanted).stem])


def parts_as(wanted: str, meant: str, held: Sequence[str]) -> dict[str, str]:
    """`meant` under the name `wanted`; of a pair of certificate and key, the other one too."""
    other = _PAIR.get(wanted, "")
    beside = same_part(other, held) if other and other not in held else ""
    return {meant: wanted} | ({beside: other} if beside else {})
