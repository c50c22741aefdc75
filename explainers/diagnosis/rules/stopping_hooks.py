"""Containers whose own postStart hook ends them (class 58); used by rules/crashes.py.

The hook runs in the container right after its start, beside the main process, which it can tell to stop.
Source: https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/
"""

import re
from datetime import timedelta

from explainers.diagnosis.classes import cases
from explainers.diagnosis.logs.lines import clean
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans import remedies
from explainers.diagnosis.views.endings import Ending, coded, last_run, restarts
from explainers.diagnosis.views.pods import Json, table, words
from explainers.diagnosis.when import span
from explainers.document import Evidence
from explainers.patterns import pattern
from explainers.plan import Plan

_STOPS = pattern(
    r"\b(?:quit|stop|kill|pkill|killall|shutdown|halt|poweroff|terminate|SIG(?:TERM|QUIT|INT|KILL))\b", re.IGNORECASE
)
_SLEEPS = pattern(r"\bsleep\s+(\d{1,4})\b")
_STOPPED = frozenset({0, 130, 131, 137, 143})
"""How a program ends that is told to stop: in its own way, or by SIGINT, SIGQUIT, SIGKILL, SIGTERM."""
_SOON = timedelta(seconds=20)
"""So long after its hook a program may take to stop."""


def stopped(ending: Ending) -> Finding | None:
    """58: it ends soon after its start, as one does that is told to stop, and its postStart hook tells something to
    stop."""
    hook, text = _hook(ending), _text(ending)
    if not text or ending.code not in _STOPPED or not _STOPS.search(text) or not _soon(ending, text):
        return None
    name, ran = ending.container.name, last_run(ending.container)
    after = f" after {span(ran)}" if ran else ""
    said = (
        f"the postStart hook of container `{name}` (`{text}`) most likely stops its own program: that ends with "
        f"{coded(ending.code)}{after}, and is started again ({restarts(ending.container)})"
    )
    seen = Evidence(f"container {name}", f"lifecycle.postStart {text}")
    plan = _moved(ending, hook)
    return Finding(
        58, ending.blame, Layer.CONTAINER, said, (*ending.evidence, seen), plan, Confidence.LIKELY, ending.since,
        about=cases.HOOK_STOPS,
    )  # fmt: skip


def lead(ending: Ending) -> str:
    """How a clause goes on about a program that ends by itself right after its hook; else empty."""
    text = _text(ending)
    return f"; its postStart hook runs beside it after each start: `{text}`" if text and _soon(ending, text) else ""


def _hook(ending: Ending) -> Json:
    return table(ending.container.spec, "lifecycle", "postStart")


def _text(ending: Ending) -> str:
    return clean(" ".join(words(_hook(ending), "exec", "command")))


def _soon(ending: Ending, text: str) -> bool:
    """Whether the last run ended soon after the hook must have done its work."""
    ran, waits = last_run(ending.container), sum(int(one) for one in _SLEEPS.findall(text))
    return ran is not None and ran <= timedelta(seconds=waits) + _SOON


def _moved(ending: Ending, hook: Json) -> Plan:
    """Run it before the end instead, where nothing else does; else not at all."""
    lifecycle: Json = {"postStart": None}
    why = "start without the hook"
    if not table(ending.container.spec, "lifecycle", "preStop"):
        lifecycle["preStop"] = hook
        why = "run it as a preStop hook, before the container ends, which is where a program is told to stop"
    expect = "the container stays up"
    steps = remedies.change_container(
        ending.case, ending.blame, ending.container, {"lifecycle": lifecycle}, why, expect
    )
    return remedies.first_of(steps, remedies.back_step(ending.case, ending.blame), remedies.read_spec(ending.blame))
