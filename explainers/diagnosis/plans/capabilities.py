"""Plans that give a container of root the capabilities back that it uses, as far as its spec takes them away.

Source: https://man7.org/linux/man-pages/man7/capabilities.7.html
"""

import re
from collections.abc import Sequence

from explainers.diagnosis.plans.remedies import back_step, change_container
from explainers.diagnosis.views.endings import Ending
from explainers.diagnosis.views.pods import Container, table, words
from explainers.operations.reads import Get
from explainers.patterns import pattern
from explainers.plan import Plan, Step

BECOMES = ("CHOWN", "SETGID", "SETUID")
"""What a server of root needs that gives its files to a user of its image and then runs as that user."""
_GIVES = pattern(r"\bch(?:own|grp)\b")
_BECOMES = pattern(r"\b(?:su-exec|gosu|setpriv|runuser|setuidgid|sudo|su|chroot|start-stop-daemon|entrypoint)\b", re.I)


def to_give(container: Container) -> tuple[str, ...]:
    """What a container needs that may not give a file away: no more than that where its own command does it, and starts
    nothing that is known to become another user."""
    command = " ".join([*words(container.spec, "command"), *words(container.spec, "args")])
    return ("CHOWN",) if _GIVES.search(command) and not _BECOMES.search(command) else BECOMES


def dropped(container: Container, wanted: Sequence[str]) -> list[str]:
    """Those capabilities that the spec takes from a container."""
    taken, added = (
        {one.upper().removeprefix("CAP_") for one in words(container.spec, "securityContext", "capabilities", key)}
        for key in ("drop", "add")
    )
    return [one for one in wanted if taken & {"ALL", one} and not added & {"ALL", one}]


def given_back(ending: Ending, wanted: Sequence[str]) -> Plan:
    """Add what is missing, which every container of root has by default; or another image, which needs none of it."""
    blame, container = ending.blame, ending.container
    more, have = dropped(container, wanted), table(container.spec, "securityContext", "capabilities")
    fields = {"securityContext": {"capabilities": {**have, "add": [*words(have, "add"), *more]}}}
    told = ", ".join(f"`{one}`" for one in more)
    why = f"add {told}, by which a server that starts as root gives its files to another user and becomes that user"
    if more == ["CHOWN"]:
        why = f"add {told}, by which root gives files to another user"
    steps = change_container(
        ending.case, blame, container, fields, why, "the container stays up, or names the next thing that it may not do"
    )
    other = (
        f"`{blame}` as it is now: an image that runs as an ordinary user from the start needs no capability; `fsGroup` "
        "reaches volumes only, not the folders of an image"
    )
    look = Step(Get(blame.type, blame.namespace, blame.name), other)
    back = back_step(ending.case, blame)
    if back:
        return Plan(back, (*steps, look))
    return Plan(steps, (look,)) if steps else Plan((look,))
