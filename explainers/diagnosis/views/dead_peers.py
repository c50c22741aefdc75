"""Namespaces that a NetworkPolicy means to let in, and that no namespace is: `name=edge` where only `edge` is a name.

Only `kubernetes.io/metadata.name` stands on every namespace by itself.
Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-namespace-by-its-name
"""

from collections.abc import Iterator
from dataclasses import dataclass

from explainers import kinds
from explainers.diagnosis.case import Case, names
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.views.pods import Json, dicts, table, text
from explainers.network.policies import Party
from explainers.operations.reads import PAGE, List
from explainers.selectors import asked_for, matches, query


@dataclass(frozen=True)
class DeadPeer:
    """A `from` entry of a policy, by its places; `asks` is its selector of namespaces, which fits none; `meant` the
    namespace whose name it has or nearly has, if there is one."""

    policy: str
    rule: int
    place: int
    selector: Json
    asks: str
    meant: str = ""


def dead_peers(case: Case, policies: list[Json]) -> Iterator[DeadPeer]:
    """Those of these policies, where no other entry lets the namespace in that is meant; raises Missing."""
    asking = {
        query(selector): List(kinds.NAMESPACE, "", query(selector), limit=1, metadata_only=True)
        for policy in policies
        for _, _, selector in _selectors(policy)
    }
    answers = dict(zip(asking, case.ask(*asking.values()), strict=True))
    for policy in policies:
        for rule, place, selector in _selectors(policy):
            asks = query(selector)
            if answers[asks].ok and not answers[asks].items:
                meant = _meant(case, selector)
                if not (meant and _let_in(case, policies, meant)):
                    yield DeadPeer(text(policy, "metadata", "name"), rule, place, selector, asks, meant)


def _selectors(policy: Json) -> Iterator[tuple[int, int, Json]]:
    for rule, one in enumerate(dicts(policy, "spec", "ingress")):
        for place, peer in enumerate(dicts(one, "from")):
            if query(table(peer, "namespaceSelector")):
                yield rule, place, table(peer, "namespaceSelector")


def _meant(case: Case, selector: Json) -> str:
    (every,) = case.ask(List(kinds.NAMESPACE, "", limit=PAGE, metadata_only=True))
    there, asked = set(names(every.items)), sorted(value for _, value in asked_for(selector))
    exact = [value for value in asked if value in there]
    near = [found for value in asked if (found := nearest_one(value, there, 0.8))]
    return next(iter([*exact, *near]), "")


def _let_in(case: Case, policies: list[Json], namespace: str) -> bool:
    """Whether some other entry lets something of a namespace in, or everybody."""
    entries = [dicts(rule, "from") for policy in policies for rule in dicts(policy, "spec", "ingress")]
    return any(not peers or any(_names(case, peer, Party(namespace, {})) for peer in peers) for peers in entries)


def _names(case: Case, peer: Json, party: Party) -> bool:
    if "namespaceSelector" in peer:
        return matches(table(peer, "namespaceSelector"), party.home)
    return "ipBlock" in peer or party.namespace == case.namespace
