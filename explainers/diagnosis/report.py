"""A verdict as a document for people, and as data for scripts."""

from typing import Any

from explainers.diagnosis.classes import CLASSES, HEALTHY
from explainers.diagnosis.consequences import CHAIN
from explainers.diagnosis.model import Confidence, Finding, Outcome, Verdict
from explainers.diagnosis.when import span
from explainers.document import Button, Document, Evidence, Link, Tone, Unchecked
from explainers.plan import Plan, Step

SCHEMA = "tessera.dev/verdict/v1"

_TONES = {Outcome.HEALTHY: Tone.HEALTHY, Outcome.FAULT: Tone.FAULT, Outcome.UNKNOWN: Tone.UNKNOWN}


def document(verdict: Verdict) -> Document:
    """What people read: the whole answer in the first line, then evidence, what is fine, the game plan."""
    cause = verdict.cause
    fault = (cause.about or CLASSES.get(cause.number)) if cause else None
    return Document(
        tone=_TONES[verdict.outcome],
        headline=headline(verdict),
        facts=tuple(_facts(verdict)),
        evidence=_all_evidence(verdict),
        consequences=tuple(_also(verdict, finding) for finding in verdict.others),
        fine=tuple(one for one in verdict.health.fine if one != verdict.health.serving),
        unchecked=verdict.unchecked,
        plan=cause.plan if cause else Plan(),
        explanation=fault.why if fault else "",
        reading=(Link.to(fault.reading),) if fault and fault.reading else (),
        buttons=_buttons(verdict),
    )


def headline(verdict: Verdict) -> str:
    """One sentence: what state the target is in and why."""
    name, cause = f"`{verdict.target.name}`", verdict.cause
    if cause and verdict.outcome is Outcome.FAULT:
        state = "has a fault" if verdict.health.good else verdict.health.state or "has a fault"
        return f"{name} {state}: {cause.clause.removesuffix('.')}."
    if verdict.outcome is Outcome.UNKNOWN:
        limits = "I could not look at everything" if verdict.unchecked else "nothing that I know explains it"
        known = verdict.health.state and not verdict.health.good
        asked = f"why {name} {verdict.health.state}" if known else f"how {name} is"
        return f"I cannot say {asked}: {verdict.health.serving}, and {limits}."
    told = cause.clause if cause else _settled(verdict)
    return f"{name} {verdict.health.state if verdict.health.good else 'has no fault'}: {told}."


def _settled(verdict: Verdict) -> str:
    age = next((one.age for one in verdict.health.evidence if one.age.startswith("for ")), "")
    return f"{verdict.health.serving} {age}".strip()


def _facts(verdict: Verdict) -> list[str]:
    cause, now, rows = verdict.cause, verdict.read_at, []
    if cause and not cause.benign:
        rows.append(_certainty(cause))
        since = cause.since or verdict.health.since
        if since and now:
            rows.append(f"since {since:%H:%M} UTC ({span(now - since)})")
    if verdict.outcome is not Outcome.HEALTHY or verdict.health.serving not in headline(verdict):
        rows.append(verdict.health.serving)
    rows.append(f"namespace `{verdict.target.namespace}`" if verdict.target.namespace else "whole cluster")
    return rows


def _certainty(cause: Finding) -> str:
    signals = len(cause.evidence)
    agree = f": {signals} signals agree" if signals > 1 and cause.confidence is Confidence.SURE else ""
    return f"{cause.confidence.value}{agree}"


def _also(verdict: Verdict, finding: Finding) -> str:
    """A sentence about what the target calls begins with the target, whatever is to blame."""
    subject = verdict.target if finding.number == CHAIN and finding.clause.startswith("it ") else finding.subject
    own = f"`{subject.name}` "
    if finding.clause.startswith(own):
        return f"`{subject}` {finding.clause.removeprefix(own)}"
    return f"{subject}: {finding.clause}"


def _buttons(verdict: Verdict) -> tuple[Button, ...]:
    target = f"{verdict.target} -n {verdict.target.namespace}" if verdict.target.namespace else str(verdict.target)
    buttons = [Button("Re-check", "diagnose", target, "primary")]
    if verdict.target.kind != "Node":
        buttons.append(Button("Logs", "logs", target))
    if verdict.cause and verdict.cause.plan:
        buttons.append(Button("Show plan", "plan", target))
    return tuple(buttons)


def data(verdict: Verdict) -> dict[str, Any]:
    """The verdict for scripts, in the schema `tessera.dev/verdict/v1` (bot/terminal/VERDICT.md)."""
    target = verdict.target
    return {
        "schema": SCHEMA,
        "target": {"kind": target.kind, "namespace": target.namespace, "name": target.name},
        "verdict": verdict.outcome.value,
        "headline": headline(verdict),
        "cause": _cause(verdict),
        "consequences": [
            {"class": one.number, "name": _name(one), "object": str(one.subject), "sentence": one.clause}
            for one in verdict.others
        ],
        "evidence": [
            _evidence(one) for one in (*(verdict.cause.evidence if verdict.cause else ()), *verdict.health.evidence)
        ],
        "plan": [_step(step) for step in verdict.cause.plan.steps] if verdict.cause else [],
        "alternatives": [_step(step) for step in verdict.cause.plan.alternatives] if verdict.cause else [],
        "unchecked": [hidden(one) for one in verdict.unchecked],
    }


def _all_evidence(verdict: Verdict) -> tuple[Evidence, ...]:
    return (verdict.cause.evidence if verdict.cause else ()) + verdict.health.evidence


def _name(finding: Finding) -> str:
    return CLASSES[finding.number].name if finding.number in CLASSES else ""


def _cause(verdict: Verdict) -> dict[str, Any] | None:
    cause = verdict.cause
    if cause is None or verdict.outcome is not Outcome.FAULT:
        if verdict.outcome is not Outcome.HEALTHY:
            return None
        sentence = cause.clause if cause else _settled(verdict)
        return {
            "class": HEALTHY,
            "name": CLASSES[HEALTHY].name,
            "sentence": sentence,
            "object": str(verdict.target),
            "confidence": "sure",
            "since": None,
        }
    since = cause.since or verdict.health.since
    return {
        "class": cause.number,
        "name": _name(cause),
        "sentence": cause.clause,
        "object": str(cause.subject),
        "confidence": cause.confidence.value,
        "since": since.isoformat() if since else None,
    }


def _evidence(one: Evidence) -> dict[str, str]:
    return {"source": one.source, "age": one.age, "text": one.text}


def hidden(one: Unchecked) -> dict[str, str]:
    """What could not be looked at, for scripts."""
    return {"what": one.what, "missing": one.missing, "grant": one.grant}


def _step(step: Step) -> dict[str, Any]:
    return {"why": step.why, "kubectl": step.operation.line(), "changes": step.changes, "expect": step.expect}
