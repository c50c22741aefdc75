"""From what a person typed to the object that is meant."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from explainers import kinds
from explainers.diagnosis.facts import Facts
from explainers.diagnosis.near import nearest
from explainers.diagnosis.views.pods import text
from explainers.kinds import Kind, Ref, kind_named
from explainers.operations.base import Answer
from explainers.operations.reads import PAGE, Get, List, everything, few

FIRST = (kinds.DEPLOYMENT, kinds.SERVICE)
NAMESAKES = (kinds.STATEFUL_SET, kinds.DAEMON_SET)
"""What a Service may have been made for, beside a Deployment."""
THEN = (kinds.JOB, kinds.CRON_JOB, kinds.INGRESS, kinds.POD)
LAST = (
    kinds.PERSISTENT_VOLUME_CLAIM, kinds.HORIZONTAL_POD_AUTOSCALER, kinds.SERVICE_ACCOUNT, kinds.NODE,
    kinds.REPLICA_SET,
)  # fmt: skip
DIAGNOSABLE = (*FIRST, *NAMESAKES, *THEN, *LAST)
NEAR = (*FIRST, kinds.STATEFUL_SET)
"""Kinds among whose names the nearest are looked for first when nothing has the name."""
FARTHER = (kinds.DAEMON_SET, *THEN, kinds.PERSISTENT_VOLUME_CLAIM, kinds.HORIZONTAL_POD_AUTOSCALER)
"""Kinds whose names are looked at when none of the first is near."""
_LISTED = {kinds.INGRESS: everything, kinds.SERVICE: few}


@dataclass(frozen=True)
class Resolved:
    """`target` is the object meant. Without one: `several` fit, or none and these are `near` among those
    `present`; `unread` names kinds that could not be looked at."""

    target: Ref | None = None
    several: tuple[Ref, ...] = ()
    near: tuple[Ref, ...] = ()
    present: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    problem: str = ""


def resolve(facts: Facts, namespace: str, word: str) -> Resolved:
    """Find the target `name` or `kind/name`; raises Missing while lists are to be read.

    The usual kinds are asked first; the others only when none of those has the name. A Service and a
    workload of one name are one target, the workload: its Service is on its path.
    """
    kind_word, slash, name = word.partition("/")
    if slash:
        kind = kind_named(kind_word)
        return _of_kinds(facts, namespace, name, (kind,)) if kind in DIAGNOSABLE and kind else Resolved()
    unread: tuple[str, ...] = ()
    problem = ""
    for wave in (FIRST, NAMESAKES, THEN, LAST):
        found = _of_kinds(facts, namespace, word, wave)
        if found.target and found.target.kind == "Service":
            return _served(facts, found)
        if found.target or found.several:
            return found
        unread, problem = unread + found.unread, problem or found.problem
    near, present = _near(facts, namespace, word)
    if not near:
        near, others = _near(facts, namespace, word, FARTHER)
        present += others
    return Resolved(near=near, present=present, unread=unread, problem=problem)


def searches(word: str) -> list[List]:
    """What finds a name in every namespace: the usual kinds, or the one that was named."""
    kind_word, slash, name = word.partition("/")
    named = kind_named(kind_word)
    among = ((named,) if named else ()) if slash else (*FIRST, *NAMESAKES, *THEN)
    fields = f"metadata.name={name if slash else word}"
    return [List(kind, "", fields=fields, limit=PAGE, metadata_only=True) for kind in among if kind.namespaced]


def found_in(answers: Sequence[Answer]) -> tuple[str, ...]:
    """The namespaces that such searches found something in."""
    every = {text(item, "metadata", "namespace") for answer in answers for item in answer.items}
    return tuple(sorted(every - {""}))


def _served(facts: Facts, found: Resolved) -> Resolved:
    """The workload of the Service's name, if there is one; else the Service."""
    service = found.target or Ref("Service", "", "")
    workload = _of_kinds(facts, service.namespace, service.name, NAMESAKES)
    if workload.target or workload.several:
        return workload
    return replace(found, unread=found.unread + workload.unread)


def _of_kinds(facts: Facts, namespace: str, name: str, kinds_: tuple[Kind, ...]) -> Resolved:
    wanted = [Get(kind, namespace if kind.namespaced else "", name) for kind in kinds_]
    answers = _answers(facts, wanted)
    hits = [Ref(g.kind.name, g.namespace, name) for g, answer in zip(wanted, answers, strict=True) if answer.ok]
    in_doubt = [
        g for g, a in zip(wanted, answers, strict=True) if a.forbidden and (g.kind.namespaced or not wanted[1:])
    ]
    unread = tuple(str(get.permission()) for get in in_doubt)
    problem = next((a.problem for a in answers if not a.ok and not a.absent and not a.forbidden), "")
    workloads = [hit for hit in hits if hit.kind != "Service"]
    if len(hits) == 1 or (len(workloads) == 1 and len(hits) == 2):
        return Resolved((workloads or hits)[0], unread=unread)
    if hits:
        return Resolved(several=tuple(hits), unread=unread)
    near, present = ((), ()) if len(kinds_) > 1 else _near(facts, namespace, name, kinds_)
    return Resolved(near=near, present=present, unread=unread, problem=problem)


def _answers(facts: Facts, wanted: list[Get]) -> tuple[Answer, ...]:
    """The answers to several reads. What the walk from the target needs is listed: Services, while they are few, and
    Ingresses, which may claim each other's routes."""
    lists = [_LISTED[get.kind](get.kind, get.namespace) for get in wanted if get.kind in _LISTED]
    facts.want(*lists, *(get for get in wanted if get.kind not in _LISTED))
    for listed in lists:
        if not facts.ask(listed)[0].ok:
            facts.want(*wanted)
    return facts.ask(*wanted)


def _near(
    facts: Facts, namespace: str, name: str, among: tuple[Kind, ...] = NEAR
) -> tuple[tuple[Ref, ...], tuple[str, ...]]:
    """The nearest names among the objects of these kinds, and all names that there are."""
    lists = [List(kind, namespace if kind.namespaced else "", limit=PAGE, metadata_only=True) for kind in among]
    found: dict[str, Kind] = {}
    for kind, answer in zip(among, facts.ask(*lists), strict=True):
        for item in answer.items:
            found.setdefault(text(item, "metadata", "name"), kind)
    near = tuple(
        Ref(found[close].name, namespace if found[close].namespaced else "", close) for close in nearest(name, found)
    )
    return near, tuple(sorted(found))
