"""Pods as the endpoints of Services know them: names, addresses, and that they are ready."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from explainers.diagnosis.views.pods import Json, dicts, number, table, text
from explainers.diagnosis.views.rows import OF_A_SET, OF_ONE, OLDEST, Row
from explainers.diagnosis.when import moment
from explainers.kinds import Ref
from explainers.selectors import subset

_CHANGED = "endpoints.kubernetes.io/last-change-trigger-time"
"""Source: https://kubernetes.io/docs/reference/labels-annotations-taints/#endpoints-kubernetes-io-last-change-trigger-time"""
_FOLLOWED = timedelta(seconds=2)
"""Until every node knows of an endpoint."""


def selects(service: Json, labels: Json) -> bool:
    """Whether a Service selects pods with these labels."""
    wanted = table(service, "spec", "selector")
    return bool(wanted) and subset(wanted, labels)


def exact(service: Json, workload: Json) -> bool:
    """Whether a Service asks for everything that makes a workload's pods its own, so that it selects no others."""
    own = table(workload, "spec", "selector", "matchLabels")
    return bool(own) and subset(own, table(service, "spec", "selector"))


def sends(service: Json, labels: Json) -> bool:
    """Whether the ready endpoints of a Service are ready pods with these labels."""
    return selects(service, labels) and table(service, "spec").get("publishNotReadyAddresses") is not True


def ready_endpoints(slices: Sequence[Json]) -> list[Row]:
    """The pods that traffic is sent to; how old they are and whether they restarted is not known."""
    return [row for piece in slices for one in dicts(piece, "endpoints") if (row := _row(one))]


def always_ready(slices: Sequence[Json]) -> bool:
    """Whether there are endpoints, and all have been ready since they became so first: a slice is written when an
    endpoint comes and when it gets ready, and twice more for each that fails and returns."""
    found = [(piece, dicts(piece, "endpoints")) for piece in slices]
    ready = all(_row(one) for _, endpoints in found for one in endpoints)
    steady = all(0 < number(piece, "metadata", "generation") <= 1 + 2 * len(endpoints) for piece, endpoints in found)
    return ready and steady and any(endpoints for _, endpoints in found)


def made_last(piece: Json) -> datetime | None:
    """When that happened for which a slice was written last."""
    return moment(text(piece, "metadata", "annotations", _CHANGED))


def changed_since(slices: Sequence[Json], when: datetime) -> bool:
    """Whether what made these slices change last, a pod that became ready or one that went, came after this time, or so
    shortly before that those who send traffic had not followed."""
    told = (made_last(piece) for piece in slices)
    return any(changed is not None and changed + _FOLLOWED >= when for changed in told)


def _row(endpoint: Json) -> Row | None:
    states, name = table(endpoint, "conditions"), text(endpoint, "targetRef", "name")
    if not name or states.get("ready") is not True or states.get("terminating") is True:
        return None
    addresses = endpoint.get("addresses")
    address = next(iter(addresses), "") if isinstance(addresses, list) else ""
    ip = address if isinstance(address, str) else ""
    return Row(name, True, "Running", None, OLDEST, None, None, ip, text(endpoint, "nodeName"))


def makers(slices: Sequence[Json], namespace: str) -> list[Ref]:
    """The Deployments and StatefulSets that made the pods behind these endpoints, by the pods' names; none where one
    that is ready does not tell. What else is not ready, as the pod of a Job that has ended, is left out."""
    found = {
        text(one, "targetRef", "name"): table(one, "conditions").get("ready") is True
        for piece in slices
        for one in dicts(piece, "endpoints")
    }
    told = {name: ref for name in found if (ref := _maker(name, namespace))}
    return list(dict.fromkeys(told.values())) if all(name in told for name, ready in found.items() if ready) else []


def _maker(pod: str, namespace: str) -> Ref | None:
    if found := OF_A_SET.match(pod):
        return Ref("Deployment", namespace, found.group(1).rpartition("-")[0])
    found = OF_ONE["StatefulSet"].match(pod)
    return Ref("StatefulSet", namespace, found.group(1)) if found else None
