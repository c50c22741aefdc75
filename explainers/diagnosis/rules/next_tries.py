"""Containers whose last try came before what it failed for was changed; called by rules/crashes.py.

The kubelet waits longer from try to try, and starts nothing sooner because something has been mended. So what the last
try says is past, and only the next one tells whether that was all.
Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-restarts
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from explainers import kinds
from explainers.diagnosis.model import Confidence, Finding
from explainers.diagnosis.rules.stale import changed_at
from explainers.diagnosis.views.addresses import Address, service_of
from explainers.diagnosis.views.calls import Call
from explainers.diagnosis.views.configuration import configuration
from explainers.diagnosis.views.endings import Ending
from explainers.diagnosis.views.last_calls import called
from explainers.diagnosis.views.loops import back_off
from explainers.diagnosis.views.pods import Json, dicts, table, text
from explainers.diagnosis.views.ports import headless, service_ports
from explainers.diagnosis.views.references import Reference, references
from explainers.diagnosis.views.revisions import told_change
from explainers.diagnosis.views.serving import made_last, ready_endpoints
from explainers.diagnosis.when import ago, moment, span
from explainers.document import Evidence
from explainers.network.shut import shut
from explainers.operations.pods import Delete
from explainers.operations.reads import Logs
from explainers.operations.rollouts import RolloutStatus, Undo
from explainers.operations.workloads import workload
from explainers.plan import Plan, Step
from explainers.selectors import matches

SAID_BY_ITSELF = 57
"""The class of an end that only the program's own words explain."""
LINES = 20
MOST = 3
"""ConfigMaps that are looked at for a change, at most."""


@dataclass(frozen=True)
class _News:
    """What has happened since a try, in words that follow `since then`, and when."""

    said: str
    seen: Evidence


def with_what_is_new(ending: Ending, found: Finding) -> Finding:
    """The cause of an end, as far as what it came from is not changed since: then the next try tells, or the one that
    goes on."""
    tried = moment(text(ending.container.last_end, "finishedAt"))
    if found.number != SAID_BY_ITSELF or tried is None or not (news := _news(ending, tried)):
        return found
    runs = ending.container.running_since
    now = f"it runs again, for {span(ending.case.now - runs)}" if runs else f"the kubelet tries again {_next(ending)}"
    clause = f"{found.clause}; since then {news.said}, and {now}"
    looks = (one for one in found.plan.steps if not isinstance(one.operation, Undo))
    watched = _heard(ending) if runs and ending.container.ready else _watched(ending)
    plan = Plan(watched, (*_at_once(ending), *looks))
    change = told_change(ending.case, ending.change) if ending.change else None  # it did not come with that
    rows = (*(row for row in found.evidence if row != change), news.seen)
    return replace(found, clause=clause, evidence=rows, plan=plan, confidence=Confidence.LIKELY, since=None)


def since_then(ending: Ending) -> tuple[str, Evidence] | None:
    """What has been mended since a try that ended by itself, in words that follow `since then`; None where nothing is
    known to be."""
    tried = moment(text(ending.container.last_end, "finishedAt"))
    news = _news(ending, tried) if tried else None
    return (news.said, news.seen) if news else None


def _news(ending: Ending, tried: datetime) -> _News | None:
    return next(iter([*_serves(ending, tried), *_rewritten(ending, tried)]), None)


def _serves(ending: Ending, tried: datetime) -> Iterator[_News]:
    """That the Service which the log names has been made since, or has got an endpoint, or a policy about the call has
    been written, and nothing else is seen to keep the call from it."""
    case, line = ending.case, called(ending)
    meant = service_of(line.host, case.namespace) if line and line.host else None
    service = case.service(*meant).object if meant else {}
    slices = case.slices(service) if service else []
    if line is None or meant is None or not ready_endpoints(slices):
        return
    offered = {port.port for port in service_ports(service)}
    elsewhere = line.port and line.port not in offered and not headless(service)
    if elsewhere or shut(case, Call(Address(line.host, line.port, "", "", line.line), *meant, line)):
        return  # the next try fails like the last one
    made = moment(table(service, "metadata").get("creationTimestamp"))
    since = max((when for when in (made, *map(made_last, slices)) if when), default=None)
    if since and since > tried:
        how = "is there" if since == made else "has got a ready endpoint"
        yield _News(f"`{meant[0]}` {how}", Evidence(f"service {meant[0]}", how, ago(case.now, since)))
    yield from _let_through(ending, service, tried)


def _let_through(ending: Ending, service: Json, tried: datetime) -> Iterator[_News]:
    """That a NetworkPolicy was written since which is about the pods that call, or those of the Service."""
    case, called_pods = ending.case, table(service, "spec", "selector")
    here = text(service, "metadata", "namespace") in ("", case.namespace)
    for policy in case.find(kinds.NETWORK_POLICY).items if here else ():
        times = [moment(one.get("time")) for one in dicts(policy, "metadata", "managedFields")]
        when = max((one for one in times if one), default=None)
        theirs = matches(table(policy, "spec", "podSelector"), called_pods)
        if when and when > tried and (theirs or policy in case.policies):
            name = text(policy, "metadata", "name")
            seen = Evidence(f"networkpolicy {name}", "it was last written", ago(case.now, when))
            yield _News(f"the NetworkPolicy `{name}` has been changed", seen)


def _rewritten(ending: Ending, tried: datetime) -> Iterator[_News]:
    """That a ConfigMap was written since which the log's line means: by the file that it makes, by a variable, or by
    one of its keys."""
    case, told = ending.case, ending.told
    uses = [one for one in references(ending.container.pod.spec) if told and _means(told.line, one, ending)]
    for (kind, name), answer in configuration(case, uses, MOST).items():
        when = changed_at(answer.object)
        if when and when > tried:
            seen = Evidence(f"{kind.lower()} {name}", "its data was last written", ago(case.now, when))
            yield _News(f"the {kind} `{name}` has been changed", seen)


def _means(line: str, use: Reference, ending: Ending) -> bool:
    """Whether a line is about what comes from a reference of the container that says it."""
    if use.kind != "ConfigMap" or use.container not in ("", ending.container.name):
        return False
    if use.container:
        named_so = [word for word in use.place.split("`")[1::2] if word != ending.container.name]
        return any(word in line for word in [*named_so, *([use.key] if use.key else [])])
    mounts = [one for one in dicts(ending.container.spec, "volumeMounts") if f"`{text(one, 'name')}`" in use.place]
    return any(text(one, "mountPath").rstrip("/") in line for one in mounts if text(one, "mountPath").strip("/"))


def _next(ending: Ending) -> str:
    """When the next try comes, as far as the kubelet has said how long it waits."""
    waits, done = back_off(ending.container), moment(text(ending.container.last_end, "finishedAt"))
    left = done + waits - ending.case.now if waits and done else None
    soon = "any moment" if left is not None and left.total_seconds() <= 0 else f"within {span(left)}" if left else ""
    return soon or "by itself, after a wait that grows up to 5 min"


def _watched(ending: Ending) -> tuple[Step, ...]:
    ref = ending.case.workload_ref
    if ref is None or not workload(ref.type):
        return ()
    return (Step(RolloutStatus(ref.type, ref.namespace, ref.name), "see whether it comes up by itself now"),)


def _heard(ending: Ending) -> tuple[Step, ...]:
    pod = ending.container.pod
    return (Step(Logs(pod.namespace, pod.name, ending.container.name, tail=LINES), "what it says now"),)


def _at_once(ending: Ending) -> tuple[Step, ...]:
    """A new pod in place of one that waits; where nothing would make it again there is none."""
    pod = ending.container.pod
    if ending.container.running_since or pod.owner is None or pod.owner.kind == "Job":
        return ()
    why = "do not wait for the next try: a new pod starts at once, with the newest files and variables"
    return (Step(Delete(kinds.POD, pod.namespace, pod.name), why, "another pod takes its place and becomes ready"),)
