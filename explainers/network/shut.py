"""Whether NetworkPolicies keep a call from the Service that it means, read as sparingly as they allow.

What the Service's selector and its endpoints tell of the pods behind is enough for policies that ask for no more than
that; only for others their template is read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.views.calls import NAMES, Call
from explainers.diagnosis.views.pods import Json, dicts, number, table, text
from explainers.diagnosis.views.ports import ServicePort, headless, resolved, service_ports
from explainers.diagnosis.views.serving import ready_endpoints
from explainers.network.parties import client_of, namespace_labels, pods_of, server_of
from explainers.network.policies import Gap, Party, blocking, governs, peers, selecting
from explainers.selectors import matches


@dataclass(frozen=True)
class Shut:
    """A call as policies see it: from `client` to `port` of `server`, which has a ready endpoint if it `serves`, and
    the policies that together forbid that on either side, each with its gap."""

    client: Party
    server: Party
    port: int
    serves: bool
    incoming: Sequence[tuple[Json, Gap]]
    outgoing: Sequence[tuple[Json, Gap]]


def shut(case: Case, call: Call) -> Shut | None:
    """What keeps a suspected call of the target from its Service; None where nothing does, or nobody can tell."""
    if not call.name or (call.complaint and call.complaint.failure in NAMES):
        return None
    service = case.service(call.name, call.namespace).object
    if not table(service, "spec", "selector"):
        return None
    outgoing = case.find(kinds.NETWORK_POLICY).items
    other = call.namespace != case.namespace
    incoming = case.find(kinds.NETWORK_POLICY, namespace=call.namespace).items if other else outgoing
    client = client_of(case, [*outgoing, *incoming]) if outgoing or incoming else None
    found = _server(case, call, service, client, outgoing, incoming) if client else None
    if client is None or found is None:
        return None
    server, port, serves = found
    if not port:
        return None
    kept_out = blocking(incoming, "ingress", client, server, port)
    kept_in = blocking(outgoing, "egress", client, server, port)
    return Shut(client, server, port, serves, kept_out, kept_in) if kept_out or kept_in else None


def _server(
    case: Case, call: Call, service: Json, client: Party, outgoing: Sequence[Json], incoming: Sequence[Json]
) -> tuple[Party, int, bool] | None:
    """What is called: a pod, its port, and whether the Service has a ready endpoint."""
    if not _arrives(call, service, lambda port: port.port):
        return None
    every, slices = [*outgoing, *incoming], case.slices(service)
    ready, selector = ready_endpoints(slices), table(service, "spec", "selector")
    labels = namespace_labels(case, call.namespace, every)
    if labels is None:
        return None
    behind = Party(call.namespace, selector, labels, ready[0].ip if ready else "", _named(slices, service))
    told = _arrives(call, service, lambda port: _behind(slices, port))
    if ready and told and _decided(client, behind, outgoing, incoming):
        return behind, told, True
    pods = pods_of(case, service)
    server = server_of(case, pods[0], every) if pods else None
    return (server, _arrives(call, service, lambda port: resolved(port, pods[0].spec)), bool(ready)) if server else None


def _arrives(call: Call, service: Json, behind: Callable[[ServicePort], int]) -> int:
    """The port on the pods where a call arrives, as `behind` tells it for one of the Service; 0 when it does not offer
    what is called."""
    if headless(service) and call.address.port:
        return call.address.port
    fitting = [one for one in service_ports(service) if one.port == call.address.port or not call.address.port]
    return behind(fitting[0]) if fitting else 0


def _behind(slices: Sequence[Json], port: ServicePort) -> int:
    """The port of the endpoints that a port of their Service stands for."""
    told = [one for piece in slices for one in dicts(piece, "ports") if text(one, "name") == port.name]
    return next((number(one, "port") for one in told), 0)


def _named(slices: Sequence[Json], service: Json) -> dict[tuple[str, str], int]:
    """The ports of the pods that a Service calls by their names, by (name, protocol), where all endpoints agree."""
    found = {}
    for port in service_ports(service):
        told = [one for piece in slices for one in dicts(piece, "ports") if text(one, "name") == port.name]
        numbers = {number(one, "port") for one in told}
        if isinstance(port.target, str) and len(numbers) == 1:
            found[port.target, port.protocol] = numbers.pop()
    return found


def _decided(client: Party, server: Party, outgoing: Sequence[Json], incoming: Sequence[Json]) -> bool:
    """Whether policies ask for no more of the called than the labels and the ports that are known of it."""
    into = [policy for policy in incoming if governs(policy, "ingress")]
    ways_in = [rule for policy in into for rule in dicts(policy, "spec", "ingress")]
    ways_out = [rule for policy in selecting(outgoing, client, "egress") for rule in dicts(policy, "spec", "egress")]
    meant = [peer for rule in ways_out for peer in peers(rule, "egress") if _may_mean(peer, client, server)]
    asked = [table(one, "podSelector") for one in [*(table(policy, "spec") for policy in into), *meant]]
    ports = [one for rule in [*ways_in, *ways_out] for one in dicts(rule, "ports") if isinstance(one.get("port"), str)]
    named = all((text(one, "port"), text(one, "protocol") or "TCP") in server.ports for one in ports)
    return named and all(_told(one, server) for one in asked)


def _may_mean(peer: Json, client: Party, server: Party) -> bool:
    """Whether a peer of a policy beside the client is of the server's namespace."""
    if "namespaceSelector" in peer:
        return matches(table(peer, "namespaceSelector"), server.home)
    return client.namespace == server.namespace


def _told(selector: Json, server: Party) -> bool:
    """Whether the labels that are known tell if a selector matches."""
    labels, expressions = table(selector, "matchLabels"), dicts(selector, "matchExpressions")
    known = {
        "matchLabels": {key: value for key, value in labels.items() if key in server.labels},
        "matchExpressions": [one for one in expressions if text(one, "key") in server.labels],
    }
    keys = {*labels, *(text(one, "key") for one in expressions)}
    return keys <= server.labels.keys() or not matches(known, server.labels)
