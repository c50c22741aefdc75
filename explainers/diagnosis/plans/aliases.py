"""The fixes of aliases and of endpoints that were written by hand."""

from dataclasses import replace

from explainers import kinds
from explainers.diagnosis.views.pods import Json, dicts, dig, text
from explainers.kinds import Kind, Ref
from explainers.operations.apply import Apply
from explainers.operations.patches import Patch
from explainers.operations.reads import Get
from explainers.plan import Plan, Step

ENDPOINTS = Kind("Endpoints", "endpoints", short=("ep",))
MIRRORED_BY = "endpointslicemirroring-controller.k8s.io"


def rename(service: Json, host: str) -> Plan:
    """Point the alias to another name."""
    namespace, name = text(service, "metadata", "namespace"), text(service, "metadata", "name")
    body, back = ({"spec": {"externalName": each}} for each in (host, text(service, "spec", "externalName")))
    change = Patch(kinds.SERVICE, namespace, name, body, "merge", back)
    return Plan((Step(change, f"point `{name}` to a name that exists", "the alias resolves within a few seconds"),))


def if_meant(other: Ref, change: Plan) -> Plan:
    """First look at a service that shares no more than its name with the one that is missing: it may be another."""
    why = f"see whether this is the service that is meant: the namespace `{other.namespace}` may be of others"
    steps = (replace(step, why=f"if that is the service that is meant, {step.why}") for step in change.steps)
    return Plan((Step(Get(kinds.SERVICE, other.namespace, other.name), why),), tuple(steps))


def written_out(service: Json, ip: str) -> Plan:
    """A Service without a selector, and the address in an EndpointSlice of its own: what an address needs.

    Source: https://kubernetes.io/docs/concepts/services-networking/service/#services-without-selectors
    """
    namespace, name = text(service, "metadata", "namespace"), text(service, "metadata", "name")
    ports = [
        {key: one[key] for key in ("name", "port", "protocol") if key in one} for one in dicts(service, "spec", "ports")
    ]
    if not ports:
        why = (
            f"it names no port: write the one that its callers use into `spec.ports`, take the type ExternalName out, "
            f"and write {ip} into an EndpointSlice of it"
        )
        return Plan((Step(Get(kinds.SERVICE, namespace, name), why),))
    body = {"spec": {"type": "ClusterIP", "externalName": None}}
    back = {"spec": {"type": "ExternalName", "externalName": ip}}
    become = Patch(kinds.SERVICE, namespace, name, body, "merge", back)
    piece = {
        "apiVersion": kinds.ENDPOINT_SLICE.api_version,
        "kind": "EndpointSlice",
        "metadata": {"name": f"{name}-1", "namespace": namespace, "labels": {"kubernetes.io/service-name": name}},
        "addressType": "IPv4",
        "ports": ports,
        "endpoints": [{"addresses": [ip]}],
    }
    write = Apply(kinds.ENDPOINT_SLICE, namespace, piece, creates=True)
    return Plan(
        (
            Step(write, f"write the address {ip} down as what is behind `{name}`"),
            Step(become, "make it a service of its own instead of an alias", "connections reach the address"),
        )
    )


def written_in(piece: Json, service: Json) -> Ref:
    """The object in which the address was written: the slice, or the Endpoints object that it mirrors."""
    namespace = text(service, "metadata", "namespace")
    if text(piece, "metadata", "labels", "endpointslice.kubernetes.io/managed-by") == MIRRORED_BY:
        return Ref("Endpoints", namespace, text(service, "metadata", "name"))
    return Ref("EndpointSlice", namespace, text(piece, "metadata", "name"))


def look_at_written(ref: Ref) -> Plan:
    """Nobody but its author knows which address was meant."""
    kind = ENDPOINTS if ref.kind == "Endpoints" else kinds.ENDPOINT_SLICE
    why = "the address and port: ask who looks after that machine, or correct them if it is another one by now"
    return Plan((Step(Get(kind, ref.namespace, ref.name), why),))


def readdress(piece: Json, service: Json, old: str, new: str) -> Plan:
    """Write the address that the pod has now."""
    ref = written_in(piece, service)
    if ref.kind == "Endpoints":
        ports = [{key: one[key] for key in ("name", "port", "protocol") if key in one} for one in dicts(piece, "ports")]
        kept = [ip for one in dicts(piece, "endpoints") for ip in dig(one, "addresses", default=[]) if ip != old]
        every = [{"ip": ip} for ip in dict.fromkeys([*kept, new])]
        written = {"subsets": [{"addresses": every, "ports": ports}]}
        whole = Patch(ENDPOINTS, ref.namespace, ref.name, written, "merge")
        return Plan((Step(whole, f"send traffic to the address that the pod has now, {new}", "connections succeed"),))
    for place, endpoint in enumerate(dicts(piece, "endpoints")):
        listed = dig(endpoint, "addresses", default=[])
        if old in listed:
            path = f"/endpoints/{place}/addresses/{listed.index(old)}"
            body, back = ([{"op": "replace", "path": path, "value": each}] for each in (new, old))
            change = Patch(kinds.ENDPOINT_SLICE, ref.namespace, ref.name, body, "json", back)
            why = f"send traffic to the address that the pod has now, {new}; a selector would follow it by itself"
            return Plan((Step(change, why, "connections succeed within a few seconds"),))
    return Plan()
