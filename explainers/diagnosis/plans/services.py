"""The fixes of Services, as operations on the objects that were read."""

from collections.abc import Sequence
from typing import Any

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.views.labels import Meant
from explainers.diagnosis.views.pods import Json, Pod, dicts, dig, number, table, text
from explainers.diagnosis.views.ports import ServicePort
from explainers.diagnosis.views.template import steps_after, template_patch
from explainers.kinds import Ref
from explainers.operations.apply import Apply, Create
from explainers.operations.base import Change
from explainers.operations.objects import Pairs
from explainers.operations.patches import Patch
from explainers.operations.pods import Delete
from explainers.operations.reads import Get, List, Logs, Rows, events_of
from explainers.operations.rollouts import HASH_LABEL
from explainers.operations.services import SetSelector, expose
from explainers.operations.workloads import Scale
from explainers.plan import Plan, Step

NOTHING = Plan()


def _pairs(labels: Json) -> Pairs:
    return tuple(sorted((str(key), str(value)) for key, value in labels.items()))


def _where(service: Json) -> tuple[str, str]:
    return text(service, "metadata", "namespace"), text(service, "metadata", "name")


def _after(service: Json) -> Step:
    """The look that shows whether a Service found its pods."""
    namespace, name = _where(service)
    return Step(Get(kinds.SERVICE, namespace, name), "read the service again", "its selector and ports are as wanted")


def narrow(service: Json, labels: Json) -> Plan:
    """Give the Service a selector that chooses exactly the pods meant."""
    namespace, name = _where(service)
    before = _pairs(table(service, "spec", "selector"))
    change = SetSelector(namespace, name, _pairs(labels), before)
    why = f"let service `{name}` select the pods that are meant"
    return Plan((Step(change, why, "its endpoints are these pods within a few seconds"), _after(service)))


def mark(workload: Ref, service: Json, key: str, value: str) -> Plan:
    """Give a workload's pods a label of their own, and then let the Service ask for it too."""
    forth, back = ({"spec": {"template": {"metadata": {"labels": {key: each}}}}} for each in (value, None))
    change = Patch(workload.type, workload.namespace, workload.name, forth, back=back)
    why = f"give the pods of `{workload.name}` a label that no others carry"
    step = Step(change, why, "its new pods are ready; only then change the selector")
    narrowed = narrow(service, {**table(service, "spec", "selector"), key: value})
    return Plan((step, *narrowed.steps))


def reselect(service: Json, meant: Meant | None) -> Plan:
    """Give the Service the labels that the pods of the workload carry."""
    return narrow(service, meant.selector) if meant and meant.selector else NOTHING


def make_again(service: Json, wanted: str) -> Plan:
    """The pods of a Service are gone with what made them, which nobody but its manifest can bring back."""
    namespace, _ = _where(service)
    why = f"see what is left; apply the manifest again of what carried `{wanted}`"
    return Plan((Step(List(kinds.DEPLOYMENT, namespace), why), _after(service)))


def scale_up(workload: Ref, replicas: int, why: str) -> Plan:
    change = Scale(workload.type, workload.namespace, workload.name, replicas, 0)
    look = Get(workload.type, workload.namespace, workload.name)
    return Plan(
        (
            Step(change, why, f"{replicas} of {replicas} ready shortly"),
            Step(look, "see how many are ready"),
        )
    )


def make_service(workload: Json, name: str, port: int, target: int | str) -> Plan:
    """Make the missing Service; kubectl exposes Deployments and ReplicaSets, for other kinds a manifest does it."""
    kind, namespace = kinds.kind_named(text(workload, "kind")), text(workload, "metadata", "namespace")
    selector = table(workload, "spec", "selector", "matchLabels") or table(
        workload, "spec", "template", "metadata", "labels"
    )
    change: Change
    if kind in (kinds.DEPLOYMENT, kinds.REPLICA_SET) and not dig(workload, "spec", "selector", "matchExpressions"):
        change = expose(kind, workload, name, port, str(target))
    else:
        manifest = {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {"selector": selector, "ports": [{"port": port, "targetPort": target}]},
        }
        change = Apply(kinds.SERVICE, namespace, manifest, creates=True)
    return Plan((Step(change, f"make the service `{name}` for it", f"the name `{name}` resolves at once"),))


def retarget(service: Json, port: ServicePort, right: int | str) -> Plan:
    """Send one port of the Service to the port where the pods listen."""
    why = f"send port {port.port} to {right}, where the pods listen"
    return _patch_port(service, port, "targetPort", right, port.target, why)


def retarget_later(service: Json, port: ServicePort, right: int | str) -> Plan:
    """The same for pods that are yet to come up: before they do it would cut off those that serve."""
    why = f"once the new pods are ready, and not before, send port {port.port} to {right}, as they name it"
    return _patch_port(service, port, "targetPort", right, port.target, why)


def look_who_listens(service: Json, pod: Pod) -> Plan:
    """Nobody listens where the Service sends: what the pods do is said by their log, if anywhere."""
    namespace, name = _where(service)
    logs = [
        Step(Logs(pod.namespace, pod.name, one.name, tail=100), "whether it listens, and where, if it says so")
        for one in pod.main_containers
    ]
    where = Step(Get(kinds.SERVICE, namespace, name), "if it listens on another port, `targetPort` has to name that")
    return Plan((*logs[:2], where))


def perhaps(plan: Plan) -> Plan:
    """A change that is only a guess: look first."""
    return Plan(plan.steps[-1:], plan.steps[:1])


def offer_port(service: Json, wanted: int, ports: Sequence[ServicePort]) -> Plan:
    """Let the Service offer the port that is called too: what helps where the caller's address stands in a Secret or
    in a file that no command can correct. Ports need names once there are several."""
    namespace, name = _where(service)
    like = next((one for one in ports if one.target == wanted), ports[0])
    entries: list[Json] = [
        {"port": one.port, "protocol": one.protocol, "name": one.name or f"port-{one.port}"} for one in ports
    ]
    entries.append({"port": wanted, "protocol": like.protocol, "targetPort": like.target, "name": f"port-{wanted}"})
    had: list[Json] = [{"port": one.port, "protocol": one.protocol, "name": one.name or None} for one in ports]
    had.append({"port": wanted, "protocol": like.protocol, "$patch": "delete"})
    change = Patch(kinds.SERVICE, namespace, name, {"spec": {"ports": entries}}, back={"spec": {"ports": had}})
    why = f"offer {wanted} beside {like.port}, if the address of the caller cannot be corrected"
    return Plan((Step(change, why, "connections succeed within a few seconds"), _after(service)))


def renumber(service: Json, port: ServicePort, wanted: int) -> Plan:
    """Let the Service offer one port under the number that is called."""
    return _patch_port(service, port, "port", wanted, port.port, f"offer port {wanted}, where the pods listen")


def change_protocol(service: Json, port: ServicePort, right: str) -> Plan:
    why = f"speak {right} like the pods"
    return _patch_port(service, port, "protocol", right, port.protocol, why)


def _patch_port(service: Json, port: ServicePort, field: str, value: Any, before: Any, why: str) -> Plan:
    """A JSON patch of one field of one port."""
    namespace, name = _where(service)
    path = f"/spec/ports/{port.index}/{field}"
    body, back = ([{"op": "replace", "path": path, "value": each}] for each in (value, before))
    change = Patch(kinds.SERVICE, namespace, name, body, "json", back)
    return Plan((Step(change, why, "connections succeed within a few seconds"), _after(service)))


def look_at_ended(pod: Pod) -> Plan:
    """A finished bare pod cannot be started again: look why it ended, then make it anew under a controller."""
    steps = tuple(
        Step(Logs(pod.namespace, pod.name, one.name, tail=50), f"see how `{one.name}` ended", "the reason why it ended")
        for one in pod.main_containers
    )
    look = Step(Get(kinds.POD, pod.namespace, pod.name), "keep its spec to make it anew, better as a Deployment")
    return Plan((*steps, look))


def look_at_left_behind(pod: Pod) -> Plan:
    """A pod that goes with the Deployment that had it made: see whether that is gone for good."""
    made_by = pod.owner.name.removesuffix(f"-{text(pod.labels, HASH_LABEL)}") if pod.owner else pod.name
    why = f"whether `{made_by}`, which had it made, is among them; if it is deleted and still wanted, apply it again"
    return Plan((Step(Rows(kinds.DEPLOYMENT, pod.namespace), why),))


def look_at_unready(pod: Pod, others_ready: bool) -> Plan:
    """What a pod says about itself that is not ready; a fresh one in its place where the others of its kind are."""
    steps = [
        Step(Logs(pod.namespace, pod.name, one.name, tail=100), f"see what `{one.name}` waits for")
        for one in pod.main_containers
        if not one.ready or len(pod.main_containers) == 1
    ]
    steps.append(Step(events_of("Pod", pod.namespace, pod.name), "see what its probe answers"))
    if others_ready and pod.owner:
        why = "the other pods of this template are ready: let a fresh one take the place of this one"
        steps.append(Step(Delete(kinds.POD, pod.namespace, pod.name), why, "the new pod is ready like the others"))
    return Plan(tuple(steps))


def look_at_gate(case: Case, pod: Pod, gate: str) -> Plan:
    """A readiness gate that nothing sets: see what is to set it, or do without it."""
    why = f"its conditions: whatever is to set `{gate}` does not run, or does not know this pod"
    others = [one for one in dicts(case.template, "spec", "readinessGates") if text(one, "conditionType") != gate]
    change = template_patch(case, {"readinessGates": others or None})
    gone = f"make pods without the gate `{gate}`, if what set it is gone for good"
    without = steps_after(case, change, gone, "the new pods are ready as soon as their containers are")
    return Plan((Step(Get(kinds.POD, pod.namespace, pod.name), why),), without)


def governing_service(workload: Json, name: str, early: bool) -> Plan:
    """A headless Service for the pods of a StatefulSet, with the ports that they declare; `early` where they must be
    found before they are ready. `serviceName` itself cannot be changed."""
    labels, namespace = table(workload, "spec", "selector", "matchLabels"), text(workload, "metadata", "namespace")
    containers = dicts(workload, "spec", "template", "spec", "containers")
    declared = [one for container in containers for one in dicts(container, "ports")]
    ports = [_port(one) for one in declared if number(one, "containerPort")]
    if not labels:
        return Plan()
    spec: Json = {"clusterIP": "None", "selector": labels, **({"ports": ports} if ports else {})}
    spec |= {"publishNotReadyAddresses": True} if early else {}
    body: Json = {
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace}, "spec": spec,
    }  # fmt: skip
    why = "make it, headless: each pod then has a name of its own"
    why += ", also before it is ready" if early else ""
    return Plan((Step(Create(kinds.SERVICE, namespace, body), why, "the names resolve within half a minute"),))


def publish_early(service: Json) -> Plan:
    """Let the names of pods resolve before they are ready."""
    namespace, name = _where(service)
    forth, back = ({"spec": {"publishNotReadyAddresses": each}} for each in (True, None))
    change = Patch(kinds.SERVICE, namespace, name, forth, "merge", back)
    why = "publish the pods' names before they are ready, as those need that look each other up at their start"
    return Plan((Step(change, why, "the names resolve within half a minute; the pods start with their next try"),))


def _port(declared: Json) -> Json:
    port = number(declared, "containerPort")
    return {
        "name": text(declared, "name") or f"port-{port}",
        "port": port,
        "protocol": text(declared, "protocol") or "TCP",
    }
