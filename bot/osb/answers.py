"""What the API answers: records as the specification writes them, only with fields of the version asked for."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.osb import versions
from bot.osb.refusals import Refused
from commands.broker.errors import Clash
from commands.broker.records import Binding, Doing, Instance, Json, Operation, Progress, State
from commands.broker.wishes import Bound, Provisioned

POLL_SECONDS = 3
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class Answer:
    """Status, body and headers. The body is JSON, or nothing at all (304)."""

    status: int
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)


def answer(status: int, body: Json, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, as_json(body), headers or {})


def as_json(body: Json) -> bytes:
    return _ENCODER.encode(body).encode()


def refused(refusal: Refused) -> Answer:
    return answer(refusal.status, {"error": refusal.error, "description": refusal.description}, refusal.headers)


def provisioned(done: Provisioned, version: int) -> Answer:
    """201 made, 202 while it is being made, 200 for the same wish again. Raises Clash for one that has failed."""
    running = under_way(done.instance)
    if running:
        return answer(202, {"operation": running.id} | _metadata(done.instance, version))
    if done.instance.state is State.FAILED:
        raise Clash(f"The instance `{done.instance.id}` has failed.", "deprovision it, then provision a new one")
    return answer(201 if done.made else 200, _metadata(done.instance, version))


def done(record: Instance | Binding | None) -> Answer:
    """Of changes and removals: 202 while it is under way, else 200."""
    running = under_way(record) if record else None
    return answer(202, {"operation": running.id}) if running else answer(200, {})


def bound(done: Bound, version: int) -> Answer:
    """As `provisioned`; credentials are told once they are complete."""
    running = under_way(done.binding)
    if running:
        return answer(202, {"operation": running.id})
    if done.binding.state is State.FAILED:
        raise Clash(f"The binding `{done.binding.id}` has failed.", "unbind it, then bind anew")
    return answer(201 if done.made else 200, _binding(done, version))


def fetched_instance(instance: Instance, version: int) -> Answer:
    body = {
        "service_id": instance.service_id,
        "plan_id": instance.plan_id,
        "parameters": instance.hidden.get("asked", {}),
    }
    if version >= versions.LABELS and instance.maintenance:
        body["maintenance_info"] = {"version": instance.maintenance}
    return answer(200, body | _metadata(instance, version))


def fetched_binding(done: Bound, version: int) -> Answer:
    return answer(200, _binding(done, version) | {"parameters": done.binding.hidden.get("parameters", {})})


def polled(operation: Operation, version: int) -> Answer:
    body: Json = {"state": operation.progress.value}
    if operation.told:
        body["description"] = operation.told
    failed = operation.progress is Progress.FAILED
    if failed and operation.doing is Doing.DEPROVISION and version >= versions.USABLE:
        body["instance_usable"] = False  # part of it may be gone
    waits = operation.progress is Progress.RUNNING
    return answer(200, body, {"Retry-After": str(POLL_SECONDS)} if waits else {})


def under_way(record: Instance | Binding) -> Operation | None:
    """The operation that a platform has to poll for, if any."""
    operation = record.operation
    running = operation and operation.asynchronous and operation.progress is Progress.RUNNING
    return operation if running else None


def _metadata(instance: Instance, version: int) -> Json:
    if version < versions.LABELS:
        return {}
    labels = {"team": instance.team, "offering": instance.offering, "version": instance.version}
    return {"metadata": {"labels": labels}}


def _binding(done: Bound, version: int) -> Json:
    body: Json = {"credentials": dict(done.credentials)}
    endpoint = _endpoint(done.credentials)
    if endpoint and version >= versions.ENDPOINTS:
        body["endpoints"] = [endpoint]
    if done.binding.until and version >= versions.EXPIRY:
        body["metadata"] = {"expires_at": _moment(done.binding.until)}
    return body


def _endpoint(credentials: Mapping[str, Any]) -> Json | None:
    host, port = credentials.get("host"), credentials.get("port")
    return {"host": str(host), "ports": [str(port)], "protocol": "tcp"} if host and port else None


def _moment(written: str) -> str:
    """The one form that the specification allows: `yyyy-mm-ddThh:mm:ss.sZ`."""
    moment = datetime.fromisoformat(written).astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 100_000}Z"
