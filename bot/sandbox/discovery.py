"""What clients ask before they ask for anything: versions, resources, and which parameters a verb takes.

Source: https://kubernetes.io/docs/concepts/overview/kubernetes-api/ (discovery, aggregated discovery, OpenAPI v3).
The OpenAPI documents name no fields: they only tell kubectl that the server validates, so that kubectl does not.
"""

from __future__ import annotations

from typing import Any

from bot.sandbox.jsonish import Object
from bot.sandbox.resources import RESOURCES, SUBRESOURCE_KINDS, ResourceType

_SUBRESOURCE_VERBS = {
    "scale": ["get", "patch", "update"],
    "status": ["get", "patch", "update"],
    "log": ["get"],
    "exec": ["create", "get"],
}

VERSION: Object = {
    "major": "1",
    "minor": "34",
    "gitVersion": "v1.34.4",
    "gitCommit": "",
    "gitTreeState": "",
    "buildDate": "1970-01-01T00:00:00Z",
    "goVersion": "",
    "compiler": "",
    "platform": "tessera/sandbox",
}


AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


def discover(path: str, accept: str) -> Object | None:
    """Answer a discovery path, or None where it is none."""
    parts = [part for part in path.split("/") if part]
    aggregated = "apidiscovery.k8s.io" in accept
    match parts:
        case ["version"]:
            return VERSION
        case ["api"]:
            return _aggregated([""]) if aggregated else {"kind": "APIVersions", "versions": ["v1"]}
        case ["apis"]:
            return _aggregated(_groups()) if aggregated else _group_list()
        case ["api", "v1"]:
            return _resource_list("", "v1")
        case ["apis", group] if group in _groups():
            return _group(group) | {"kind": "APIGroup", "apiVersion": "v1"}
        case ["apis", group, version] if version == _version(group):
            return _resource_list(group, version)
        case ["openapi", "v3"]:
            return _openapi_index()
        case ["openapi", "v3", *rest]:
            return _openapi_document(rest)
        case _:
            return None


def _groups() -> list[str]:
    return list(dict.fromkeys(item.group for item in RESOURCES if item.group))


def _version(group: str) -> str | None:
    return next((item.version for item in RESOURCES if item.group == group), None)


def _group(group: str) -> Object:
    version = {"groupVersion": f"{group}/{_version(group)}", "version": _version(group)}
    return {"name": group, "versions": [version], "preferredVersion": version}


def _group_list() -> Object:
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(group) for group in _groups()]}


def _of_group(group: str) -> list[ResourceType]:
    return [item for item in RESOURCES if item.group == group]


def _resource_list(group: str, version: str) -> Object:
    resources = [entry for item in _of_group(group) for entry in _entries(item)]
    group_version = f"{group}/{version}" if group else version
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": resources}


def _entries(item: ResourceType) -> list[Object]:
    entry: Object = {
        "name": item.plural,
        "singularName": item.singular,
        "namespaced": item.namespaced,
        "kind": item.kind,
        "verbs": sorted(item.verbs),
    }
    if item.short_names:
        entry["shortNames"] = list(item.short_names)
    if item.categories:
        entry["categories"] = list(item.categories)
    return [entry, *(_subentry(item, name) for name in item.subresources)]


def _subentry(item: ResourceType, name: str) -> Object:
    entry: Object = {
        "name": f"{item.plural}/{name}",
        "singularName": "",
        "namespaced": item.namespaced,
        "kind": item.kind,
        "verbs": _SUBRESOURCE_VERBS.get(name, ["create"]),
    }
    if name in SUBRESOURCE_KINDS:
        group, version, kind = SUBRESOURCE_KINDS[name]
        entry |= {"group": group, "version": version, "kind": kind}
    return entry


def _aggregated(groups: list[str]) -> Object:
    items = []
    for group in groups:
        version = {
            "version": _version(group),
            "freshness": "Current",
            "resources": [_discovered(item) for item in _of_group(group)],
        }
        items.append({"metadata": {"name": group} if group else {}, "versions": [version]})
    kind, version_name = "APIGroupDiscoveryList", "apidiscovery.k8s.io/v2"
    return {"kind": kind, "apiVersion": version_name, "metadata": {}, "items": items}


def _discovered(item: ResourceType) -> Object:
    entry: Object = {
        "resource": item.plural,
        "responseKind": {"group": item.group, "version": item.version, "kind": item.kind},
        "scope": "Namespaced" if item.namespaced else "Cluster",
        "singularResource": item.singular,
        "verbs": sorted(item.verbs),
    }
    if item.short_names:
        entry["shortNames"] = list(item.short_names)
    if item.categories:
        entry["categories"] = list(item.categories)
    if item.subresources:
        entry["subresources"] = [_discovered_sub(item, name) for name in item.subresources]
    return entry


def _discovered_sub(item: ResourceType, name: str) -> Object:
    group, version, kind = SUBRESOURCE_KINDS.get(name, (item.group, item.version, item.kind))
    return {
        "subresource": name,
        "responseKind": {"group": group, "version": version, "kind": kind},
        "verbs": _SUBRESOURCE_VERBS.get(name, ["create"]),
    }


def _openapi_index() -> Object:
    paths = {"api/v1": {"serverRelativeURL": "/openapi/v3/api/v1?hash=sandbox"}}
    for group in _groups():
        name = f"apis/{group}/{_version(group)}"
        paths[name] = {"serverRelativeURL": f"/openapi/v3/{name}?hash=sandbox"}
    return {"paths": paths}


def _openapi_document(parts: list[str]) -> Object | None:
    match parts:
        case ["api", "v1"]:
            group, prefix = "", "/api/v1"
        case ["apis", group, version] if version == _version(group):
            prefix = f"/apis/{group}/{version}"
        case _:
            return None
    paths = {}
    for item in _of_group(group):
        place = f"{prefix}/namespaces/{{namespace}}/{item.plural}" if item.namespaced else f"{prefix}/{item.plural}"
        paths[f"{place}/{{name}}"] = {"patch": _operation(item)}
    info = {"title": "Tessera sandbox", "version": "v1.34.4"}
    return {"openapi": "3.0.0", "info": info, "paths": paths, "components": {"schemas": {}}}


def _operation(item: ResourceType) -> dict[str, Any]:
    kind = {"group": item.group, "version": item.version, "kind": item.kind}
    parameters = [{"name": name, "in": "query", "schema": {"type": "string"}} for name in ("dryRun", "fieldValidation")]
    return {"x-kubernetes-action": "patch", "x-kubernetes-group-version-kind": kind, "parameters": parameters}
