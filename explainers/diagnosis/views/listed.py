"""A namespace may hold many Services and Deployments: they are read whole while they are few, else as rows.

What stands in a row is enough to find the one that is meant, which is then read: name, selector, ports, images.
Source: k8s.io/kubernetes/pkg/printers/internalversion/printers.go, printService and printDeployment
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from explainers import kinds
from explainers.diagnosis.views.pods import Json, number, table, text
from explainers.diagnosis.views.rows import cells_of
from explainers.diagnosis.views.serving import selects
from explainers.kinds import Kind
from explainers.operations.base import Answer
from explainers.operations.reads import Rows, continued, everything, few
from explainers.patterns import pattern

if TYPE_CHECKING:
    from explainers.diagnosis.case import Case

PRINTED = "printed"
"""The mark of an object of which only the row is known: its cells."""
_NONE = ("<none>", "<pending>", "None", "")
_UPDATED = ("updatedReplicas", "updatedNumberScheduled")
_PORT = pattern(r"^(\d+)(?::\d+)?/(\w+)$")


def listed(case: Case, kind: Kind, fields: str = "") -> list[Json]:
    """The objects of a kind in the target's namespace, with `kind` filled in; those that carry `PRINTED` hold no more
    than their row says. `fields` is a field selector that leaves one out: `metadata.name!=web`."""
    page = _page(case, kind, fields)
    items = page.items if page else []
    if page is None or (kind in _FROM_ROW and continued(page)):
        made = _rows(case, kind)
        whole = {text(item, "metadata", "name"): item for item in items}
        if made is not None:
            items = [whole.get(text(one, "metadata", "name"), one) for one in made]
        else:
            items = case.ask(everything(kind, case.namespace))[0].items
    apart = fields.removeprefix("metadata.name!=")
    return [{**item, "kind": kind.name} for item in items if not fields or text(item, "metadata", "name") != apart]


def _page(case: Case, kind: Kind, fields: str) -> Answer | None:
    """The first objects of a kind; None for Deployments where other Services tell that there are some: one is longer
    than the rows of many."""
    if kind == kinds.DEPLOYMENT:
        page = case.ask(few(kinds.SERVICE, case.namespace))[0]
        if continued(page) or len(page.items) > len(case.services):
            return None
    everything_read = few(kind, case.namespace) in case.facts.answers
    return case.ask(few(kind, case.namespace, "" if everything_read else fields))[0]


def could_list(case: Case, kind: Kind, fields: str = "") -> bool:
    """Whether the objects of a kind in the target's namespace may be listed."""
    page = _page(case, kind, fields)
    if page is not None:
        return page.ok
    return case.ask(Rows(kind, case.namespace))[0].ok or case.ask(everything(kind, case.namespace))[0].ok


def may_select(service: Json, workload: Json) -> bool:
    """Whether a Service selects the pods of a workload or, where only its row is known, whose pods may have more labels
    than it shows, whether it may."""
    labels = table(workload, "spec", "template", "metadata", "labels")
    wanted = table(service, "spec", "selector")
    if PRINTED not in workload or selects(service, labels):
        return selects(service, labels)
    return bool(wanted.keys() & labels.keys()) and all(labels.get(key, value) == value for key, value in wanted.items())


def lacks_pods(workload: Json) -> bool:
    """Whether a Deployment of which only the row is known has fewer ready pods than it should."""
    ready, _, wanted = text(workload, PRINTED, "ready").partition("/")
    return ready != wanted


def starts_none(workload: Json) -> bool:
    """Whether a workload wants pods, and none of its newest template is ready: its images may not exist at all."""
    if PRINTED in workload:
        shown, _, wanted = text(workload, PRINTED, "ready").partition("/")
        return shown == "0" != wanted
    status = table(workload, "status")
    ready = number(status, "readyReplicas") or number(status, "numberReady")
    every = number(status, "replicas") or number(status, "desiredNumberScheduled")
    updated = next((number(status, key) for key in _UPDATED if key in status), every)
    return every > 0 and ready <= max(0, every - updated)


def _rows(case: Case, kind: Kind) -> list[Json] | None:
    """What the rows tell of every object; None where they cannot be read."""
    columns, made = _FROM_ROW[kind]
    (answer,) = case.ask(Rows(kind, case.namespace))
    rows = cells_of(answer, {"name", *columns})
    if rows is None:
        return None
    about = [{"name": str(row["name"]), "namespace": case.namespace} for row in rows]
    return [{PRINTED: row, "metadata": own, "spec": made(row)} for own, row in zip(about, rows, strict=True)]


def _service(row: dict[str, Any]) -> Json:
    ports = [found for one in _parts(row["port(s)"]) if (found := _PORT.match(one))]
    spec: Json = {
        "type": row["type"],
        "clusterIP": row["cluster-ip"],
        "selector": _labels(row["selector"]),
        "ports": [{"port": int(found.group(1)), "protocol": found.group(2)} for found in ports],
    }
    if row["type"] == "ExternalName":
        spec["externalName"] = row["external-ip"]
    return spec


def _deployment(row: dict[str, Any]) -> Json:
    """Of the template the labels are known that it is selected by, and the containers' images."""
    labels, named = _labels(row["selector"]), zip(_parts(row["containers"]), _parts(row["images"]), strict=False)
    containers = [{"name": name, "image": image} for name, image in named]
    template = {"metadata": {"labels": labels}, "spec": {"containers": containers}}
    return {"selector": {"matchLabels": labels}, "template": template}


def _parts(cell: object) -> Sequence[str]:
    return cell.split(",") if isinstance(cell, str) and cell not in _NONE else ()


def _labels(cell: object) -> Json:
    """`app=web,tier=front`; what a selector asks for in other ways is left out."""
    pairs = (one.partition("=") for one in _parts(cell))
    return {key: value for key, equals, value in pairs if equals and " " not in key}


_FROM_ROW: dict[Kind, tuple[tuple[str, ...], Callable[[dict[str, Any]], Json]]] = {
    kinds.SERVICE: (("type", "cluster-ip", "external-ip", "port(s)", "selector"), _service),
    kinds.DEPLOYMENT: (("containers", "images", "selector"), _deployment),
}
