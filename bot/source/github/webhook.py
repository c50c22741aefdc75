"""What GitHub sends when somebody pushes, believed only with the right signature over the very bytes.

https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries,
https://docs.github.com/en/webhooks/webhook-events-and-payloads#push
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

HEADS = "refs/heads/"


@dataclass(frozen=True)
class Push:
    """Commits pushed to a branch: `repository` as `org/name`, `sha` its new head. `at` is when, where it is told."""

    repository: str
    branch: str
    sha: str
    default: str
    by: str
    at: datetime | None


def signed(secret: str, body: bytes, signature: str) -> bool:
    """Whether `X-Hub-Signature-256` is right for the body; compared in constant time."""
    made = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"sha256={made}".encode(), signature.encode("utf-8", "replace"))


def read_push(body: bytes) -> Push | None:
    """The push that is told of; None for one that leaves no branch: tags, and branches that were deleted.

    Raises ValueError for anything else.
    """
    told = _mapping(json.loads(body))
    ref, sha, repository = told.get("ref"), told.get("after"), _mapping(told.get("repository"))
    if not isinstance(ref, str) or not isinstance(sha, str):
        raise ValueError("no ref")
    if not ref.startswith(HEADS) or told.get("deleted") or not sha.strip("0"):
        return None
    name, default = repository["full_name"], repository.get("default_branch")
    who = told.get("sender") or told.get("pusher") or {}
    by = who.get("login") or who.get("name") if isinstance(who, Mapping) else ""
    return Push(str(name), ref.removeprefix(HEADS), sha, str(default or ""), str(by or ""), _time(repository))


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError("not an object")
    return value


def _time(repository: Mapping[str, Any]) -> datetime | None:
    """When it was pushed: seconds in a push event, text elsewhere."""
    at = repository.get("pushed_at")
    if isinstance(at, int) and not isinstance(at, bool):
        return datetime.fromtimestamp(at, UTC)
    return datetime.fromisoformat(at) if isinstance(at, str) and at else None
