"""Request paths: `/apis/apps/v1/namespaces/shop/deployments/web/scale` taken apart."""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox.resources import ResourceType, by_plural


@dataclass(frozen=True)
class Target:
    """What a path names; `namespace` is "" for cluster scope or all namespaces, `name` "" for the collection."""

    resource: ResourceType
    namespace: str = ""
    name: str = ""
    subresource: str = ""


def parse_path(path: str) -> Target | None:
    """Read a resource path, or None where it names no resource that is served."""
    parts = [part for part in path.split("/") if part]
    if parts[:1] == ["api"]:
        group, version, rest = "", parts[1:2], parts[2:]
    elif parts[:1] == ["apis"] and len(parts) > 2:
        group, version, rest = parts[1], parts[2:3], parts[3:]
    else:
        return None
    namespace, rest = _namespace(rest)
    resource = by_plural(group, rest[0]) if rest else None
    if resource is None or version != [resource.version] or len(rest) > 3:
        return None
    if namespace and not resource.namespaced:
        return None
    name, subresource = [*rest[1:], "", ""][:2]
    if subresource and subresource not in resource.subresources:
        return None
    return Target(resource, namespace, name, subresource)


def _namespace(rest: list[str]) -> tuple[str, list[str]]:
    # /namespaces/shop and /namespaces/shop/finalize name the namespace itself.
    if rest[:1] == ["namespaces"] and len(rest) > 2 and rest[2] not in ("status", "finalize"):
        return rest[1], rest[2:]
    return "", rest
