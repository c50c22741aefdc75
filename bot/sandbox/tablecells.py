"""The cells of `kubectl get` that take more than one field to fill."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.sandbox.jsonish import Object, dig, parse_timestamp

_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}


def human_duration(seconds: float) -> str:
    """Write a duration as kubectl does: 45s, 3m20s, 18m, 5h12m, 3d4h, 9d, 2y30d."""
    total = int(seconds)
    if total < 0:
        return "0s" if total >= -1 else "<invalid>"
    if total < 120:
        return f"{total}s"
    minutes, rest = divmod(total, 60)
    if minutes < 10:
        return f"{minutes}m{rest}s" if rest else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    hours, minutes = divmod(minutes, 60)
    if hours < 8:
        return f"{hours}h{minutes}m" if minutes else f"{hours}h"
    if hours < 48:
        return f"{hours}h"
    days, hours = divmod(hours, 24)
    if days < 8:
        return f"{days}d{hours}h" if hours else f"{days}d"
    if days < 365 * 2:
        return f"{days}d"
    years, days = divmod(days, 365)
    return f"{years}y{days}d" if days and years < 8 else f"{years}y"


def labels_text(selector: Object | None) -> str:
    """Write a selector as text: `app=web,tier in (a,b)`, or `<none>`."""
    parts = [f"{key}={value}" for key, value in sorted(((selector or {}).get("matchLabels") or {}).items())]
    for item in (selector or {}).get("matchExpressions") or []:
        values = ",".join(item.get("values") or [])
        parts.append(f"{item['key']} {item['operator'].lower()} ({values})")
    return ",".join(parts) or "<none>"


def container_cells(obj: Object) -> list[str]:
    """The names and the images of a template's containers."""
    containers = dig(obj, "spec", "template", "spec", "containers", default=[])
    return [",".join(str(c.get(key)) for c in containers) for key in ("name", "image")]


def pod_cells(obj: Object, now: datetime) -> list[Any]:
    """Ready, status, restarts, then the wide columns IP, node, nominated node, gates."""
    statuses = dig(obj, "status", "containerStatuses", default=[])
    total = len(dig(obj, "spec", "containers", default=[]))
    inits = dig(obj, "spec", "initContainers", default=[])
    sidecars = {c["name"] for c in inits if c.get("restartPolicy") == "Always"}
    side = [c for c in dig(obj, "status", "initContainerStatuses", default=[]) if c["name"] in sidecars]
    ready = sum(1 for status in [*statuses, *side] if status.get("ready"))
    return [
        f"{ready}/{total + len(sidecars)}",
        pod_status(obj),
        _restarts(obj, [*statuses, *side], now),
        dig(obj, "status", "podIP", default="<none>"),
        dig(obj, "spec", "nodeName", default="<none>"),
        dig(obj, "status", "nominatedNodeName", default="<none>"),
        _gates(obj),
    ]


def _gates(obj: Object) -> str:
    gates = [gate["conditionType"] for gate in dig(obj, "spec", "readinessGates", default=[])]
    met = {c["type"] for c in dig(obj, "status", "conditions", default=[]) if c["status"] == "True"}
    return f"{sum(1 for gate in gates if gate in met)}/{len(gates)}" if gates else "<none>"


def _restarts(obj: Object, statuses: list[Object], now: datetime) -> str:
    if _initializing(obj):
        statuses = dig(obj, "status", "initContainerStatuses", default=[])
    count = sum(status.get("restartCount", 0) for status in statuses)
    ends = [dig(status, "lastState", "terminated", "finishedAt") for status in statuses]
    known = [parse_timestamp(end) for end in ends if end]
    if count and known:
        return f"{count} ({human_duration((now - max(known)).total_seconds())} ago)"
    return str(count)


def _initializing(obj: Object) -> bool:
    conditions = dig(obj, "status", "conditions", default=[])
    return any(c["type"] == "Initialized" and c["status"] != "True" for c in conditions)


def pod_status(obj: Object) -> str:
    """The STATUS column: the phase, or the reason that says more."""
    reason = str(dig(obj, "status", "reason") or dig(obj, "status", "phase") or "")
    for condition in dig(obj, "status", "conditions", default=[]):
        if condition["type"] == "PodScheduled" and condition.get("reason") == "SchedulingGated":
            reason = "SchedulingGated"
    reason = _init_status(obj) or _container_status(obj, reason)
    if dig(obj, "metadata", "deletionTimestamp"):
        finished = dig(obj, "status", "phase") in ("Succeeded", "Failed")
        return reason if finished else "Terminating"
    return reason


def _init_status(obj: Object) -> str:
    inits = dig(obj, "spec", "initContainers", default=[])
    sidecars = {c["name"] for c in inits if c.get("restartPolicy") == "Always"}
    for index, status in enumerate(dig(obj, "status", "initContainerStatuses", default=[])):
        ended = dig(status, "state", "terminated")
        if ended and ended["exitCode"] == 0:
            continue
        if status["name"] in sidecars and status.get("started"):
            continue
        waiting = dig(status, "state", "waiting", "reason", default="")
        if ended:
            return f"Init:{_end_text(ended)}"
        if waiting and waiting != "PodInitializing":
            return f"Init:{waiting}"
        return f"Init:{index}/{len(inits)}"
    return ""


def _end_text(ended: Object) -> str:
    if ended.get("reason"):
        return str(ended["reason"])
    return f"Signal:{ended['signal']}" if ended.get("signal") else f"ExitCode:{ended['exitCode']}"


def _container_status(obj: Object, reason: str) -> str:
    running = False
    for status in reversed(dig(obj, "status", "containerStatuses", default=[])):
        waiting, ended = dig(status, "state", "waiting"), dig(status, "state", "terminated")
        if waiting and waiting.get("reason"):
            reason = waiting["reason"]
        elif ended:
            reason = _end_text(ended)
        elif status.get("ready") and dig(status, "state", "running"):
            running = True
    if reason == "Completed" and running:
        conditions = dig(obj, "status", "conditions", default=[])
        ready = any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)
        return "Running" if ready else "NotReady"
    return reason


def job_cells(obj: Object, now: datetime) -> list[str]:
    """Status, completions and duration of a job."""
    conditions = {c["type"] for c in dig(obj, "status", "conditions", default=[]) if c.get("status") == "True"}
    order = ("Complete", "Failed", "Suspended", "FailureTarget", "SuccessCriteriaMet")
    status = next((name for name in order if name in conditions), "Running")
    done = f"{dig(obj, 'status', 'succeeded', default=0)}/{dig(obj, 'spec', 'completions', default=1)}"
    start = dig(obj, "status", "startTime")
    if not start:
        return [status, done, ""]
    end = dig(obj, "status", "completionTime")
    until = parse_timestamp(end) if end else now
    return [status, done, human_duration((until - parse_timestamp(start)).total_seconds())]


def cron_cells(obj: Object) -> list[Any]:
    """Schedule, time zone, suspend, active."""
    spec = obj.get("spec", {})
    active = len(dig(obj, "status", "active", default=[]))
    return [spec.get("schedule"), spec.get("timeZone") or "<none>", str(bool(spec.get("suspend"))), active]


def service_cells(obj: Object) -> list[str]:
    """Type, cluster IP, external IP, ports."""
    spec = obj.get("spec", {})
    kind = spec.get("type", "ClusterIP")
    external = {"LoadBalancer": "<pending>", "ExternalName": spec.get("externalName")}.get(kind, "<none>")
    ingress = dig(obj, "status", "loadBalancer", "ingress", default=[])
    if ingress:
        external = ",".join(item.get("ip") or item.get("hostname") or "" for item in ingress)
    ports = [_port_text(port) for port in spec.get("ports") or []]
    return [kind, spec.get("clusterIP") or "<none>", external or "<none>", ",".join(ports) or "<none>"]


def _port_text(port: Object) -> str:
    node = f":{port['nodePort']}" if port.get("nodePort") else ""
    return f"{port['port']}{node}/{port.get('protocol', 'TCP')}"


def endpoint_ports(obj: Object) -> str:
    """The ports of an EndpointSlice."""
    ports = [str(port.get("port", "*")) for port in obj.get("ports") or []]
    return _shortened(ports) if ports else "<unset>"


def slice_addresses(obj: Object) -> str:
    """The addresses of an EndpointSlice."""
    found = [address for item in obj.get("endpoints") or [] for address in item.get("addresses") or []]
    return _shortened(found) if found else "<unset>"


def _shortened(values: list[str]) -> str:
    more = f" + {len(values) - 3} more..." if len(values) > 3 else ""
    return ",".join(values[:3]) + more


def claim_cells(obj: Object) -> list[str]:
    """Status, volume, capacity, access modes, class, attributes class of a claim."""
    bound = bool(dig(obj, "spec", "volumeName"))
    modes = dig(obj, "status", "accessModes", default=[]) if bound else []
    phase = "Terminating" if dig(obj, "metadata", "deletionTimestamp") else dig(obj, "status", "phase", default="")
    return [
        phase,
        dig(obj, "spec", "volumeName", default=""),
        dig(obj, "status", "capacity", "storage", default="") if bound else "",
        ",".join(_MODES.get(mode, mode) for mode in modes),
        dig(obj, "spec", "storageClassName", default=""),
        "<unset>",
    ]


def scaler_target(obj: Object) -> str:
    """The TARGETS column of an autoscaler, for resource metrics."""
    current = {
        dig(item, "resource", "name"): dig(item, "resource", "current", "averageUtilization")
        for item in dig(obj, "status", "currentMetrics", default=[])
        if isinstance(item, dict)
    }
    texts = []
    for metric in dig(obj, "spec", "metrics", default=[]):
        name = dig(metric, "resource", "name", default="?")
        have = current.get(name)
        want = dig(metric, "resource", "target", "averageUtilization", default="?")
        texts.append(f"{name}: {'<unknown>' if have is None else f'{have}%'}/{want}%")
    return ", ".join(texts) or "<none>"


def node_cells(obj: Object, age: str) -> list[str]:
    """Status, roles, age, version and the wide columns of a node."""
    ready = next((c["status"] for c in dig(obj, "status", "conditions", default=[]) if c["type"] == "Ready"), None)
    status = {"True": "Ready", None: "Unknown"}.get(ready, "NotReady")
    if dig(obj, "spec", "unschedulable"):
        status += ",SchedulingDisabled"
    prefix = "node-role.kubernetes.io/"
    labels = dig(obj, "metadata", "labels", default={})
    roles = sorted(key.removeprefix(prefix) for key in labels if key.startswith(prefix))
    addresses = {item["type"]: item["address"] for item in dig(obj, "status", "addresses", default=[])}
    info = dig(obj, "status", "nodeInfo", default={})
    return [
        status,
        ",".join(roles) or "<none>",
        age,
        info.get("kubeletVersion", ""),
        addresses.get("InternalIP", "<none>"),
        addresses.get("ExternalIP", "<none>"),
        info.get("osImage", "<unknown>"),
        info.get("kernelVersion", "<unknown>"),
        info.get("containerRuntimeVersion", "<unknown>"),
    ]


def quota_cells(obj: Object) -> list[str]:
    """The request and the limit columns of a quota."""
    hard, used = dig(obj, "status", "hard", default={}), dig(obj, "status", "used", default={})
    texts = {name: f"{name}: {used.get(name, '0')}/{amount}" for name, amount in sorted(hard.items())}
    limits = [text for name, text in texts.items() if name.startswith("limits")]
    return [", ".join(text for text in texts.values() if text not in limits), ", ".join(limits)]


def policy_selector(obj: Object) -> str:
    """The pods that a NetworkPolicy selects."""
    return labels_text(dig(obj, "spec", "podSelector", default={}))
