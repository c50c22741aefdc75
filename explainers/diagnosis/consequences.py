"""What is told beside a cause: each fact once.

Several rules may see the same fault from different sides. A side that adds nothing is left out; one that adds something
repeats neither the line that the cause has shown nor the doubt that a cause has settled.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from explainers.diagnosis.classes import HEALTHY
from explainers.diagnosis.model import Confidence, Finding
from explainers.diagnosis.views.warming import without_doubt
from explainers.kinds import Ref
from explainers.patterns import pattern

CHAIN = 74
"""The class of a fault in what the target calls; two rules may tell of the same one."""
WAITS = 71
"""The class of an init container that waits for something."""
SCALED_TO_ZERO = 4
PAUSED = 111
_BY_PROBES = frozenset({62, 63, 64, 65, 66})
_ORDER = 113
"""The class of a StatefulSet that waits for one pod, and tells what that pod lacks."""
_SAME = {5: _BY_PROBES | {68, _ORDER}, 1: frozenset({WAITS}), 38: frozenset({WAITS}), WAITS: frozenset({CHAIN})}
"""Classes, and those that tell the same more closely: why a probe fails says that pods are not ready."""
_BY_NAMES = 2
"""Names that two sentences have in common when both tell of the same connection."""
_NAME = pattern(r"`([^`]+)`")
_AFTER = pattern(r"; until it ends, .*$")


def beside(cause: Finding | None, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings that say something beside the cause, in their order, each without what was said before."""
    return tuple(_told(cause, findings)) if cause else tuple(findings)


def aside(finding: Finding, target: Ref) -> bool:
    """Whether a finding is only worth a word beside the answer that the target is well."""
    return finding.benign and finding.number == PAUSED and finding.subject != target


def told_causes(findings: Sequence[Finding]) -> list[Finding]:
    """What explains that something does not serve, best first: no guess, and of what is meant so only a scale of 0."""
    return [
        one
        for one in findings
        if one.confidence is not Confidence.POSSIBLE and (not one.benign or one.number == SCALED_TO_ZERO)
    ]


def fine_beside(cause: Finding | None, fine: Sequence[str]) -> tuple[str, ...]:
    """What is in order, without a Service that is at fault itself: that it has endpoints is no comfort then."""
    if cause is None or cause.benign or cause.subject.kind != "Service":
        return tuple(fine)
    return tuple(one for one in fine if not one.startswith(f"service `{cause.subject.name}` "))


def _told(cause: Finding, findings: Sequence[Finding]) -> Iterator[Finding]:
    shown = {row.text for row in cause.evidence}
    before = [cause]
    for one in findings:
        if one is cause or _idle(one, cause):
            continue
        if not any(_says(each, one) for each in before):
            yield replace(one, clause=_shorter(one, shown))
        before.append(one)


def _idle(finding: Finding, cause: Finding) -> bool:
    """What says nothing beside a cause: that something is only starting, or the same chain to the same thing."""
    if cause.benign:
        return False
    same = finding.number == cause.number == CHAIN and finding.subject == cause.subject
    return same or (finding.benign and finding.number in (HEALTHY, WAITS))


def _says(one: Finding, other: Finding) -> bool:
    """Whether a finding has said what the other one says."""
    if one.number not in _SAME.get(other.number, ()):
        return False
    if one.number in _BY_PROBES:
        return one.subject == other.subject
    if one.number == _ORDER:
        return bool(_names(other)) and _names(other) <= _names(one)
    return len(_names(one) & _names(other)) >= _BY_NAMES


def _names(finding: Finding) -> set[str]:
    return set(_NAME.findall(_AFTER.sub("", finding.clause)))


def _shorter(finding: Finding, shown: set[str]) -> str:
    """Its sentence without the line of a log that the cause shows, and without doubt about whether it will last."""
    said = without_doubt(finding.clause)
    for row in finding.evidence:
        if row.text and any(each.endswith(row.text) for each in shown):
            said = pattern(rf"(?:; its [^:;]*)?: {re.escape(row.text)}").sub("", said, 1)
    return said
