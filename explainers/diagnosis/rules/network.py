"""NetworkPolicies that are in the way (classes 30, 31, 32, 34).

Judged from the policies themselves beside a second signal: a caller whose log or readiness says that it does not get
through, or a Service that exists to be called while nobody may enter.
"""

from collections.abc import Iterator, Sequence
from functools import partial

from explainers import kinds
from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.facts import at_once
from explainers.diagnosis.health import health
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.plans import policies as plans
from explainers.diagnosis.rules.ineffective import instead, meant_for_anybody
from explainers.diagnosis.rules.ingresses import backends
from explainers.diagnosis.rules.misled import misled, swapped
from explainers.diagnosis.views.callers import callers_of
from explainers.diagnosis.views.calls import Call, sureness, suspected_calls
from explainers.diagnosis.views.dead_peers import dead_peers
from explainers.diagnosis.views.neighbours import Neighbour, neighbours, pods_of
from explainers.diagnosis.views.pods import Json, dicts, table, text
from explainers.diagnosis.views.policy_words import (
    named_ports,
    ports_of,
    told_peers,
    told_ports,
    told_rules,
    told_ways_out,
)
from explainers.diagnosis.views.ports import arrives, headless, service_ports
from explainers.diagnosis.views.somebody import somebody
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.network.parties import server_of
from explainers.network.policies import (
    Gap,
    Party,
    gap,
    in_block,
    nearest_rules,
    peer_matches,
    peers,
    selecting,
)
from explainers.network.shut import Shut, shut
from explainers.plan import Plan
from explainers.selectors import asked_for, matches, pairs, subset

_NEAREST_FIRST = (Gap.PORT, Gap.PEER, Gap.BOTH, Gap.NO_RULE)


def caller_is_kept_out(case: Case) -> Iterator[Finding]:
    """Classes 30, 31, 32 and 34 for the calls that seem to fail."""
    for call in suspected_calls(case):
        yield from kept_from(case, call)


def kept_from(case: Case, call: Call) -> list[Finding]:
    """What keeps one call from the Service that it means."""
    found = shut(case, call)
    closed = [_kept_out(case, call, found)] if found and found.incoming else []
    closed += [_kept_in(case, call, found)] if found and found.outgoing else []
    if not found:
        return closed
    opening = Plan(tuple(step for one in closed for step in one.plan.steps))
    elsewhere = misled(case, call, found, opening)
    return [elsewhere] if elsewhere else instead(case, call, found, closed)


def _called(case: Case, call: Call) -> Json:
    return case.service(call.name, call.namespace).object


def _nearest(shut: Sequence[tuple[Json, Gap]], client: Party) -> tuple[Json, Gap]:
    """The policy that comes nearest to letting it pass; of equals, the one that asks for a label the client has."""

    def order(pair: tuple[Json, Gap]) -> tuple[int, bool, str]:
        policy, found = pair
        asked = {key for rule in dicts(policy, "spec", "ingress") for peer in peers(rule, "ingress")
                 for key in table(peer, "podSelector", "matchLabels")}  # fmt: skip
        return _NEAREST_FIRST.index(found), not asked & client.labels.keys(), text(policy, "metadata", "name")

    policy, found = min(shut, key=order)
    if found is Gap.BOTH:  # about another client and another port: the one that denies is to blame, if there is one
        return next((pair for pair in shut if pair[1] is Gap.NO_RULE), (policy, found))
    return policy, found


def _kept_out(case: Case, call: Call, way: Shut) -> Finding:
    client, server, port = way.client, way.server, way.port
    policy, found = _nearest(way.incoming, client)
    name, who = text(policy, "metadata", "name"), pairs(_own(case))
    near = nearest_rules(policy, "ingress", found, client, server, port)
    number, clause = _told(near, found, client, call.name, port, who)
    evidence = [*call.evidence, Evidence(f"networkpolicy {name}", told_rules(policy, "ingress"))]
    evidence.append(Evidence(f"pods of {call.name}", f"labels {pairs(_shown(server))}; traffic arrives on port {port}"))
    entry = plans.peer(client, server.namespace, _own(case))
    if found is Gap.NO_RULE:
        caller = case.workload_ref.name if case.workload_ref else case.target.name
        selector = table(_called(case, call), "spec", "selector")
        plan = plans.new_ingress(server.namespace, f"allow-{caller}-to-{call.name}", selector, entry, port, "TCP")
    else:
        plan = plans.allow_in(policy, found, _index(policy, found, client, server, port), entry, port, "TCP", who)
    return _finding(case, number, policy, clause, evidence, plan, call)


def _told(policy: Json, found: Gap, client: Party, called: str, port: int, who: str) -> tuple[int, str]:
    """The class and the sentence of a policy that keeps the caller out."""
    name = text(policy, "metadata", "name")
    match found:
        case Gap.NO_RULE:
            return 30, f"policy `{name}` lets nobody in to the pods of `{called}`, and no other policy allows `{who}`"
        case Gap.PORT:
            allowed = told_ports(policy, "ingress")
            listens = f"{port}/TCP" if "/" in allowed else str(port)
            return (
                32,
                f"policy `{name}` lets it in to port {allowed} only, but the pods of `{called}` listen on {listens}",
            )
    allowed = told_peers(policy, "ingress")
    return 31, f"policy `{name}` lets only {allowed} in to `{called}`, and {_instead(policy, client, who)}"


def _instead(policy: Json, client: Party, who: str) -> str:
    """What the caller has in place of what the peers ask for: its namespace's labels or its own."""
    for rule in dicts(policy, "spec", "ingress"):
        for peer in dicts(rule, "from"):
            spaces = table(peer, "namespaceSelector")
            if spaces and matches(table(peer, "podSelector"), client.labels) and not matches(spaces, client.home):
                return f"the caller's namespace `{client.namespace}` does not carry that label"
    return f"the caller carries `{who}`"


def _kept_in(case: Case, call: Call, way: Shut) -> Finding:
    server, port = way.server, way.port
    policy, found = min(way.outgoing, key=partial(_out_order, server))
    meant = _rule_meant(policy, server) if found is Gap.PORT else None
    name, allowed, service = text(policy, "metadata", "name"), told_rules(policy, "egress"), _called(case, call)
    labels = table(service, "spec", "selector")
    near = nearest_rules(policy, "egress", found, server, server, port)
    number = 34
    clause = (
        f"policy `{name}` lets no traffic out to `{call.name}` (pods `{pairs(labels)}`, port {port}); "
        f"it allows {told_ways_out(policy)}{_untranslated(policy, service, server)}"
    )
    if meant or (found is Gap.PORT and {str(one.port) for one in service_ports(service)} & named_ports(near)):
        number, ports = 32, ports_of(meant[1]) if meant else told_ports(near, "egress")
        whom = f"to `{call.name}` on" if meant else "to"
        on = f"{port}/TCP" if "/" in ports else str(port)
        clause = f"policy `{name}` lets it out {whom} port {ports} only, but the pods of `{call.name}` listen on {on}"
    evidence = [*call.evidence, Evidence(f"networkpolicy {name}", allowed)]
    evidence.append(Evidence(f"pods of {call.name}", f"labels {pairs(_shown(server))}; traffic arrives on port {port}"))
    if meant and len(peers(meant[1], "egress")) == 1:
        plan = plans.allow_out_on(policy, meant[0], port, "TCP", call.name)
    else:
        plan = plans.allow_out(policy, plans.peer(server, case.namespace, labels), port, "TCP", call.name)
    return _finding(case, number, policy, clause, evidence, plan, call)


def _out_order(server: Party, pair: tuple[Json, Gap]) -> tuple[int, bool, int, str]:
    """The policy that comes nearest to letting it out; of equals one that names what is called, and the one that is
    about the fewest pods."""
    policy, found = pair
    about = table(policy, "spec", "podSelector")
    narrow = len(table(about, "matchLabels")) + len(dicts(about, "matchExpressions"))
    return (
        _NEAREST_FIRST.index(found), _rule_meant(policy, server) is None, -narrow, text(policy, "metadata", "name")
    )  # fmt: skip


def _rule_meant(policy: Json, server: Party) -> tuple[int, Json] | None:
    """The rule with its place that names these pods by their labels, not only everybody or a range of addresses."""
    home = text(policy, "metadata", "namespace")
    return next(
        (
            (index, rule)
            for index, rule in enumerate(dicts(policy, "spec", "egress"))
            if any(table(one, "podSelector") and peer_matches(one, server, home) for one in peers(rule, "egress"))
        ),
        None,
    )


def _finding(
    case: Case, number: int, policy: Json, clause: str, evidence: list[Evidence], plan: Plan, call: Call
) -> Finding:
    ref = Ref("NetworkPolicy", text(policy, "metadata", "namespace"), text(policy, "metadata", "name"))
    reached = Ref("Service", call.namespace, call.name) if call.name else None
    return Finding(number, ref, Layer.DEPENDENCY, clause, tuple(evidence), plan, sureness(case, call), leads_to=reached)


def _own(case: Case) -> Json:
    """The labels by which the caller's pods are its own."""
    return plans.own_labels(case.workload, case.template_labels)


def _index(policy: Json, found: Gap, client: Party, server: Party, port: int) -> int:
    """The rule that comes nearest."""
    for index, rule in enumerate(dicts(policy, "spec", "ingress")):
        alone = {**policy, "spec": {**table(policy, "spec"), "ingress": [rule]}}
        if gap(alone, "ingress", client, server, port) is found:
            return index
    return 0


def _shown(party: Party) -> Json:
    return {key: value for key, value in party.labels.items() if not key.endswith("-hash")}


def _untranslated(policy: Json, service: Json, server: Party) -> str:
    """That a block of addresses which holds the Service's own, and not those of its pods, does not help.

    Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
    """
    ip = text(service, "spec", "clusterIP")
    if headless(service) or not ip:
        return ""
    every = [table(peer, "ipBlock") for rule in dicts(policy, "spec", "egress") for peer in peers(rule, "egress")]
    held = [text(one, "cidr") for one in every if one and in_block(one, ip) and not in_block(one, server.ip)]
    name = text(service, "metadata", "name")
    told = f"the address of service `{name}`, which most networks replace by a pod's before they judge a policy"
    return f"; `{held[0]}` holds {told}" if held else ""


def nobody_may_enter(case: Case) -> Iterator[Finding]:
    """Classes 30, 31 and 32 for the target itself: a Service sends traffic to pods that no policy opens to anybody."""
    pods = [pod for pod in case.pods if pod.ready]
    if not pods or not asked_directly(case) or not case.policies:
        return
    for service in case.services:
        server = server_of(case, pods[0], [])
        if server is None or not table(service, "spec", "selector"):
            continue
        shut = selecting(case.policies, server, "ingress")
        for port in service_ports(service)[:1] if shut else []:
            if number := arrives(port, pods[0].spec):
                opened = partial(_open_somewhere, case, server, shut, port.protocol)
                elsewhere = swapped(service, port, server.ports, number, opened)
                yield from [elsewhere] if elsewhere else _closed(case, service, server, number, port.protocol, shut)


def _open_somewhere(case: Case, server: Party, shut: list[Json], protocol: str, port: int) -> bool:
    return any(_opened_to_some(case, server, protocol, port, policy) for policy in shut)


def _opened_to_some(case: Case, server: Party, protocol: str, port: int, policy: Json) -> bool:
    """Whether the rules of a policy open the port to somebody who is there."""
    rules = dicts(policy, "spec", "ingress")
    return any(_opens(policy, rule, server, port, protocol) and somebody(case, rule) for rule in rules)


def asked_directly(case: Case) -> bool:
    """Whether the target itself was asked about, or an Ingress that sends all requests to it: who else calls it in vain
    is told there, and to look at this behind each of several Services would take more requests than a diagnosis may."""
    above = case.trail[:-1]
    if [one.kind for one in above] != [kinds.INGRESS.name]:
        return not above
    return {one.service for one in backends(case.get(kinds.INGRESS, above[0].name).object)} == {case.target.name}


def _closed(case: Case, service: Json, server: Party, port: int, protocol: str, shut: list[Json]) -> Iterator[Finding]:
    rules = [(policy, index, rule) for policy in shut for index, rule in enumerate(dicts(policy, "spec", "ingress"))]
    name, selector = text(service, "metadata", "name"), table(service, "spec", "selector")
    mine = selector if subset(selector, server.labels) else plans.own_labels({}, dict(server.labels))
    open_port = [each for each in rules if _opens(each[0], each[2], server, port, protocol)]
    if any(somebody(case, rule) for _, _, rule in open_port):
        return
    number, sure = 31, Confidence.SURE
    wanting: tuple[Evidence, ...] = ()
    if open_port:
        policy, index, rule = open_port[0]
        clause = f"policy `{{}}` lets only {told_peers(policy, 'ingress')} in to `{name}`, and nothing carries that"
        meant = _meant(case, rule)
        entry: Json = {"podSelector": {"matchLabels": plans.own_labels({}, meant.labels)}} if meant else {}
        plan = plans.allow_in(policy, Gap.PEER, index, entry, port, protocol, meant.ref.name) if meant else Plan()
        clause += f"; pod `{meant.ref.name}` comes nearest" if meant else ""
        space = next((one for one in dead_peers(case, [policy]) if one.meant), None) if not meant else None
        if space:
            plan = plans.let_namespace_in(case, space)
            clause += f"; the namespace `{space.meant}` is probably meant"
        caller = next(callers_of(case, name), None) if not (meant or space) else None
        if caller:
            entry = {"podSelector": {"matchLabels": plans.own_labels(caller.workload, caller.labels)}}
            plan = plans.allow_in(policy, Gap.PEER, index, entry, port, protocol, caller.ref.name)
            clause += f"; {caller.ref.kind} `{caller.ref.name}` is told to call it (`{caller.variable}`)"
            wanting = (Evidence(str(caller.ref), f"{caller.variable} calls {name}; labels {pairs(caller.labels)}"),)
            sure = Confidence.LIKELY
        elif not (meant or space):
            yield from _not_called_yet(case, policy, name)
            return
    elif any(somebody(case, rule) for _, _, rule in rules):
        policy, index, _ = next(each for each in rules if somebody(case, each[2]))
        number = 32
        clause = (
            f"policy `{{}}` opens port {told_ports(policy, 'ingress')} only, but the pods of `{name}` listen on {port}"
        )
        plan = plans.allow_in(policy, Gap.PORT, index, {}, port, protocol, name)
    elif unmet := meant_for_anybody(case, name, server, partial(_opened_to_some, case, server, protocol, port)):
        yield unmet
        return
    else:
        policy, number = shut[0], 30
        clause = f"policy `{{}}` lets nobody in to the pods of service `{name}`, and no other policy allows anything"
        plan = plans.new_ingress(case.namespace, f"allow-to-{name}", mine, None, port, protocol)
    called = text(policy, "metadata", "name")
    evidence = (
        Evidence(f"networkpolicy {called}", f"selects these pods; {told_rules(policy, 'ingress')}"),
        Evidence(f"service {name}", f"sends traffic to port {port} of pods with {pairs(selector)}"),
        *wanting,
    )
    ref = Ref("NetworkPolicy", case.namespace, called)
    yield Finding(number, ref, Layer.POLICY, clause.format(called), evidence, plan, sure)


def _not_called_yet(case: Case, policy: Json, called: str) -> Iterator[Finding]:
    """That a policy waits for callers of which none is there: as far as can be seen, nobody is kept out."""
    state, name = health(case), text(policy, "metadata", "name")
    if not state.good:
        return
    said = f"policy `{name}` lets only {told_peers(policy, 'ingress')} in to `{called}`, and none of these is here now"
    seen = (Evidence(f"networkpolicy {name}", f"selects these pods; {told_rules(policy, 'ingress')}"),)
    ref = Ref("NetworkPolicy", case.namespace, name)
    yield Finding(125, ref, Layer.POLICY, f"{state.serving}; {said}", seen, benign=True)


def _meant(case: Case, rule: Json) -> Neighbour | None:
    """The pod of this namespace that a rule probably means: it carries the labels, and only its namespace does not; or
    it has another value for one of the keys."""
    selectors = [table(peer, "podSelector") for peer in dicts(rule, "from") if table(peer, "podSelector")]
    asked = {pair for each in selectors for pair in asked_for(each)}
    own = {case.workload_ref, *(pod.ref for pod in case.pods)}
    others = at_once(partial(neighbours, case, key) for key in sorted({key for key, _ in asked}))
    others = [one for one in others if one.ref not in own]
    exact = [one for one in others if any(matches(each, one.labels) for each in selectors)]
    near = [
        one for one in others if any(nearest_one(str(one.labels.get(key, "")), [value], 0.75) for key, value in asked)
    ]
    return min(pods_of(case, exact or near), key=lambda pod: pod.ref.name, default=None)


def _opens(policy: Json, rule: Json, server: Party, port: int, protocol: str) -> bool:
    """Whether a rule opens the port, whoever its peers are."""
    anybody = {**policy, "spec": {**table(policy, "spec"), "ingress": [{"ports": rule.get("ports") or []}]}}
    return gap(anybody, "ingress", server, server, port, protocol) is None


RULES: tuple[Rule, ...] = (caller_is_kept_out, nobody_may_enter)
