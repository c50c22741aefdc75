"""From what came over the wire to an Answer: decoded JSON or text, or what went wrong in words."""

import json
from http.client import responses
from typing import Any

from explainers.operations.base import Answer, Request


def decode(request: Request, status: int, content: bytes) -> Answer:
    """The answer to a request. A success that cannot be decoded has status 0: nothing usable came back."""
    if status >= 300:
        return refusal(status, content)
    if request.accept == "*/*":
        return Answer(status, content.decode("utf-8", "replace"))
    if not content:
        return Answer(0, problem="The cluster's API sent an empty answer.")
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return Answer(0, problem=f"The cluster's API sent something that is not JSON: {_excerpt(content)}")
    if not isinstance(body, dict):
        return Answer(0, problem=f"The cluster's API sent JSON that is not an object: {_excerpt(content)}")
    return Answer(status, body)


def refusal(status: int, content: bytes) -> Answer:
    """An error answer: the API's own message where it sent a Status, else what the HTTP status means.

    Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
    """
    body = _object(content)
    message = body.get("message")
    said = message if isinstance(message, str) and message else ""
    if status == 401:
        return Answer(status, body, "The cluster does not accept the credentials (401): log in again or renew them.")
    if said:
        return Answer(status, body, said)
    meaning = responses.get(status, "(an unknown status)")
    return Answer(status, body or None, f"The cluster's API answered {status} {meaning}: {_excerpt(content)}")


def _object(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _excerpt(content: bytes) -> str:
    """The start of an answer on one line, printable, for a message."""
    text = " ".join(content[:200].decode("utf-8", "replace").split())
    return "".join(c if c.isprintable() else "?" for c in text)[:120] or "(nothing)"
