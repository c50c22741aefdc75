"""Every read: get and list, as objects, as tables, or as metadata alone, whole or page by page."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from bot.sandbox.jsonish import Object, Objects, timestamp
from bot.sandbox.messages import Request, Response
from bot.sandbox.paths import Target
from bot.sandbox.refusals import bad_request, expired, not_found
from bot.sandbox.selectors import SelectorError, parse_field_selector
from bot.sandbox.store import Listing, NotFoundError, Query, Store
from bot.sandbox.tables import build_table, partial

_COMMON_FIELDS = ("metadata.name", "metadata.namespace")
_FIELDS: dict[str, tuple[str, ...]] = {
    "Pod": (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.nominatedNodeName",
    ),
    "Event": (
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "source",
        "type",
    ),
    "Secret": ("type",),
    "Node": ("spec.unschedulable",),
    "Namespace": ("status.phase",),
    "Job": ("status.successful",),
    "ReplicaSet": ("status.replicas",),
    "Service": ("spec.clusterIP", "spec.type"),
}


@dataclass(frozen=True)
class Reader:
    """Answers reads from the store."""

    store: Store

    def get(self, target: Target, request: Request) -> Response:
        """Answer GET of one object. Raises RefusalError 404."""
        resource = target.resource
        try:
            obj = self.store.get(resource.group, resource.plural, target.namespace, target.name)
        except NotFoundError as error:
            raise not_found(resource, target.name) from error
        self._freshen(target, [obj])
        accept = request.headers.get("accept", "")
        if "as=Table" in accept:
            version = obj["metadata"].get("resourceVersion", "")
            return Response(self._table(target, [obj], request, version))
        return Response(partial(obj) if "as=PartialObjectMetadata" in accept else self.typed(target, obj))

    def list(self, target: Target, request: Request) -> Response:
        """Answer GET of a collection. Raises RefusalError 400 (selector), 410 (continue token)."""
        query = self.query(target, request)
        found = self.store.list(
            query.group, query.resource, query.namespace, query.label_selector, query.field_selector
        )
        items, meta = _page(found, request)
        self._freshen(target, items)
        accept = request.headers.get("accept", "")
        if "as=Table" in accept:
            table = self._table(target, items, request, str(found.version))
            return Response(table | {"metadata": meta})
        if "as=PartialObjectMetadataList" in accept:
            kind, version = "PartialObjectMetadataList", "meta.k8s.io/v1"
            return Response({"kind": kind, "apiVersion": version, "metadata": meta, "items": [*map(partial, items)]})
        kind, version = f"{target.resource.kind}List", target.resource.api_version
        for item in items:
            item.pop("kind", None)
            item.pop("apiVersion", None)
        return Response({"kind": kind, "apiVersion": version, "metadata": meta, "items": items})

    def query(self, target: Target, request: Request) -> Query:
        """Build the store's query for a collection. Raises RefusalError 400 for a selector that cannot be read."""
        labels, fields = request.query.get("labelSelector", ""), request.query.get("fieldSelector", "")
        if target.name:
            fields = ",".join(filter(None, (fields, f"metadata.name={target.name}")))
        resource = target.resource
        query = Query(resource.group, resource.plural, target.namespace or None, labels, fields)
        try:
            query.filter()
            supported = (*_COMMON_FIELDS, *_FIELDS.get(resource.kind, ()))
            for requirement in parse_field_selector(fields):
                if requirement.path not in supported:
                    raise SelectorError(f"field label not supported: {requirement.path}")
        except SelectorError as error:
            raise bad_request(str(error)) from error
        return query

    def typed(self, target: Target, obj: Object) -> Object:
        """Give an object its kind and version, in the order that people read."""
        return {"kind": target.resource.kind, "apiVersion": target.resource.api_version} | obj

    def _freshen(self, target: Target, items: Objects) -> None:
        # Metrics are measured all the time; what is stored changes only with the containers that run.
        if target.resource.group == "metrics.k8s.io":
            for item in items:
                item["timestamp"] = timestamp(self.store.now())

    def _table(self, target: Target, items: Objects, request: Request, version: str) -> Object:
        include = request.query.get("includeObject", "Metadata")
        return build_table(target.resource.kind, items, self.store.now(), include, version)


def _page(found: Listing, request: Request) -> tuple[list[Object], Object]:
    meta: Object = {"resourceVersion": str(found.version)}
    limit = request.query.get("limit", "")
    items = found.items
    if token := request.query.get("continue"):
        after = _read_token(token)
        items = [item for item in items if _place(item) > after]
    if limit.isdigit() and 0 < int(limit) < len(items):
        rest = len(items) - int(limit)
        items = items[: int(limit)]
        meta |= {"continue": _write_token(_place(items[-1])), "remainingItemCount": rest}
    return items, meta


def _place(item: Object) -> list[str]:
    return [item["metadata"].get("namespace", ""), item["metadata"].get("name", "")]


def _write_token(place: list[str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _read_token(token: str) -> list[str]:
    try:
        namespace, name = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, TypeError) as error:
        raise expired("The provided continue parameter is too old to display a consistent list result.") from error
    return [str(namespace), str(name)]
