"""Security profiles that the node does not have (within class 57); used by rules/crashes.py."""

import re

from explainers.diagnosis.classes import cases
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.plans.profiles import usual_profile
from explainers.diagnosis.rules.programs import short
from explainers.diagnosis.views.endings import Ending
from explainers.diagnosis.views.pods import table, text
from explainers.document import Evidence
from explainers.patterns import pattern

_ABSENT = {
    "seccompProfile": pattern(r"seccomp profile.*(?:no such file|not found)", re.IGNORECASE | re.DOTALL),
    "appArmorProfile": pattern(r"apparmor.*(?:not found|not loaded|no such file)", re.IGNORECASE | re.DOTALL),
}
_CALLED = {"seccompProfile": "seccomp", "appArmorProfile": "AppArmor"}
_WHERE = {"seccompProfile": ", in the kubelet's folder `seccomp`", "appArmorProfile": ""}
"""Where the kubelet looks: for seccomp, in its own root directory."""


def absent(ending: Ending) -> Finding | None:
    """57: the runtime cannot make the container, because a profile of the spec is not on its node."""
    key = next((key for key, said in _ABSENT.items() if said.search(ending.start_error)), "")
    container = ending.container
    profile = table(container.spec, "securityContext", key) or table(container.pod.spec, "securityContext", key)
    name = text(profile, "localhostProfile") if key else ""
    if not name:
        return None
    node = f" `{container.pod.node}`" if container.pod.node else ""
    return Finding(
        57,
        ending.blame,
        Layer.NEEDS,
        f"container `{container.name}` cannot be started: its {_CALLED[key]} profile `{name}` is not on the "
        f"node{node}{_WHERE[key]}",
        (*ending.evidence, Evidence(f"pod {container.pod.name}", short(ending.start_error))),
        usual_profile(ending, key, name),
        since=ending.since,
        about=cases.NO_PROFILE,
    )
