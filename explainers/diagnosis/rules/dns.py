"""Names that do not resolve although they are right (classes 33, 35, 37)."""

from collections.abc import Iterator
from dataclasses import replace

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.logs.connections import Failure
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans import dns as dns_plans
from explainers.diagnosis.plans import policies as policy_plans
from explainers.diagnosis.views.calls import NAMES, REACHED, Call, sureness, suspected_calls
from explainers.diagnosis.views.pods import Json, dicts, dig, table, text
from explainers.diagnosis.views.serving import ready_endpoints
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.network.dns import NAME, NAMESPACE, SERVICE, dns_deployment, dns_endpoints, dns_service, dns_state
from explainers.network.parties import client_of, namespace_labels
from explainers.network.policies import Gap, Party, blocking
from explainers.network.shut import shut
from explainers.selectors import query

DNS_LABELS: Json = {"k8s-app": "kube-dns"}


def _unresolved(case: Case) -> list[Call]:
    """The calls whose name does not resolve, by the log; all calls of pods that are not ready and say nothing."""
    calls = suspected_calls(case)
    return [call for call in calls if call.complaint is None or call.complaint.failure in NAMES]


def _found(call: Call) -> bool:
    """Whether the log says that the name was found: somebody refused the connection, or answered."""
    return call.complaint is not None and call.complaint.failure in (Failure.REFUSED, *REACHED)


def dns_egress_blocked(case: Case) -> Iterator[Finding]:
    """Class 33: no policy lets the target's look-ups out, so no call by name can work."""
    calls = _unresolved(case) or [call for call in suspected_calls(case) if not _found(call)]
    if not calls or not case.policies:
        return
    client = client_of(case, ())
    dns = _dns_pods(case)
    if client is None or dns is None:
        return
    closed = {protocol: _shut(case, client, dns, protocol) for protocol in ("UDP", "TCP")}
    if not closed["UDP"]:
        return
    policy = min(
        (pair[0] for pair in closed["UDP"]), key=lambda one: (not _about_dns(one), text(one, "metadata", "name"))
    )
    name, over = (
        text(policy, "metadata", "name"),
        "UDP or TCP" if closed["TCP"] else "UDP",
    )
    clause = f"policy `{name}` lets no DNS look-up out: none may reach kube-dns in kube-system on port 53 over {over}"
    clause += _instead(policy)
    evidence = [*calls[0].evidence, Evidence(f"networkpolicy {name}", f"egress allows {_allowed(policy)}")]
    sure = sureness(case, calls[0])
    yield Finding(
        33, Ref("NetworkPolicy", case.namespace, name), Layer.DEPENDENCY, clause, tuple(evidence),
        policy_plans.allow_dns(policy), sure,
    )  # fmt: skip


def _dns_pods(case: Case) -> Party | None:
    """DNS as the one that is called; None when its namespace's labels matter and cannot be read."""
    home = namespace_labels(case, NAMESPACE, case.policies)
    return None if home is None else Party(NAMESPACE, DNS_LABELS, home)


def _addresses_of_dns(case: Case) -> list[str]:
    """Where look-ups go, for rules that name addresses: the Service's and its pods'. One unknown ("") allows all."""
    if not any("ipBlock" in peer for policy in case.policies for peer in _peers(policy)):
        return [""]
    case.facts.want(dns_endpoints())
    (service,) = case.ask(dns_service())
    state = dns_state(case)
    found = [text(service.object, "spec", "clusterIP"), *state.addresses]
    return found if service.ok and state.up is not None else [""]


def _shut(case: Case, client: Party, dns: Party, protocol: str) -> list[tuple[Json, Gap]]:
    """The policies that keep look-ups in; none when one of the addresses of DNS may be reached."""
    asked = [
        blocking(case.policies, "egress", client, replace(dns, ip=ip), 53, protocol) for ip in _addresses_of_dns(case)
    ]
    return asked[0] if all(asked) else []


def _peers(policy: Json) -> list[Json]:
    return [peer for rule in dicts(policy, "spec", "egress") for peer in dicts(rule, "to")]


def _about_dns(policy: Json) -> bool:
    return any(
        port.get("port") in (53, "dns") for rule in dicts(policy, "spec", "egress") for port in dicts(rule, "ports")
    )


def _instead(policy: Json) -> str:
    """The namespaces that its DNS rule asks for, when that is why it misses."""
    asked = [
        query(table(peer, "namespaceSelector"))
        for rule in dicts(policy, "spec", "egress")
        if any(port.get("port") == 53 and text(port, "protocol") == "UDP" for port in dicts(rule, "ports"))
        for peer in dicts(rule, "to")
    ]
    found = next((one for one in asked if one), "")
    return f"; its rule asks for namespaces with `{found}`" if found else ""


def _allowed(policy: Json) -> str:
    told = []
    for rule in dicts(policy, "spec", "egress"):
        ports = ", ".join(
            f"{port.get('port', 'any')}/{text(port, 'protocol') or 'TCP'}" for port in dicts(rule, "ports")
        )
        told.append(f"port {ports or 'any'} to {len(dicts(rule, 'to')) or 'all'} peers")
    return "; ".join(told) or "nothing"


def _fails_anyway(case: Case, call: Call) -> bool:
    """Whether it fails however DNS does: no Service has the name, or a call that says nothing is shut out or has nobody
    to answer it."""
    if call.complaint is None:
        service = case.service(call.name, call.namespace).object if call.name else {}
        nobody = bool(table(service, "spec", "selector")) and not ready_endpoints(case.slices(service))
        return nobody or shut(case, call) is not None
    denied = call.complaint.failure is Failure.NXDOMAIN
    return denied and bool(call.name) and case.service(call.name, call.namespace).absent


def dns_is_down(case: Case) -> Iterator[Finding]:
    """Class 35: no DNS pod is ready, so no name resolves anywhere in the cluster."""
    calls = [call for call in _unresolved(case) if not _fails_anyway(case, call)]
    if not calls:
        return
    state = dns_state(case)
    if state.up is not False:
        return
    deployment = dns_deployment(case)
    name, at_zero = (deployment.name, deployment.wanted == 0) if deployment else (NAME, False)
    reason = f"Deployment `{name}` is scaled to 0" if at_zero else state.told
    clause = f"cluster DNS is down ({reason} in `{NAMESPACE}`), so no name resolves"
    evidence = [*calls[0].evidence, Evidence(f"pods of {SERVICE} in {NAMESPACE}", state.told)]
    if deployment:
        counted = f"spec.replicas {deployment.wanted}, {deployment.ready} ready"
        evidence.append(Evidence(f"deployment {name} in {NAMESPACE}", counted))
    ref = Ref("Deployment", NAMESPACE, name)
    plan = dns_plans.bring_up(ref, at_zero, case.events(ref) if at_zero else [], case.now)
    yield Finding(35, ref, Layer.CLUSTER, clause, tuple(evidence), plan, sureness(case, calls[0]))


def dns_settings(case: Case) -> Iterator[Finding]:
    """Class 37: the pod asks another name server than the cluster's, or asks it without search domains."""
    spec = table(case.template, "spec")
    policy = text(spec, "dnsPolicy") or "ClusterFirst"
    on_host = spec.get("hostNetwork") is True
    if policy == "ClusterFirstWithHostNet" or (policy == "ClusterFirst" and not on_host):
        return
    calls = [call for call in _unresolved(case) if call.name] or _of_names_not_searched(case, spec, policy)
    if not calls and policy == "None":
        yield from _of_outside(case, spec, "ClusterFirstWithHostNet" if on_host else "ClusterFirst")
    told = _why_not(case, spec, policy, calls[0]) if calls else ""
    if not told:
        return
    right = "ClusterFirstWithHostNet" if on_host else "ClusterFirst"
    ref = case.workload_ref or case.target
    clause = f"{told}, so service names such as `{calls[0].address.host}` do not resolve"
    config = ", ".join(dns_servers(spec)) or "none"
    settings = f"dnsPolicy {policy}, hostNetwork {str(on_host).lower()}, nameservers {config}"
    evidence = (*calls[0].evidence, Evidence(f"pod template of {ref.name}", settings))
    vague = calls[0].complaint is not None and calls[0].complaint.failure is Failure.FAILED
    sure = Confidence.LIKELY if vague else sureness(case, calls[0])
    yield Finding(37, ref, Layer.NEEDS, clause, evidence, dns_plans.set_policy(case, ref, policy, right), sure)


def _of_names_not_searched(case: Case, spec: Json, policy: str) -> list[Call]:
    """The calls that fail, their log does not say how, and whose names cannot resolve by a list of search domains."""
    vague = [one for one in suspected_calls(case) if one.complaint and one.complaint.failure is Failure.FAILED]
    return [
        call for call in vague
        if policy == "None" and call.name and ".svc." not in f"{call.address.host}." and _not_searched(case, spec, call)
    ]  # fmt: skip


def _of_outside(case: Case, spec: Json, right: str) -> Iterator[Finding]:
    """37: a name outside the cluster does not resolve, and a name server of one's own is asked for it."""
    call = next((one for one in _unresolved(case) if one.complaint and one.complaint.host), None)
    servers = dns_servers(spec)
    if call is None or not servers:
        return
    (answer,) = case.ask(dns_service())
    address = text(answer.object, "spec", "clusterIP")
    if not address or address in servers:
        return
    ref, shown = case.workload_ref or case.target, ", ".join(servers)
    clause = f"dnsPolicy `None` asks the name server `{shown}`, which does not resolve `{call.address.host}`"
    evidence = (*call.evidence, Evidence(f"pod template of {ref.name}", f"dnsPolicy None, nameservers {shown}"))
    plan = dns_plans.perhaps_policy(case, ref, "None", right)
    denied = call.complaint is not None and call.complaint.failure is Failure.NXDOMAIN
    yield Finding(37, ref, Layer.NEEDS, clause, evidence, plan, Confidence.POSSIBLE if denied else Confidence.LIKELY)


def dns_servers(spec: Json) -> list[str]:
    found = dig(spec, "dnsConfig", "nameservers")
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _why_not(case: Case, spec: Json, policy: str, call: Call) -> str:
    """What is wrong with the settings for this call, or nothing."""
    if policy == "ClusterFirst":
        return (
            "`hostNetwork` with dnsPolicy `ClusterFirst` uses the node's resolver (it takes `ClusterFirstWithHostNet`)"
        )
    if policy == "Default":
        return "dnsPolicy `Default` uses the node's resolver, which knows no service"
    (answer,) = case.ask(dns_service())
    address, servers = text(answer.object, "spec", "clusterIP"), dns_servers(spec)
    if address and servers and address not in servers:
        return f"dnsPolicy `None` asks the name server `{', '.join(servers)}` and not the cluster's ({address})"
    return "" if ".svc." in f"{call.address.host}." else _not_searched(case, spec, call)


def _not_searched(case: Case, spec: Json, call: Call) -> str:
    """The search domain that a short name needs and that a list of one's own leaves out."""
    found = dig(spec, "dnsConfig", "searches", default=[])
    searches = [one for one in found if isinstance(one, str)] if isinstance(found, list) else []
    if not searches:
        return "dnsPolicy `None` sets no search domains, and the short name is asked as it stands"
    needed = "svc." if "." in call.address.host else f"{case.namespace}.svc."
    if any(one.startswith(needed) for one in searches):
        return ""
    shown = ", ".join(f"`{one}`" for one in searches)
    return f"dnsPolicy `None` searches only in {shown} and not in `{needed}cluster.local`"


RULES: tuple[Rule, ...] = (dns_egress_blocked, dns_is_down, dns_settings)
