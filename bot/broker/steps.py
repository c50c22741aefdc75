"""One step of a broker on the cluster, and what its answer means in words for people.

What is there (2xx), what is not (404) and what is taken (409) is for the caller to decide; everything else is an error:
`Unavailable` where trying again may help, `Denied` with the lines that grant what is missing, or what the API said.
"""

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from commands.base.errors import Denied, NotFound, TesseraError, Unavailable
from commands.base.ports import Cluster
from explainers.diagnosis.access import refused
from explainers.operations.base import Answer, Operation
from explainers.redaction import HIDDEN

SHORTEST = 4
"""Characters of a value that is looked for in texts: a shorter one is part of too many words."""
_LATER = frozenset({0, 408, 429, 500, 502, 503, 504})
AGAIN = "Nothing is lost: trying again goes on from here."


@dataclass(frozen=True)
class Steps:
    """Sends operations. `hidden` are values that no error may show: the API quotes what it refuses."""

    cluster: Cluster
    hidden: tuple[str, ...] = field(default=(), repr=False)

    def hiding(self, values: Iterable[object]) -> "Steps":
        return replace(self, hidden=(*self.hidden, *(value for value in map(str, values))))

    def send(self, operation: Operation) -> Answer:
        """The answer where it is 2xx, 404 or 409. Raises Denied, Unavailable, NotFound, TesseraError."""
        answer = self.cluster.run(operation)
        if answer.ok or answer.status == 409:
            return answer
        if answer.status == 404:
            self._in_a_namespace(operation, answer)
            return answer
        said = hushed(answer.problem, self.hidden)
        if answer.status in _LATER:
            raise Unavailable(f"The cluster did not answer {_what(operation)}: {said}", AGAIN)
        if answer.status == 401:
            raise Denied(said, "renew the credentials that the broker has for the cluster")
        if answer.status == 403:
            raise self._refused(operation, answer, said)
        raise TesseraError(f"The cluster did not take {_what(operation)}: {said}")

    def _in_a_namespace(self, operation: Operation, answer: Answer) -> None:
        """What is created is never absent itself: then it is the namespace."""
        namespace = operation.permission().namespace
        permission = operation.permission()
        if permission.verb == "create" and "namespaces " not in answer.problem:
            raise NotFound(f"The cluster does not know {permission.resource}.", "correct the kind, or install it")
        if permission.verb == "create" and namespace:
            raise NotFound(
                f"The namespace {namespace} does not exist.", "create it, or name another one in the catalog entry"
            )

    def _refused(self, operation: Operation, answer: Answer, said: str) -> TesseraError:
        namespace = operation.permission().namespace
        if terminating(answer):
            return TesseraError(f"The namespace {namespace} is being deleted: nothing new can be made in it.")
        if "cannot" not in answer.problem:  # quotas, admission, pod security: allowed, but not like this
            return TesseraError(f"The cluster refuses {_what(operation)}: {said}")
        found = refused(operation, answer)
        return Denied(f"The broker may not {found.missing}: {said}", found.grant)


def terminating(answer: Answer) -> bool:
    """Whether the API refused something new since the namespace is being deleted."""
    details = answer.body.get("details") if isinstance(answer.body, dict) else None
    causes = details.get("causes") if isinstance(details, dict) else None
    found = causes if isinstance(causes, list) else []
    named = any(isinstance(cause, dict) and cause.get("reason") == "NamespaceTerminating" for cause in found)
    return named or "because it is being terminated" in answer.problem  # older clusters name no cause


def hushed(text: str, values: Iterable[str]) -> str:
    """The text without these values, in the forms in which programs quote them."""
    forms = {form for value in values if len(value) >= SHORTEST for form in _forms(value)}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, HIDDEN)
    return text


def _forms(value: str) -> tuple[str, ...]:
    return value, base64.b64encode(value.encode()).decode(), quote(value, safe=""), json.dumps(value)[1:-1]


def texts(value: Any) -> list[str]:
    """Every text that is a value somewhere in JSON-like data."""
    if isinstance(value, dict):
        return [text for each in value.values() for text in texts(each)]
    if isinstance(value, list | tuple):
        return [text for each in value for text in texts(each)]
    return [value] if isinstance(value, str) else []


def _what(operation: Operation) -> str:
    """`create deployments.apps in shop`"""
    permission = operation.permission()
    named = f" {permission.name}" if permission.name else ""
    where = f" in {permission.namespace}" if permission.namespace else ""
    return f"{permission.verb} {permission.resource}{named}{where}"
