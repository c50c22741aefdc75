"""Run the rules over a case, rank what they find, and give one verdict.

Ranking follows the dependency path: the deepest finding explains those above it. Everything is
sorted, so that the same cluster state gives the same verdict.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from explainers import kinds
from explainers.diagnosis.access import unchecked
from explainers.diagnosis.beyond import beyond
from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.consequences import aside, beside, fine_beside
from explainers.diagnosis.ending_namespace import ending_namespace
from explainers.diagnosis.facts import Fact, Facts, Missing, Question
from explainers.diagnosis.health import health
from explainers.diagnosis.left_out import left_out
from explainers.diagnosis.model import Confidence, Finding, Health, Layer, Outcome, Verdict
from explainers.diagnosis.plans.after_correction import look
from explainers.diagnosis.plans.made_again import then_again
from explainers.diagnosis.remaining import modest
from explainers.diagnosis.room_first import room_first
from explainers.diagnosis.serving_first import serving_first
from explainers.diagnosis.sight import blind
from explainers.diagnosis.views.last_words import last_words
from explainers.kinds import Ref
from explainers.operations.reads import Get, GetMetadata
from explainers.plan import Plan, Step


def diagnose(facts: Facts, target: Ref, rules: Sequence[Rule]) -> Verdict:
    """The verdict about one target; raises Missing after noting in `facts.wanted` what must be read first."""
    case = Case(facts, target, rules, sparing=True)
    findings, state = _examine(case)
    faults = rank([finding for finding in findings if not finding.benign], serves=state.good)
    benign = rank([finding for finding in findings if finding.benign])
    if not faults and not benign and not state.good:
        faults = ending_namespace(case)
    cause = next((one for one in [*faults, *benign] if not aside(one, target)), None)
    outcome = _outcome(faults, benign, state, blind(case))
    if cause is None and outcome is Outcome.UNKNOWN:
        state = replace(state, evidence=(*state.evidence, *last_words(case)))
    behind = beyond(case, cause)
    others = beside(cause, [*faults, *benign, *behind])
    return Verdict(
        target=target,
        outcome=outcome,
        health=replace(state, fine=fine_beside(cause, state.fine)),
        cause=modest(_run_again(case, _in_order(_with_a_step(case, cause), others)), others, behind, target),
        others=others,
        unchecked=unchecked(facts) + (left_out(case) if outcome is Outcome.HEALTHY else ()),
        read_at=facts.now,
    )


def _in_order(cause: Finding | None, others: Sequence[Finding]) -> Finding | None:
    """A cause whose plan takes nothing from what serves, and first makes the room that it needs."""
    return room_first(serving_first(cause, others), others)


def _with_a_step(case: Case, cause: Finding | None) -> Finding | None:
    """A cause that no command repairs still says where to look next; what is done already is no step."""
    done = any(step.idle for step in cause.plan.steps) if cause is not None else False
    if cause is not None:
        cause = replace(cause, plan=cause.plan.effective)
    if cause is None or cause.benign or cause.plan.steps or cause.plan.alternatives:
        return cause
    if done and (steps := look(case)):
        return replace(cause, plan=Plan(steps))
    kind, ref = kinds.kind_named(cause.subject.kind), cause.subject
    if kind is None:
        return cause
    read = (GetMetadata if kind == kinds.SECRET else Get)(kind, ref.namespace, ref.name)
    return replace(cause, plan=Plan((Step(read, "what has to be corrected stands here"),)))


def _run_again(case: Case, cause: Finding | None) -> Finding | None:
    """A Job that has failed for good needs more than what its cause needs."""
    if cause is None or cause.benign:
        return cause
    return replace(cause, plan=then_again(case, cause.plan))


def findings_of(case: Case) -> list[Finding]:
    """What the rules find about a case, best cause first; raises Missing when any rule lacks facts."""
    findings, state = _examine(case)
    return rank(findings, serves=state.good)


def rank(findings: Sequence[Finding], serves: bool = False) -> list[Finding]:
    """The likeliest root cause first; equal findings of several rules once.

    A deeper fault explains those above it. Where all pods that are wanted serve (`serves`), a fault of pods or of their
    rollout explains none, so what stands before the pods goes first.
    """
    return sorted(dict.fromkeys(findings), key=partial(_order, serves))


def _harmless(finding: Finding) -> bool:
    """Whether a fault is one of the pods or of their rollout, which keeps no request from pods that all serve."""
    return Layer.POLICY < finding.layer < Layer.DEPENDENCY


def _order(serves: bool, finding: Finding) -> tuple[object, ...]:
    guess = finding.confidence is Confidence.POSSIBLE
    sure = finding.confidence is Confidence.SURE
    return (
        guess,
        serves and _harmless(finding),
        -finding.layer,
        not sure,
        finding.number,
        finding.subject,
        finding.clause,
    )


def _examine(case: Case) -> tuple[list[Finding], Health]:
    """Every rule runs in every wave, so that all of them ask for what they need at once."""
    findings: list[Finding] = []
    unread: list[Fact] = []
    state = None
    try:
        state = health(case)
    except Missing as missing:
        unread += missing.facts
    for rule in case.rules:
        try:
            findings += rule(case)
        except Missing as missing:
            unread += missing.facts
    if state is None or (unread and not _told_without(case, unread, findings, state.good)):
        case.facts.want(*unread)
        if len(case.trail) > 1:
            case.facts.below.update(fact for fact in unread if isinstance(fact, Question))
        raise Missing(unread)
    for question in unread:
        case.facts.wanted.pop(question, None)
    return findings, state


def _told_without(case: Case, unread: Sequence[Fact], findings: Sequence[Finding], serves: bool) -> bool:
    """Whether no more than live probes could still be asked, and what is known already keeps the target from working:
    then nobody needs a pod in this namespace to hear what else is wrong. A probe of what is called may tell a deeper
    cause."""
    least = Layer.DEPENDENCY if case.facts.below.intersection(unread) else Layer.WORKLOAD
    sure = [one for one in findings if one.confidence is Confidence.SURE and not one.benign]
    known = any(one.layer >= least and not (serves and _harmless(one)) for one in sure)
    return known and all(isinstance(fact, Question) for fact in unread)


def _outcome(faults: list[Finding], benign: list[Finding], state: Health, blind: bool) -> Outcome:
    if faults:
        return Outcome.FAULT
    return Outcome.HEALTHY if (state.good or benign) and not blind else Outcome.UNKNOWN
