"""One step, no drift: an operation both executes and prints itself.

Every interaction with a cluster is a frozen dataclass with three views of the same step:
`request()` is what the adapter sends, `kubectl()` the equivalent command line, `python()`
the equivalent lines for the official client. Parity of the views is proven on a real API
server (tests/contract/test_parity.py), so no text elsewhere spells a command by hand.
"""

import shlex
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"


@dataclass(frozen=True)
class Request:
    """One HTTP request to the Kubernetes API: the adapter sends exactly this and nothing else.

    A body may hold a Secret's values, so it is not in `repr`, which ends up in logs and tracebacks.
    """

    method: Method
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Any = field(default=None, repr=False)
    content_type: str = JSON
    accept: str = JSON
    stream: Literal["no", "watch", "exec"] = "no"


@dataclass(frozen=True)
class Permission:
    """What RBAC must allow for a request: `verb` on `resource` (with its group) in `namespace`."""

    verb: str
    resource: str
    namespace: str = ""
    name: str = ""

    def __str__(self) -> str:
        return f"{self.verb} {self.resource}" + (f" in {self.namespace}" if self.namespace else "")


class Action(ABC):
    """A step on a cluster, an engine, a registry or a repository, that can be shown as a command line."""

    changes: bool = False

    @abstractmethod
    def line(self) -> str:
        """The command line as one copies it into a shell."""

    @abstractmethod
    def sent(self) -> list[object]:
        """All that is sent when the step runs, as plain JSON values: what approving it approves."""


class Operation(Action):
    """A step on a cluster. Subclasses are frozen dataclasses; equal values mean the same step."""

    @abstractmethod
    def request(self) -> Request:
        """The request to send."""

    @abstractmethod
    def kubectl(self) -> list[str]:
        """The argv of the equivalent kubectl command."""

    @abstractmethod
    def python(self) -> str:
        """Equivalent lines for the official Python client; `client` is the imported module."""

    @abstractmethod
    def permission(self) -> Permission:
        """What the caller must be allowed to do for `request()` to succeed."""

    def stdin(self) -> str:
        """What the command reads from its standard input; empty for nearly all."""
        return ""

    def sent(self) -> list[object]:
        request = self.request()
        return [request.method, request.path, request.query, request.content_type, request.accept, request.body]

    def line(self) -> str:
        command = shlex.join(self.kubectl())
        return f"{command} <<'EOF'\n{self.stdin().rstrip()}\nEOF" if self.stdin() else command


class Look(Operation):
    """An operation that reads."""


class Change(Operation):
    """An operation that mutates, and knows how to be undone or says that it cannot."""

    changes = True

    @abstractmethod
    def inverse(self) -> "Change | None":
        """The operation that takes this one back, or None when it is irreversible."""

    @property
    def idle(self) -> bool:
        """Whether the object is so already: the way back is the same request."""
        back = self.inverse()
        return back is not None and back.sent() == self.sent()


@dataclass(frozen=True)
class Answer:
    """What came back for an operation.

    `status` is the HTTP status, 0 when nothing came back. `body` is the decoded JSON or the text of logs;
    for errors it is the API's Status object where it sent one. `problem` says in words what went wrong.
    """

    status: int
    body: Any = None
    problem: str = ""
    took: float = field(default=0.0, compare=False)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def absent(self) -> bool:
        """The API says that the thing is not there. Nothing else means absent."""
        return self.status == 404

    @property
    def forbidden(self) -> bool:
        """Unknown for lack of a permission: never to be taken for absent."""
        return self.status in (401, 403)

    @property
    def reason(self) -> str:
        """The problem without its full stop, as part of a sentence."""
        return self.problem.removesuffix(".")

    @property
    def object(self) -> Json:
        """The object, or an empty one where there is none."""
        return self.body if self.ok and isinstance(self.body, dict) else {}

    @property
    def items(self) -> list[Json]:
        """The items of a list; anything that is not an object is left out."""
        items = self.object.get("items")
        return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []

    @property
    def text(self) -> str:
        """The text of a log."""
        return self.body if self.ok and isinstance(self.body, str) else ""


def kubectl(namespace: str, *words: str) -> list[str]:
    """The start of every command line; cluster-scoped steps pass an empty namespace."""
    return ["kubectl", *(["-n", namespace] if namespace else []), *words]
