"""What the API refuses, each as the Status body that a real API server sends.

Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
and k8s.io/apimachinery/pkg/api/errors.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.jsonish import Object
from bot.sandbox.resources import ResourceType


@dataclass
class RefusalError(Exception):
    """An answer that is not a success: HTTP code, machine-readable reason, message, details."""

    code: int
    reason: str
    message: str
    details: dict[str, Any] = field(default_factory=dict)

    def status(self) -> Object:
        """Build the Status object."""
        body: Object = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
            "code": self.code,
        }
        if self.details:
            body["details"] = self.details
        return body


def _about(resource: ResourceType, name: str) -> dict[str, Any]:
    details = {"name": name, "group": resource.group, "kind": resource.plural}
    return {key: value for key, value in details.items() if value}


def not_found(resource: ResourceType, name: str) -> RefusalError:
    """404: no such object."""
    return RefusalError(404, "NotFound", f'{resource.qualified} "{name}" not found', _about(resource, name))


_LACKS = {
    "/portforward": "the sandbox plays its programs, so no port of theirs can be forwarded",
    "/attach": "the sandbox plays its programs, so none can be attached to; its logs can be read",
    "/apis/autoscaling/v1/": "the sandbox has autoscaling/v2 only: apply a manifest of that version",
}
"""What a real server has and the sandbox has not, by a part of the path."""


def no_such_path(path: str) -> RefusalError:
    """404: no such resource at all, or one that the sandbox lacks on purpose."""
    lacking = next((why for part, why in _LACKS.items() if part in path), "")
    return RefusalError(404, "NotFound", lacking or "the server could not find the requested resource")


def already_exists(resource: ResourceType, name: str) -> RefusalError:
    """409: the name is taken."""
    return RefusalError(409, "AlreadyExists", f'{resource.qualified} "{name}" already exists', _about(resource, name))


def conflict(resource: ResourceType, name: str) -> RefusalError:
    """409: written against an old version."""
    why = "the object has been modified; please apply your changes to the latest version and try again"
    message = f'Operation cannot be fulfilled on {resource.qualified} "{name}": {why}'
    return RefusalError(409, "Conflict", message, _about(resource, name))


def owned_by_another(resource: ResourceType, name: str, paths: list[str]) -> RefusalError:
    """409: an applied configuration has fields that another manager set."""
    using = f'conflict with "another manager" using {resource.api_version}'
    causes = [{"reason": "FieldManagerConflict", "message": using, "field": path} for path in paths]
    listed = f": {paths[0]}" if len(paths) == 1 else ":" + "".join(f"\n- {path}" for path in paths)
    many = "s" if len(paths) > 1 else ""
    message = f"Apply failed with {len(paths)} conflict{many}: {using}{listed}"
    return RefusalError(409, "Conflict", message, _about(resource, name) | {"causes": causes})


def forbidden(resource: ResourceType, name: str, why: str) -> RefusalError:
    """403: by rights or by admission; `why` follows the colon."""
    subject = f'{resource.qualified} "{name}"' if name else resource.qualified
    return RefusalError(403, "Forbidden", f"{subject} is forbidden: {why}", _about(resource, name))


def unauthorized() -> RefusalError:
    """401: the token is not known."""
    return RefusalError(401, "Unauthorized", "Unauthorized")


def bad_request(message: str) -> RefusalError:
    """400: the request cannot be read."""
    return RefusalError(400, "BadRequest", message)


def method_not_allowed() -> RefusalError:
    """405: the resource does not take this verb."""
    return RefusalError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {})


def expired(message: str) -> RefusalError:
    """410: the version or the continue token is too old."""
    return RefusalError(410, "Expired", message)


def too_many_requests(message: str) -> RefusalError:
    """429: as the eviction of a pod that a disruption budget protects."""
    causes = [{"reason": "DisruptionBudget", "message": message}]
    text = "Cannot evict pod as it would violate the pod's disruption budget."
    return RefusalError(429, "TooManyRequests", text, {"causes": causes})


@dataclass(frozen=True)
class FieldFault:
    """One invalid field: its path, what is wrong in the API's words, and the machine-readable reason."""

    path: str
    message: str
    reason: str = "FieldValueInvalid"

    def text(self) -> str:
        """The `path: message` form of the joined message."""
        return f"{self.path}: {self.message}"


def invalid(resource: ResourceType, name: str, faults: list[FieldFault]) -> RefusalError:
    """422: the object breaks the schema's rules."""
    kind = f"{resource.kind}.{resource.group}" if resource.group else resource.kind
    texts = [fault.text() for fault in faults]
    joined = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    causes = [{"reason": fault.reason, "message": fault.message, "field": fault.path} for fault in faults]
    details = _about(resource, name) | {"kind": resource.kind, "causes": causes}
    return RefusalError(422, "Invalid", f'{kind} "{name}" is invalid: {joined}', details)


def unprocessable(message: str) -> RefusalError:
    """422: the patch cannot be applied."""
    return RefusalError(422, "Invalid", message)
