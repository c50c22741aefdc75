"""The rules that an object must keep, as far as people break them by hand.

Source: k8s.io/kubernetes/pkg/apis/*/validation; messages compared with a 1.34 server.
"""

from __future__ import annotations

import json
import re
from typing import Any

from bot.sandbox.controllers.schedules import is_readable
from bot.sandbox.jsonish import Object, dig
from bot.sandbox.quantities import QuantityError, parse_quantity
from bot.sandbox.refusals import FieldFault
from bot.sandbox.selectors import matches_label_selector

_SUBDOMAIN = re.compile(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")
_SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    "and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_LOOSE_NAMES = ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding")
_TEMPLATED = ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet")
_POD_MUTABLE = ("image", "resources")


def required(path: str, why: str = "") -> FieldFault:
    """A field that must be there."""
    return FieldFault(path, f"Required value: {why}" if why else "Required value", "FieldValueRequired")


def invalid_value(path: str, value: Any, why: str) -> FieldFault:
    """A field whose value cannot be."""
    return FieldFault(path, f"Invalid value: {json.dumps(value)}: {why}", "FieldValueInvalid")


def validate(kind: str, obj: Object, old: Object | None = None) -> list[FieldFault]:
    """List what is wrong with an object, new or replacing `old`; an empty list means that it is valid."""
    faults = _name(kind, obj)
    spec = obj.get("spec") or {}
    if kind == "Pod":
        faults += _pod_spec(spec, "spec")
        if old is not None:
            faults += _pod_update(spec, old.get("spec") or {})
    if kind in _TEMPLATED:
        faults += _templated(spec)
    if kind == "Job":
        faults += _pod_spec(dig(spec, "template", "spec", default={}), "spec.template.spec")
    if kind == "Service":
        faults += _service(spec)
    if kind == "CronJob":
        faults += _cron_job(spec)
    if kind in ("Job", "CronJob"):
        faults += _job_restarts(kind, spec)
    if old is not None and (kind in _TEMPLATED or kind == "Job"):
        faults += _immutable(kind, spec, old.get("spec") or {})
    return faults


def _name(kind: str, obj: Object) -> list[FieldFault]:
    name = dig(obj, "metadata", "name", default="")
    if not name:
        return [required("metadata.name", "name or generateName is required")]
    if kind not in _LOOSE_NAMES and (not _SUBDOMAIN.match(name) or len(name) > 253):
        return [invalid_value("metadata.name", name, _SUBDOMAIN_TEXT)]
    return []


def _templated(spec: Object) -> list[FieldFault]:
    faults = []
    replicas = spec.get("replicas", 1)
    if isinstance(replicas, int) and replicas < 0:
        faults.append(invalid_value("spec.replicas", replicas, "must be greater than or equal to 0"))
    selector, labels = spec.get("selector"), dig(spec, "template", "metadata", "labels", default={})
    if not selector:
        faults.append(required("spec.selector"))
    elif not matches_label_selector(selector, labels):
        shown = ", ".join(f'"{key}":"{value}"' for key, value in sorted(labels.items()))
        text = f"Invalid value: {{{shown}}}: `selector` does not match template `labels`"
        faults.append(FieldFault("spec.template.metadata.labels", text))
    return faults + _pod_spec(dig(spec, "template", "spec", default={}), "spec.template.spec")


def _immutable(kind: str, spec: Object, old: Object) -> list[FieldFault]:
    if kind == "Job":
        changed = spec.get("template") != old.get("template")
        return [FieldFault("spec.template", "Invalid value: field is immutable")] if changed else []
    if spec.get("selector") != old.get("selector"):
        return [invalid_value("spec.selector", spec.get("selector"), "field is immutable")]
    return []


def _pod_spec(spec: Object, path: str) -> list[FieldFault]:
    containers = spec.get("containers") or []
    if not containers:
        return [required(f"{path}.containers")]
    faults = []
    volumes = {volume.get("name") for volume in spec.get("volumes") or []}
    seen: set[Any] = set()
    for field in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(field) or []):
            faults += _container(container, f"{path}.{field}[{index}]", volumes)
            name = container.get("name")
            if name and name in seen:
                where = f"{path}.{field}[{index}].name"
                faults.append(FieldFault(where, f"Duplicate value: {json.dumps(name)}", "FieldValueDuplicate"))
            seen.add(name)
    return faults


def _container(container: Object, path: str, volumes: set[Any]) -> list[FieldFault]:
    faults = [required(f"{path}.{field}") for field in ("name", "image") if not container.get(field)]
    for index, variable in enumerate(container.get("env") or []):
        if not variable.get("name"):
            faults.append(required(f"{path}.env[{index}].name"))
    for index, mount in enumerate(container.get("volumeMounts") or []):
        if mount.get("name") not in volumes:
            where = f"{path}.volumeMounts[{index}].name"
            faults.append(FieldFault(where, f'Not found: "{mount.get("name")}"', "FieldValueNotFound"))
    return faults + _resources(container.get("resources") or {}, f"{path}.resources")


def _resources(resources: Object, path: str) -> list[FieldFault]:
    faults = []
    limits = resources.get("limits") or {}
    for name, amount in (resources.get("requests") or {}).items():
        try:
            exceeded = name in limits and parse_quantity(amount) > parse_quantity(limits[name])
        except QuantityError:
            continue
        if exceeded:
            why = f"must be less than or equal to {name} limit of {limits[name]}"
            faults.append(invalid_value(f"{path}.requests", amount, why))
    return faults


def _pod_update(spec: Object, old: Object) -> list[FieldFault]:
    def frozen(pod: Object) -> Object:
        kept = {key: value for key, value in pod.items() if key not in ("nodeName", "tolerations")}
        for field in ("containers", "initContainers"):
            kept[field] = [
                {key: value for key, value in container.items() if key not in _POD_MUTABLE}
                for container in pod.get(field) or []
            ]
        return kept

    if frozen(spec) == frozen(old):
        return []
    fields = "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`"
    more = (
        "`spec.tolerations` (only additions to existing tolerations),"
        "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
    )
    text = f"Forbidden: pod updates may not change fields other than {fields},{more}"
    return [FieldFault("spec", text, "FieldValueForbidden")]


def _cron_job(spec: Object) -> list[FieldFault]:
    template = dig(spec, "jobTemplate", "spec", "template", "spec", default={})
    faults = _pod_spec(template, "spec.jobTemplate.spec.template.spec")
    if not spec.get("schedule"):
        faults.append(required("spec.schedule"))
    elif not is_readable(spec["schedule"]):
        why = f"expected exactly 5 fields, found {len(spec['schedule'].split())}: {spec['schedule'].split()}"
        faults.append(invalid_value("spec.schedule", spec["schedule"], why))
    return faults


def _job_restarts(kind: str, spec: Object) -> list[FieldFault]:
    prefix = "spec.template.spec" if kind == "Job" else "spec.jobTemplate.spec.template.spec"
    policy = dig(spec, *prefix.split(".")[1:], "restartPolicy")
    if policy in ("OnFailure", "Never"):
        return []
    text = f'Unsupported value: {json.dumps(policy)}: supported values: "OnFailure", "Never"'
    return [FieldFault(f"{prefix}.restartPolicy", text, "FieldValueNotSupported")]


def _service(spec: Object) -> list[FieldFault]:
    ports = spec.get("ports") or []
    headless = spec.get("clusterIP") == "None"
    if not ports and not headless and spec.get("type") != "ExternalName":
        return [required("spec.ports")]
    faults = []
    for index, port in enumerate(ports):
        if len(ports) > 1 and not port.get("name"):
            faults.append(required(f"spec.ports[{index}].name"))
        number = port.get("port")
        if not isinstance(number, int) or not 0 < number < 65536:
            faults.append(invalid_value(f"spec.ports[{index}].port", number, "must be between 1 and 65535, inclusive"))
    return faults
