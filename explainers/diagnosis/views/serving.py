"""Pods as the endpoints of Services know them: names, addresses, and that they are ready."""

from __future__ import annotations

from collections.abc import Sequence

from explainers.diagnosis.views.pods import Json, dicts, table, text
from explainers.diagnosis.views.rows import OF_A_SET, OF_ONE, OLDEST, Row
from explainers.kinds import Ref
from explainers.selectors import subset


def selects(service: Json, labels: Json) -> bool:
    """Whether a Service selects pods with these labels."""
    wanted = table(service, "spec", "selector")
    return bool(wanted) and subset(wanted, labels)


def sends(service: Json, labels: Json) -> bool:
    """Whether the ready endpoints of a Service are ready pods with these labels."""
    return selects(service, labels) and table(service, "spec").get("publishNotReadyAddresses") is not True


def ready_endpoints(slices: Sequence[Json]) -> list[Row]:
    """The pods that traffic is sent to; how old they are and whether they restarted is not known."""
    return [row for piece in slices for one in dicts(piece, "endpoints") if (row := _row(one))]


def _row(endpoint: Json) -> Row | None:
    states, name = table(endpoint, "conditions"), text(endpoint, "targetRef", "name")
    if not name or states.get("ready") is not True or states.get("terminating") is True:
        return None
    addresses = endpoint.get("addresses")
    address = next(iter(addresses), "") if isinstance(addresses, list) else ""
    ip = address if isinstance(address, str) else ""
    return Row(name, True, "Running", None, OLDEST, None, None, ip, text(endpoint, "nodeName"))


def makers(slices: Sequence[Json], namespace: str) -> list[Ref]:
    """The Deployments and StatefulSets that made the pods behind these endpoints, by the pods' names; none where one of
    them does not tell."""
    named = [text(one, "targetRef", "name") for piece in slices for one in dicts(piece, "endpoints")]
    found = [_maker(name, namespace) for name in named]
    return list(dict.fromkeys(one for one in found if one)) if all(found) else []


def _maker(pod: str, namespace: str) -> Ref | None:
    if found := OF_A_SET.match(pod):
        return Ref("Deployment", namespace, found.group(1).rpartition("-")[0])
    found = OF_ONE["StatefulSet"].match(pod)
    return Ref("StatefulSet", namespace, found.group(1)) if found else None
