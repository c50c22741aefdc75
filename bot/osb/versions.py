"""The version header: 2.13 to 2.17 are spoken ("API Version Header"). A version is its minor number here."""

import re

from bot.osb.refusals import Refused

HEADER = "x-broker-api-version"
OLDEST, NEWEST = 13, 17

FETCHED, ASYNCHRONOUS_BINDINGS = 14, 14
ENDPOINTS, MAINTENANCE, POLLING_TIME = 15, 15, 15
EXPIRY, USABLE, LABELS = 16, 16, 16
ROTATION, ATTRIBUTES = 17, 17

_SHAPE = re.compile(r"2\.(\d{1,3})", re.ASCII)


def minor(values: list[str]) -> int:
    """The minor version that a request speaks, from all its version headers. Raises Refused with status 412."""
    value = ", ".join(values)
    spoken = f"this broker speaks 2.{OLDEST} to 2.{NEWEST}"
    if not value:
        raise _unmet(f"The header X-Broker-API-Version is missing or empty; {spoken}.")
    matched = _SHAPE.fullmatch(value)
    if not matched:
        raise _unmet(f"X-Broker-API-Version must be a single MAJOR.MINOR such as 2.{NEWEST}; {spoken}.")
    number = int(matched[1])
    if not OLDEST <= number <= NEWEST:
        raise _unmet(f"X-Broker-API-Version 2.{number} is not supported; {spoken}.")
    return number


def _unmet(description: str) -> Refused:
    return Refused(412, "PreconditionFailed", description)
