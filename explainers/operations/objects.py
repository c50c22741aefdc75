"""What changes of one object share: its URL, its name in kubectl and in the Python client, its permission."""

from dataclasses import dataclass
from typing import Any

from explainers.kinds import CRON_JOB, POD, Kind
from explainers.operations.base import JSON_PATCH, STRATEGIC_PATCH, Change, Json, Permission, Request, kubectl

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ObjectChange(Change):
    """A change of one named object. `namespace` is ignored for cluster-scoped kinds."""

    kind: Kind
    namespace: str
    name: str

    @property
    def scope(self) -> str:
        """The namespace, or nothing for kinds that have none."""
        return self.namespace if self.kind.namespaced else ""

    @property
    def target(self) -> str:
        """`deployment/web`"""
        return f"{self.kind.kubectl}/{self.name}"

    def command(self, *words: str) -> list[str]:
        return kubectl(self.scope, *words)

    def patch(self, body: Any, content_type: str, subresource: str | None = None) -> Request:
        path = self.kind.path(self.scope, self.name, subresource)
        return Request("PATCH", path, body=body, content_type=content_type)

    def permission(self) -> Permission:
        return Permission("patch", self.kind.resource, self.scope, self.name)

    def python(self) -> str:
        """A patch of this object with the body of the request."""
        request = self.request()
        return python_patch(self.kind, self.scope, self.name, request.body, request.content_type)


def python_patch(
    kind: Kind, namespace: str, name: str, body: Any, content_type: str, subresource: str = "", more: str = ""
) -> str:
    """Lines that patch with the official client.

    The client sends a list as a JSON patch and a dict as a strategic merge patch; any other type needs the header.
    """
    where = [repr(name), *([repr(namespace)] if namespace else [])]
    method = f"patch_{kind.client_noun}{subresource}"
    if content_type == (JSON_PATCH if isinstance(body, list) else STRATEGIC_PATCH):
        return f"client.{kind.client_class}().{method}({', '.join([*where, repr(body)])}{more})"
    return (
        f'typed = client.ApiClient(header_name="Content-Type", header_value="{content_type}")\n'
        f"client.{kind.client_class}(typed).{method}({', '.join([*where, repr(body)])}{more})"
    )


def python_create(kind: Kind, namespace: str, body: Json) -> str:
    """A line that creates an object with the official client."""
    where = f"{namespace!r}, " if namespace else ""
    return f"client.{kind.client_class}().create_{kind.client_noun}({where}{body!r})"


def create(kind: Kind, namespace: str, body: Json) -> Request:
    """The request that creates an object."""
    return Request("POST", kind.path(namespace), body=body)


def manifest(kind: Kind, namespace: str, name: str, labels: Pairs = (), **fields: Any) -> Json:
    """An object of that kind with its metadata and the given top-level fields."""
    metadata: Json = {"name": name}
    if kind.namespaced:
        metadata["namespace"] = namespace
    if labels:
        metadata["labels"] = dict(labels)
    return {"apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata, **fields}


def in_pod_spec(kind: Kind, spec: Json) -> Json:
    """A patch of the pod spec where this kind keeps it: itself, in a template, or in a CronJob's Job's template."""
    if kind == POD:
        return {"spec": spec}
    template: Json = {"spec": {"template": {"spec": spec}}}
    return {"spec": {"jobTemplate": template}} if kind == CRON_JOB else template


def pod_spec(kind: Kind, thing: Json) -> Json:
    """The pod spec of an object that was read; an empty one where it has none."""
    template = mapping(thing, "spec", "jobTemplate") if kind == CRON_JOB else thing
    return mapping(thing, "spec") if kind == POD else mapping(template, "spec", "template", "spec")


def in_container(kind: Kind, container: str, fields: Json, init: bool = False) -> Json:
    """A strategic merge patch of one container; the API merges containers by name."""
    key = "initContainers" if init else "containers"
    return in_pod_spec(kind, {key: [{"name": container, **fields}]})


def joined(pairs: Pairs) -> str:
    """`memory=64Mi,cpu=10m`"""
    return ",".join(f"{key}={value}" for key, value in pairs)


def mapping(thing: Any, *keys: str) -> Json:
    """The mapping at that path of an object; an empty one where something else, or nothing, is there."""
    for key in keys:
        thing = thing.get(key) if isinstance(thing, dict) else None
    return thing if isinstance(thing, dict) else {}


def listed(things: Any) -> list[Json]:
    """The mappings of a list; none where something else is there."""
    return [thing for thing in things if isinstance(thing, dict)] if isinstance(things, list) else []
