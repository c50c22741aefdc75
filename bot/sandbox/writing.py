"""Every write: defaults, validation, admission, then the store. Controllers write through here as clients do."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.defaults import apply_defaults
from bot.sandbox.jsonish import Object, copied, dig, timestamp, without_nulls
from bot.sandbox.ownership import given_up, taken
from bot.sandbox.patches import PatchError, json_patch, merge_patch
from bot.sandbox.paths import Target
from bot.sandbox.refusals import (
    RefusalError,
    already_exists,
    bad_request,
    conflict,
    invalid,
    not_found,
    owned_by_another,
    unprocessable,
)
from bot.sandbox.resources import ResourceType
from bot.sandbox.shapes import check_shape
from bot.sandbox.store import AlreadyExistsError, ConflictError, NotFoundError, Store
from bot.sandbox.strategic import apply_merge, strategic_merge, without_dropped
from bot.sandbox.validation import validate

_SUFFIX = "bcdfghjklmnpqrstvwxz2456789"
_CASCADES = {"Foreground": "foregroundDeletion", "Orphan": "orphan"}
_READ_ONLY = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation")

Admission = Callable[[ResourceType, Object, Object | None], None]


@dataclass
class Writer:
    """Creates, replaces, patches and deletes; `admit` may change the object in place or refuse it."""

    store: Store
    admit: Admission
    _applied: dict[tuple[str, str], Object] = field(default_factory=dict)
    _others: dict[str, Object] = field(default_factory=dict)

    def suffix(self) -> str:
        """Five letters as the API server appends them to generated names."""
        return "".join(secrets.choice(_SUFFIX) for _ in range(5))

    def check_shape(self, resource: ResourceType, obj: Object, *, strict: bool = False) -> None:
        """Refuse fields of the wrong type, and with `strict` fields that the kind does not have.

        Raises RefusalError 400.
        """
        faults = list(check_shape(resource.api_version, resource.kind, obj))
        wrong = [fault.text for fault in faults if not fault.unknown]
        unknown = [fault.text for fault in faults if fault.unknown]
        head = f'{resource.kind} in version "{resource.version}" cannot be handled as a {resource.kind}: '
        if wrong:
            raise bad_request(head + wrong[0])
        if strict and unknown:
            raise bad_request(f"{head}strict decoding error: {', '.join(unknown)}")

    def create(self, target: Target, body: Object, *, dry_run: bool = False) -> Object:
        """Create an object and give it as stored.

        Raises RefusalError: 400, 403, 404 (namespace), 409, 422.
        """
        resource, obj = target.resource, without_nulls(body)
        self._check_kind(resource, obj)
        self.check_shape(resource, obj)
        meta = obj.setdefault("metadata", {})
        for name in (*_READ_ONLY, "resourceVersion"):
            meta.pop(name, None)
        self._place(target, meta)
        if not meta.get("name") and meta.get("generateName"):
            meta["name"] = meta["generateName"] + self.suffix()
        if "status" in resource.subresources and resource.kind != "Node":
            obj.pop("status", None)
        with self.store.lock:
            self._prepare(resource, obj, None)
            if resource.counted:
                meta["generation"] = 1
            if dry_run:
                return self._pretend(resource, obj)
            try:
                return self.store.create(resource.group, resource.plural, obj)
            except AlreadyExistsError as error:
                raise already_exists(resource, meta["name"]) from error

    def replace(self, target: Target, body: Object, *, dry_run: bool = False) -> Object:
        """Replace an object (or its status) and give it as stored.

        Raises RefusalError: 400, 403, 404, 409, 422.
        """
        resource, obj = target.resource, without_nulls(body)
        self._check_kind(resource, obj)
        self.check_shape(resource, obj)
        meta = obj.setdefault("metadata", {})
        self._place(target, meta)
        if meta.setdefault("name", target.name) != target.name:
            text = f"the name of the object ({meta['name']}) does not match the name on the URL ({target.name})"
            raise bad_request(text)
        with self.store.lock:
            old = self.read(target)
            version = meta.get("resourceVersion")
            if version and version != old["metadata"]["resourceVersion"]:
                raise conflict(resource, target.name)
            merged = self._merge_halves(target, obj, old)
            if target.subresource != "status":
                self._prepare(resource, merged, old)
                self._count(resource, merged, old)
            return self._save(resource, merged, dry_run)

    def patch(
        self, target: Target, kind: str, patch: Any, *, dry_run: bool = False, manager: str = "", force: bool = False
    ) -> Object:
        """Patch an object by content type `kind` and give it as stored; apply creates what is not there.

        A `manager` that applies again without a field gives it up, and is refused what another has set, but by
        `force`; without one, applying only adds.

        Raises RefusalError: 400, 403, 404, 409, 415, 422.
        """
        with self.store.lock:
            if kind == "application/apply-patch+yaml":
                return self._apply(target, patch, dry_run, manager, force)
            old = self.read(target)
            body = patched(kind, old, patch)
            if dig(patch, "metadata", "resourceVersion") is None:
                body["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"]
            return self.replace(target, body, dry_run=dry_run)

    def delete(self, target: Target, options: Mapping[str, Any], *, dry_run: bool = False) -> Object:
        """Delete an object, at once or by marking it, and give its last state.

        Raises RefusalError 404, 409 (preconditions).
        """
        with self.store.lock:
            obj = self.read(target)
            meta = obj["metadata"]
            wanted = dig(options, "preconditions", "uid")
            if wanted and wanted != meta["uid"]:
                raise conflict(target.resource, target.name)
            grace = self._grace(target.resource, obj, options)
            finalizer = _CASCADES.get(options.get("propagationPolicy", ""))
            if finalizer and target.resource.kind != "Pod" and finalizer not in meta.get("finalizers", []):
                meta.setdefault("finalizers", []).append(finalizer)
            if dry_run:
                return obj
            if not grace and not meta.get("finalizers") and target.resource.kind != "Namespace":
                return self.store.delete(target.resource.group, target.resource.plural, target.namespace, target.name)
            if "deletionTimestamp" not in meta:
                meta["deletionTimestamp"] = timestamp(self.store.now())
                meta["deletionGracePeriodSeconds"] = grace
            if target.resource.kind == "Namespace":
                obj["status"] = {"phase": "Terminating"}
            return self.store.update(target.resource.group, target.resource.plural, obj)

    def read(self, target: Target) -> Object:
        """Give a copy of the object that a target names.

        Raises RefusalError 404.
        """
        resource = target.resource
        try:
            return self.store.get(resource.group, resource.plural, target.namespace, target.name)
        except NotFoundError as error:
            raise not_found(resource, target.name) from error

    def _grace(self, resource: ResourceType, obj: Object, options: Mapping[str, Any]) -> int:
        if resource.kind != "Pod" or not dig(obj, "spec", "nodeName"):
            return 0
        if dig(obj, "status", "phase") in ("Succeeded", "Failed"):
            return 0
        asked = options.get("gracePeriodSeconds")
        return int(dig(obj, "spec", "terminationGracePeriodSeconds", default=30) if asked is None else asked)

    def _check_kind(self, resource: ResourceType, obj: Object) -> None:
        obj.setdefault("apiVersion", resource.api_version)
        obj.setdefault("kind", resource.kind)
        if obj["kind"] != resource.kind or obj["apiVersion"] != resource.api_version:
            sent, wanted = f"{obj['apiVersion']}/{obj['kind']}", f"{resource.api_version}/{resource.kind}"
            raise bad_request(f"the API version in the data ({sent}) does not match the expected ({wanted})")
        if not isinstance(obj.get("metadata") or {}, dict):
            raise bad_request(f'{resource.kind} in version "{resource.version}" has no metadata')

    def _place(self, target: Target, meta: Object) -> None:
        if not target.resource.namespaced:
            meta.pop("namespace", None)
            return
        if meta.setdefault("namespace", target.namespace) != target.namespace:
            text = "the namespace of the provided object does not match the namespace sent on the request"
            raise bad_request(text)

    def _prepare(self, resource: ResourceType, obj: Object, old: Object | None) -> None:
        try:
            apply_defaults(resource.kind, obj)
            self.admit(resource, obj, old)
            faults = validate(resource.kind, obj, old)
        except (AttributeError, TypeError, KeyError) as error:
            raise bad_request(f"{resource.kind} in version {resource.version!r} cannot be handled: {error}") from error
        if faults:
            raise invalid(resource, dig(obj, "metadata", "name", default=""), faults)

    def _merge_halves(self, target: Target, obj: Object, old: Object) -> Object:
        if target.subresource == "status":
            return old | {"status": obj.get("status", {})}
        for name in _READ_ONLY:
            if name in old["metadata"]:
                obj["metadata"][name] = old["metadata"][name]
        if "status" in target.resource.subresources:
            obj.pop("status", None)
            if "status" in old:
                obj["status"] = old["status"]
        return obj

    def _count(self, resource: ResourceType, obj: Object, old: Object) -> None:
        def meant(value: Object) -> Object:
            kept = {key: item for key, item in value.items() if key not in ("metadata", "status")}
            # Of all kinds, Deployments alone count a change of their annotations too.
            notes = dig(value, "metadata", "annotations", default={}) if resource.kind == "Deployment" else {}
            return kept | {"annotations": notes}

        if resource.counted:
            changed = meant(obj) != meant(old)
            obj["metadata"]["generation"] = old["metadata"].get("generation", 1) + (1 if changed else 0)

    def _save(self, resource: ResourceType, obj: Object, dry_run: bool) -> Object:
        meta = obj["metadata"]
        if dry_run:
            return obj
        try:
            stored = self.store.update(resource.group, resource.plural, obj)
        except ConflictError as error:
            raise conflict(resource, meta["name"]) from error
        waiting = meta.get("finalizers") or meta.get("deletionGracePeriodSeconds")
        if meta.get("deletionTimestamp") and not waiting and resource.kind not in ("Pod", "Namespace"):
            return self.store.delete(resource.group, resource.plural, meta.get("namespace", ""), meta["name"])
        return stored

    def _apply(self, target: Target, applied: Any, dry_run: bool, manager: str, force: bool) -> Object:
        if not isinstance(applied, dict):
            raise bad_request("error decoding YAML: the applied configuration must be an object")
        try:
            old = self.read(target)
        except RefusalError:
            fresh = copied(applied)
            fresh.setdefault("metadata", {}).setdefault("name", target.name)
            made = self.create(target, fresh, dry_run=dry_run)
            return made if dry_run else self._remember(made, applied, manager, {}, force=True)
        uid = old["metadata"]["uid"]
        before, others = self._applied.get((uid, manager), {}), self._others.get(uid, old)
        rivals = [last for (of, name), last in self._applied.items() if of == uid and name != manager]
        if manager and not force and (owned := taken(old, applied, before, [others, *rivals])):
            raise owned_by_another(target.resource, target.name, owned)
        merged: Object = apply_merge(without_dropped(old, before, applied), applied)
        merged["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"]
        done = self.replace(target, merged, dry_run=dry_run)
        return done if dry_run else self._remember(done, applied, manager, others, force=force)

    def _remember(self, obj: Object, applied: Object, manager: str, others: Object, *, force: bool) -> Object:
        """Note who has set what: this manager what it applied, and nobody else that, when it was taken by force."""
        if not manager:
            return obj
        uid = obj["metadata"]["uid"]
        for of, name in [*self._applied] if force else ():
            if of == uid:
                self._applied[of, name] = given_up(self._applied[of, name], applied)
        self._others[uid] = given_up(others, applied) if force else copied(others)
        self._applied[uid, manager] = copied(applied)
        return obj

    def _pretend(self, resource: ResourceType, obj: Object) -> Object:
        meta = obj["metadata"]
        if self.store.find(resource.group, resource.plural, meta.get("namespace", ""), meta["name"]):
            raise already_exists(resource, meta["name"])
        meta["creationTimestamp"] = timestamp(self.store.now())
        meta["uid"] = "00000000-0000-0000-0000-000000000000"
        return obj


def patched(kind: str, old: Object, patch: Any) -> Object:
    """Apply a patch of one of the three classic kinds.

    Raises RefusalError 400, 415, 422.
    """
    try:
        match kind:
            case "application/json-patch+json":
                body = json_patch(old, patch)
            case "application/merge-patch+json":
                body = merge_patch(old, patch)
            case "application/strategic-merge-patch+json":
                body = strategic_merge(old, patch)
            case _:
                raise RefusalError(
                    415, "UnsupportedMediaType", f"the body of the request was in an unknown format: {kind}"
                )
    except PatchError as error:
        raise unprocessable(f"the server rejected our request due to an error in our request: {error}") from error
    except (AttributeError, TypeError, KeyError) as error:
        raise bad_request(f"the patch does not fit the object: {error}") from error
    if not isinstance(body, dict) or not isinstance(body.get("metadata"), dict):
        raise bad_request("the patched object has no metadata")
    return body
