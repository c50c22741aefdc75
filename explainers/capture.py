"""A capture: what diagnosis would read of a namespace, with secrets reduced to key names and lengths.

Format (JSON, `version` 1):
    captured_at  RFC 3339 time of reading: ages are relative to it
    namespace    the namespace that was captured
    objects      the objects, each with apiVersion and kind; of managedFields only which keys of
                 ConfigMaps and Secrets were written when, changes that no controller has seen, when pods
                 were last counted, and who set an image on a pod itself; elsewhere too, what looks like a credential
                 (an environment variable, a command's option, a URL's password) is taken out
    logs         text, redacted, by "NAMESPACE/POD/CONTAINER" (current) and "NAMESPACE/POD/CONTAINER/previous"
    unread       what could not be read: {"resource", "namespace", "status", "problem"}, and for a log its key as "name"
    asked        answers beyond these (reviews, probes, other namespaces) by command line:
                 {"status", "body", "problem", "took"}
"""

import copy
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from explainers import kinds
from explainers.diagnosis.case import PREVIOUS_TAIL
from explainers.diagnosis.views.hands import image_writes
from explainers.diagnosis.views.pods import Json, Pod, dicts, number, table, text
from explainers.kinds import Kind
from explainers.network.dns import LABEL
from explainers.operations.base import Answer
from explainers.operations.reads import Get, List, Logs, Rows
from explainers.redaction import length_of, redact, redact_shapes, redact_value, redact_words

VERSION = 1
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
NAMESPACED = (
    kinds.POD, kinds.SERVICE, kinds.ENDPOINT_SLICE, kinds.DEPLOYMENT, kinds.REPLICA_SET, kinds.STATEFUL_SET,
    kinds.DAEMON_SET, kinds.CONTROLLER_REVISION, kinds.JOB, kinds.CRON_JOB, kinds.CONFIG_MAP, kinds.SECRET,
    kinds.SERVICE_ACCOUNT, kinds.EVENT,
    kinds.PERSISTENT_VOLUME_CLAIM, kinds.RESOURCE_QUOTA, kinds.LIMIT_RANGE, kinds.HORIZONTAL_POD_AUTOSCALER,
    kinds.POD_DISRUPTION_BUDGET, kinds.INGRESS, kinds.NETWORK_POLICY, kinds.ROLE, kinds.ROLE_BINDING,
)  # fmt: skip
CLUSTER_WIDE = (kinds.NODE, kinds.NAMESPACE, kinds.PERSISTENT_VOLUME, kinds.STORAGE_CLASS, kinds.INGRESS_CLASS)
SYSTEM = "kube-system"
LOG = "pods/log"


def objects_to_read(namespace: str) -> list[List]:
    """The lists that make up a capture: the namespace, what is cluster-wide, and the cluster's DNS."""
    mine = [List(kind, namespace) for kind in NAMESPACED]
    shared = [List(kind, "") for kind in CLUSTER_WIDE]
    of_dns = (kinds.POD, kinds.SERVICE, kinds.DEPLOYMENT, kinds.ENDPOINT_SLICE)
    return [*mine, *shared, *(List(kind, SYSTEM, labels=LABEL) for kind in of_dns)]


def logs_to_read(objects: list[Json], tail: int) -> list[Logs]:
    """The logs of every container that ever ran: its current log, and the previous one after a restart.

    `tail` is how many lines of a running container are read; of a run that ended, as many as diagnosis reads.
    """
    wanted = []
    for pod in (Pod(thing) for thing in objects if thing.get("kind") == "Pod"):
        for one in pod.containers:
            if one.running_since or one.last_end:
                lines = tail if one.running_since else PREVIOUS_TAIL
                wanted.append(Logs(pod.namespace, pod.name, one.name, tail=lines, timestamps=True))
            if one.restarts:
                wanted.append(Logs(pod.namespace, pod.name, one.name, previous=True, tail=PREVIOUS_TAIL))
    return wanted


def log_key(log: Logs) -> str:
    return f"{log.namespace}/{log.pod}/{log.container}" + ("/previous" if log.previous else "")


def redacted(kind: Kind, thing: Json) -> Json:
    """A copy fit to leave the cluster: hardly any managedFields, of a Secret key names and lengths, no credentials."""
    told: Json = {"apiVersion": kind.api_version, "kind": kind.name}
    slim = told | thing | told
    if "managedFields" in table(slim, "metadata"):
        slim["metadata"] = {key: item for key, item in slim["metadata"].items() if key != "managedFields"}
    if kind == kinds.SECRET:
        slim = _of_secret(copy.deepcopy(slim))
    elif kind == kinds.CONFIG_MAP:
        slim = _cleaned(slim)
        if "data" in slim:
            slim["data"] = {key: redact_value(key, str(value)) for key, value in table(slim, "data").items()}
    else:
        slim = _cleaned(slim)
    kept = _writes(thing) if kind in (kinds.CONFIG_MAP, kinds.SECRET) else []
    if kind in (kinds.DEPLOYMENT, kinds.STATEFUL_SET, kinds.DAEMON_SET):
        kept += [*_unseen_writes(thing), *_status_writes(thing)]
    kept += image_writes(thing) if kind == kinds.POD and dicts(thing, "metadata", "ownerReferences") else []
    if kept:
        slim["metadata"]["managedFields"] = kept
    return slim


def _of_secret(slim: Json) -> Json:
    """Whatever tools note down in annotations may be a copy of the values; Kubernetes' own notes are none."""
    notes = table(slim, "metadata", "annotations")
    notes.pop(LAST_APPLIED, None)
    for key, value in notes.items():
        if not key.startswith("kubernetes.io/"):
            notes[key] = length_of(value)
    for part in ("data", "stringData"):
        if part in slim:
            slim[part] = {key: length_of(value) for key, value in table(slim, part).items()}
    return slim


def _cleaned(value: Any, key: str = "") -> Any:
    """JSON without what looks like a credential: variables by their names, commands by their options, else by shape."""
    match value:
        case {"name": str(name), "value": str(literal), **rest}:
            return {**rest, "name": name, "value": redact_value(name, literal)}
        case dict():
            return {inner: _cleaned(item, str(inner)) for inner, item in value.items()}
        case list() if key in ("command", "args"):
            return redact_words(value)
        case list():
            return [_cleaned(item) for item in value]
        case str() if key == LAST_APPLIED:
            return _cleaned_text(value)
        case str():
            return redact_shapes(value)
    return value


def _cleaned_text(applied: str) -> str:
    """The same of the manifest that was last applied, as kubectl writes it: one line without blanks."""
    try:
        cleaned = json.dumps(_cleaned(json.loads(applied)), separators=(",", ":"))
        return cleaned + "\n" if applied.endswith("\n") else cleaned
    except (ValueError, RecursionError):
        return length_of(applied)


def _writes(thing: Json) -> list[Json]:
    """The managed fields that tell which keys of the data were written when."""
    return [
        {"time": entry.get("time"), "fieldsV1": {part: table(entry, "fieldsV1", part)}}
        for entry in dicts(thing, "metadata", "managedFields")
        for part in ("f:data", "f:binaryData")
        if table(entry, "fieldsV1", part)
    ]


def _unseen_writes(thing: Json) -> list[Json]:
    """When the spec of a workload was written, while its controller has not seen the newest."""
    if number(thing, "status", "observedGeneration") >= number(thing, "metadata", "generation"):
        return []
    entries = (one for one in dicts(thing, "metadata", "managedFields") if not one.get("subresource"))
    return [
        {"time": one.get("time"), "fieldsV1": {"f:spec": {}}} for one in entries if "f:spec" in table(one, "fieldsV1")
    ]


def _status_writes(thing: Json) -> list[Json]:
    """When its controller last wrote the counts of a workload's pods."""
    entries = dicts(thing, "metadata", "managedFields")
    return [{"time": one.get("time"), "subresource": "status"} for one in entries if one.get("subresource") == "status"]


@dataclass
class Capture:
    """A capture being made, or one loaded from a file."""

    captured_at: datetime
    namespace: str
    objects: list[Json] = field(default_factory=list)
    logs: dict[str, str] = field(default_factory=dict)
    unread: list[Json] = field(default_factory=list)
    asked: dict[str, Json] = field(default_factory=dict)

    def add_list(self, read: List, answer: Answer) -> None:
        """Keep the objects of a list, or that it could not be read."""
        if answer.ok:
            self.objects += [redacted(read.kind, item) for item in answer.items]
        else:
            row = {"resource": read.kind.resource, "namespace": read.namespace}
            self.unread.append({**row, "status": answer.status, "problem": answer.problem})

    def add_log(self, log: Logs, answer: Answer) -> None:
        """Keep a log, or why it could not be read."""
        if answer.ok:
            self.logs[log_key(log)] = redact(answer.text)
        else:
            row = {"resource": LOG, "namespace": log.namespace, "name": log_key(log)}
            self.unread.append({**row, "status": answer.status, "problem": answer.problem})

    def add_answer(self, line: str, fact: object, answer: Answer) -> None:
        """Keep what is neither an object of this capture nor a log: reviews, probes, other namespaces."""
        if isinstance(fact, Get | List | Rows) and (fact.namespace == self.namespace or not fact.kind.namespaced):
            return
        if isinstance(fact, Logs) and fact.namespace == self.namespace:
            return
        body = redact(answer.body) if isinstance(answer.body, str) else _cleaned(answer.body)
        if isinstance(fact, Get) and answer.ok:
            body = redacted(fact.kind, answer.object)
        if isinstance(fact, List) and answer.ok:
            body = {"items": [redacted(fact.kind, item) for item in answer.items]}
        self.asked[line] = {"status": answer.status, "body": body, "problem": answer.problem, "took": answer.took}

    def as_json(self) -> Json:
        return {
            "version": VERSION,
            "captured_at": self.captured_at.isoformat(),
            "namespace": self.namespace,
            "objects": self.objects,
            "logs": self.logs,
            "unread": self.unread,
            "asked": self.asked,
        }


def targets(objects: list[Json], namespace: str) -> list[tuple[str, str]]:
    """What somebody may ask about in a capture: (kind, name) of its workloads, services and loose pods."""
    asked = {"Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Service", "Ingress"}
    return sorted(
        (text(thing, "kind"), text(thing, "metadata", "name"))
        for thing in objects
        if thing.get("kind") in asked and text(thing, "metadata", "namespace") == namespace
    )
