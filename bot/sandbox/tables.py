"""Rows and columns as `kubectl get` asks the server for them.

Source: k8s.io/kubernetes/pkg/printers/internalversion/printers.go, columns compared with a 1.34 server.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.sandbox.jsonish import Object, dig, parse_timestamp
from bot.sandbox.tablecells import (
    claim_cells,
    container_cells,
    cron_cells,
    endpoint_ports,
    human_duration,
    job_cells,
    labels_text,
    node_cells,
    pod_cells,
    policy_selector,
    quota_cells,
    scaler_target,
    service_cells,
    slice_addresses,
)


@dataclass(frozen=True)
class Sight:
    """One object at one moment: what a cell is made from."""

    obj: Object
    now: datetime

    def get(self, *path: str | int, default: Any = None) -> Any:
        """Follow a path in the object."""
        return dig(self.obj, *path, default=default)

    def age(self, *path: str) -> str:
        """The time since the moment at `path` (the creation if none is given), or `<none>`."""
        moment = self.get(*(path or ("metadata", "creationTimestamp")))
        return human_duration((self.now - parse_timestamp(moment)).total_seconds()) if moment else "<none>"


Cells = Callable[[Sight], list[Any]]


def _pod(sight: Sight) -> list[Any]:
    ready, status, restarts, *wide = pod_cells(sight.obj, sight.now)
    return [ready, status, restarts, sight.age(), *wide]


def _deployment(sight: Sight) -> list[Any]:
    ready, wanted = sight.get("status", "readyReplicas", default=0), sight.get("spec", "replicas", default=0)
    updated, available = (sight.get("status", f"{name}Replicas", default=0) for name in ("updated", "available"))
    selector = labels_text(sight.get("spec", "selector"))
    return [f"{ready}/{wanted}", updated, available, sight.age(), *container_cells(sight.obj), selector]


def _replicaset(sight: Sight) -> list[Any]:
    counts = [sight.get("spec", "replicas", default=0), sight.get("status", "replicas", default=0)]
    counts.append(sight.get("status", "readyReplicas", default=0))
    return [*counts, sight.age(), *container_cells(sight.obj), labels_text(sight.get("spec", "selector"))]


def _statefulset(sight: Sight) -> list[Any]:
    ready, wanted = sight.get("status", "readyReplicas", default=0), sight.get("spec", "replicas", default=0)
    return [f"{ready}/{wanted}", sight.age(), *container_cells(sight.obj)]


def _revision(sight: Sight) -> list[Any]:
    owner: Object = next(
        (one for one in sight.get("metadata", "ownerReferences", default=()) if one.get("controller")), {}
    )
    group = str(owner.get("apiVersion", "")).partition("/")[0]
    controller = f"{str(owner['kind']).lower()}.{group}/{owner['name']}" if owner else "<none>"
    return [controller, sight.get("revision", default=0), sight.age()]


def _daemonset(sight: Sight) -> list[Any]:
    names = ("desiredNumberScheduled", "currentNumberScheduled", "numberReady", "updatedNumberScheduled")
    counts = [sight.get("status", name, default=0) for name in (*names, "numberAvailable")]
    selector = labels_text({"matchLabels": sight.get("spec", "template", "spec", "nodeSelector")})
    own = labels_text(sight.get("spec", "selector"))
    return [*counts, selector, sight.age(), *container_cells(sight.obj), own]


def _job(sight: Sight) -> list[Any]:
    status, completions, duration = job_cells(sight.obj, sight.now)
    selector = labels_text(sight.get("spec", "selector"))
    return [status, completions, duration, sight.age(), *container_cells(sight.obj), selector]


def _cronjob(sight: Sight) -> list[Any]:
    last = sight.age("status", "lastScheduleTime")
    template = sight.get("spec", "jobTemplate", default={})
    return [*cron_cells(sight.obj), last, sight.age(), *container_cells(template), "<none>"]


def _service(sight: Sight) -> list[Any]:
    return [*service_cells(sight.obj), sight.age(), labels_text({"matchLabels": sight.get("spec", "selector")})]


def _slice(sight: Sight) -> list[Any]:
    return [sight.get("addressType"), endpoint_ports(sight.obj), slice_addresses(sight.obj), sight.age()]


def _claim(sight: Sight) -> list[Any]:
    return [*claim_cells(sight.obj), sight.age(), sight.get("spec", "volumeMode", default="<unset>")]


def _volume(sight: Sight) -> list[Any]:
    claim = f"{sight.get('spec', 'claimRef', 'namespace')}/{sight.get('spec', 'claimRef', 'name')}"
    modes = ",".join(sight.get("spec", "accessModes", default=[])).replace("ReadWriteOnce", "RWO")
    return [
        sight.get("spec", "capacity", "storage", default=""),
        modes,
        sight.get("spec", "persistentVolumeReclaimPolicy", default=""),
        sight.get("status", "phase", default=""),
        claim if sight.get("spec", "claimRef") else "",
        sight.get("spec", "storageClassName", default=""),
        "<unset>",
        sight.get("status", "reason", default=""),
        sight.age(),
        sight.get("spec", "volumeMode", default="<unset>"),
    ]


def _scaler(sight: Sight) -> list[Any]:
    target = sight.get("spec", "scaleTargetRef", default={})
    low, high = sight.get("spec", "minReplicas", default="<unset>"), sight.get("spec", "maxReplicas")
    reference = f"{target.get('kind')}/{target.get('name')}"
    replicas = sight.get("status", "currentReplicas", default=0)
    return [reference, scaler_target(sight.obj), str(low), high, replicas, sight.age()]


def _event(sight: Sight) -> list[Any]:
    involved = sight.get("involvedObject", default={})
    series = sight.get("series", "lastObservedTime")
    last = series or sight.get("lastTimestamp") or sight.get("eventTime") or sight.get("firstTimestamp")
    first = sight.get("firstTimestamp") or sight.get("eventTime")
    source = ", ".join(filter(None, (sight.get("source", "component"), sight.get("source", "host"))))

    def since(moment: str | None) -> str:
        return human_duration((sight.now - parse_timestamp(moment)).total_seconds()) if moment else "<unknown>"

    return [
        since(last),
        sight.get("type"),
        sight.get("reason"),
        f"{str(involved.get('kind', '')).lower()}/{involved.get('name')}",
        involved.get("fieldPath", ""),
        source or sight.get("reportingComponent", default=""),
        str(sight.get("message", default="")).strip(),
        since(first),
        sight.get("series", "count") or sight.get("count", default=1),
        sight.get("metadata", "name"),
    ]


def _binding(sight: Sight) -> list[Any]:
    subjects = sight.get("subjects", default=[])
    named = [[s["name"] for s in subjects if s.get("kind") == kind] for kind in ("User", "Group")]
    accounts = [f"{s.get('namespace')}/{s['name']}" for s in subjects if s.get("kind") == "ServiceAccount"]
    role = f"{sight.get('roleRef', 'kind')}/{sight.get('roleRef', 'name')}"
    return [role, sight.age(), *(", ".join(names) for names in (*named, accounts))]


def _ingress(sight: Sight) -> list[Any]:
    hosts = ",".join(rule.get("host", "*") for rule in sight.get("spec", "rules", default=[])) or "*"
    addresses = [
        item.get("ip") or item.get("hostname") for item in sight.get("status", "loadBalancer", "ingress") or []
    ]
    ports = "80, 443" if sight.get("spec", "tls") else "80"
    return [sight.get("spec", "ingressClassName", default="<none>"), hosts, ",".join(addresses), ports, sight.age()]


def _class(sight: Sight) -> list[Any]:
    return [
        sight.get("provisioner"),
        sight.get("reclaimPolicy", default="Delete"),
        sight.get("volumeBindingMode", default="Immediate"),
        bool(sight.get("allowVolumeExpansion")),
        sight.age(),
    ]


def _budget(sight: Sight) -> list[Any]:
    low, high = (sight.get("spec", name, default="N/A") for name in ("minAvailable", "maxUnavailable"))
    return [str(low), str(high), sight.get("status", "disruptionsAllowed", default=0), sight.age()]


def _count(*path: str) -> Cells:
    return lambda sight: [len(sight.get(*path, default=())), sight.age()]


def _aged(sight: Sight) -> list[Any]:
    return [sight.age()]


def _created(sight: Sight) -> list[Any]:
    return [sight.get("metadata", "creationTimestamp")]


# Kind: the columns after the name ("*" marks those shown only with -o wide), and the function that fills them.
_TABLES: dict[str, tuple[str, Cells]] = {
    "Pod": ("Ready,Status,Restarts,Age,*IP,*Node,*Nominated Node,*Readiness Gates", _pod),
    "Deployment": ("Ready,Up-to-date,Available,Age,*Containers,*Images,*Selector", _deployment),
    "ReplicaSet": ("Desired,Current,Ready,Age,*Containers,*Images,*Selector", _replicaset),
    "StatefulSet": ("Ready,Age,*Containers,*Images", _statefulset),
    "ControllerRevision": ("Controller,Revision,Age", _revision),
    "DaemonSet": (
        "Desired,Current,Ready,Up-to-date,Available,Node Selector,Age,*Containers,*Images,*Selector",
        _daemonset,
    ),
    "Job": ("Status,Completions,Duration,Age,*Containers,*Images,*Selector", _job),
    "CronJob": ("Schedule,Timezone,Suspend,Active,Last Schedule,Age,*Containers,*Images,*Selector", _cronjob),
    "Service": ("Type,Cluster-IP,External-IP,Port(s),Age,*Selector", _service),
    "EndpointSlice": ("AddressType,Ports,Endpoints,Age", _slice),
    "PersistentVolumeClaim": (
        "Status,Volume,Capacity,Access Modes,StorageClass,VolumeAttributesClass,Age,*VolumeMode",
        _claim,
    ),
    "PersistentVolume": (
        "Capacity,Access Modes,Reclaim Policy,Status,Claim,StorageClass,VolumeAttributesClass,Reason,Age,*VolumeMode",
        _volume,
    ),
    "HorizontalPodAutoscaler": ("Reference,Targets,MinPods,MaxPods,Replicas,Age", _scaler),
    "ConfigMap": ("Data,Age", _count("data")),
    "Secret": ("Type,Data,Age", lambda s: [s.get("type"), len(s.get("data", default=())), s.age()]),
    "ServiceAccount": ("Secrets,Age", _count("secrets")),
    "Node": (
        "Status,Roles,Age,Version,*Internal-IP,*External-IP,*OS-Image,*Kernel-Version,*Container-Runtime",
        lambda s: node_cells(s.obj, s.age()),
    ),
    "Namespace": ("Status,Age", lambda s: [s.get("status", "phase", default=""), s.age()]),
    "ResourceQuota": ("Request,Limit,Age", lambda s: [*quota_cells(s.obj), s.age()]),
    "NetworkPolicy": ("Pod-Selector,Age", lambda s: [policy_selector(s.obj), s.age()]),
    "Ingress": ("Class,Hosts,Address,Ports,Age", _ingress),
    "StorageClass": ("Provisioner,ReclaimPolicy,VolumeBindingMode,AllowVolumeExpansion,Age", _class),
    "PodDisruptionBudget": ("Min Available,Max Unavailable,Allowed Disruptions,Age", _budget),
    "RoleBinding": ("Role,Age,*Users,*Groups,*ServiceAccounts", _binding),
    "ClusterRoleBinding": ("Role,Age,*Users,*Groups,*ServiceAccounts", _binding),
    "Role": ("Created At", _created),
    "ClusterRole": ("Created At", _created),
    "LimitRange": ("Created At", _created),
    "Event": ("Last Seen,Type,Reason,Object,*Subobject,*Source,Message,*First Seen,*Count,*Name", _event),
}


def build_table(kind: str, items: list[Object], now: datetime, include: str, version: str) -> Object:
    """Build a Table of objects; `include` is None, Metadata or Object, as the query parameter says."""
    named = kind != "Event"
    header, fill = _TABLES.get(kind, ("Age", _aged))
    columns = [_column(name) for name in ([] if not named else ["Name"]) + header.split(",")]
    rows = []
    for obj in items:
        cells = ([_display_name(obj)] if named else []) + fill(Sight(obj, now))
        row: Object = {"cells": cells}
        if include == "Object":
            row["object"] = obj
        elif include != "None":
            row["object"] = partial(obj)
        rows.append(row)
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {"resourceVersion": version},
        "columnDefinitions": columns,
        "rows": rows,
    }


def _display_name(obj: Object) -> str:
    name = str(dig(obj, "metadata", "name", default=""))
    default = dig(obj, "metadata", "annotations", "storageclass.kubernetes.io/is-default-class")
    return f"{name} (default)" if default == "true" else name


def _column(name: str) -> Object:
    plain = name.lstrip("*")
    return {
        "name": plain,
        "type": "string",
        "format": "name" if plain == "Name" else "",
        "description": plain,
        "priority": 1 if name.startswith("*") else 0,
    }


def partial(obj: Object) -> Object:
    """Cut an object down to its metadata."""
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": obj.get("metadata", {})}
