"""A program of root that may not become another user (class 68), for its spec takes the right; used by
rules/crashes.py. What may not give its files away is told by rules/files.py."""

import re

from explainers.diagnosis.classes import cases
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.plans import capabilities
from explainers.diagnosis.rules.files import run_as
from explainers.diagnosis.views.endings import Ending
from explainers.patterns import pattern

_NOT_PERMITTED = pattern(r"operation not permitted|EPERM", re.IGNORECASE)
_CALLS = {
    "SETGID": pattern(r"\b(?:set(?:e|re|res)?gid|(?:set|init)groups)\b", re.IGNORECASE),
    "SETUID": pattern(r"\bset(?:e|re|res)?uid\b", re.IGNORECASE),
}


def refused(ending: Ending) -> Finding | None:
    """68: the kernel does not let it change its user or group."""
    told, container = ending.told, ending.container
    if told is None or not _NOT_PERMITTED.search(told.english) or run_as(container) not in ("", "0"):
        return None
    named = next((one for one, call in _CALLS.items() if call.search(told.english)), "")
    if not named or not capabilities.dropped(container, [named]):
        return None
    what = "user" if named == "SETUID" else "group"
    clause = (
        f"container `{container.name}` may not change its {what}: its `securityContext` drops the capability {named}, "
        "without which not even root may"
    )
    plan = capabilities.given_back(ending, capabilities.BECOMES)
    rows = (*ending.evidence, *ending.log_evidence)
    return Finding(68, ending.blame, Layer.CONTAINER, clause, rows, plan, about=cases.CAPABILITIES)
