"""A cluster that is a capture file: the same reads, answered from what was written down.

What was not captured answers 403 with the reason, so that diagnosis calls it unknown, never absent.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.sandbox.selectors import (
    SelectorError,
    matches_fields,
    matches_labels,
    parse_field_selector,
    parse_label_selector,
)
from bot.sandbox.tables import build_table
from commands.base.errors import UsageError
from explainers.capture import CLUSTER_WIDE, LOG, NAMESPACED, SYSTEM, VERSION, log_key
from explainers.diagnosis.facts import Question
from explainers.diagnosis.logs.stamps import stamped
from explainers.diagnosis.views.pods import Json, dicts, number, table, text
from explainers.diagnosis.when import moment
from explainers.kinds import Kind
from explainers.operations.base import Answer, Operation
from explainers.operations.reads import Get, List, Logs, Rows

FORM = "make one with `tessera capture -n NAMESPACE > file.json`"


class CapturedClock:
    """The time at which the capture was taken: ages are relative to it."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def wait(self, seconds: float) -> None:
        """Nothing changes in a capture, so nothing is waited for."""


class SnapshotCluster:
    """The port `Cluster` over one capture."""

    def __init__(self, capture: Json) -> None:
        """Raises UsageError when the capture is not one of this version."""
        captured_at = moment(capture.get("captured_at"))
        if capture.get("version") != VERSION or captured_at is None:
            raise UsageError(f"That is not a capture of version {VERSION}.", FORM)
        self.clock = CapturedClock(captured_at)
        self.name = "capture"
        self.default_namespace = text(capture, "namespace") or "default"
        self._objects = dicts(capture, "objects")
        self._logs = table(capture, "logs")
        self._asked = table(capture, "asked")
        self._unread = {
            (text(row, "resource"), text(row, "namespace"), text(row, "name")): _failed(row)
            for row in dicts(capture, "unread")
        }

    @classmethod
    def load(cls, path: Path) -> "SnapshotCluster":
        """Raises UsageError when the file is not there or is no capture."""
        try:
            content: Any = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise UsageError(
                f"I cannot read the capture `{path}`: {(error.strerror or str(error)).lower()}.", FORM
            ) from error
        except ValueError as error:
            raise UsageError(f"`{path}` is no capture: it is not JSON.", FORM) from error
        if not isinstance(content, dict):
            raise UsageError(f"`{path}` is no capture.", FORM)
        return cls(content)

    def holds(self, namespace: str) -> bool:
        """Whether anything of a namespace was captured."""
        captured = (text(thing, "metadata", "namespace") for thing in self._objects)
        return namespace in (self.default_namespace, SYSTEM, *captured)

    def run(self, operation: Operation) -> Answer:
        if operation.line() in self._asked:
            return self._recalled(operation.line())
        match operation:
            case Get():
                return self._get(operation)
            case List():
                return self._list(operation)
            case Rows():
                return self._rows(operation)
            case Logs():
                return self._log(operation)
        return self._recalled(operation.line())

    def read(self, operations: Sequence[Operation]) -> list[Answer]:
        return [self.run(operation) for operation in operations]

    def watch(self, operation: Operation, seconds: float) -> Iterable[dict[str, object]]:
        return ()

    def ask(self, question: Question) -> Answer:
        """The answer to a probe, as it was when the capture was taken."""
        return self._recalled(question.line())

    def _recalled(self, line: str) -> Answer:
        kept = self._asked.get(line)
        if not isinstance(kept, dict):
            return Answer(403, problem=f"not in the capture: {line}")
        took = kept.get("took")
        problem, seconds = text(kept, "problem"), took if isinstance(took, float) else 0.0
        return Answer(number(kept, "status"), kept.get("body"), problem, seconds)

    def _get(self, operation: Get) -> Answer:
        for thing in self._of(operation.kind, operation.namespace):
            if text(thing, "metadata", "name") == operation.name:
                return Answer(200, thing)
        if unseen := self._unseen(operation.kind, operation.namespace):
            return unseen
        return Answer(404, problem=f'{operation.kind.plural} "{operation.name}" not found')

    def _list(self, operation: List) -> Answer:
        if unseen := self._unseen(operation.kind, operation.namespace):
            return unseen
        try:
            labels, fields = parse_label_selector(operation.labels), parse_field_selector(operation.fields)
        except SelectorError as error:
            return Answer(400, problem=str(error))
        items = [
            thing
            for thing in self._of(operation.kind, operation.namespace)
            if matches_labels(labels, table(thing, "metadata", "labels")) and matches_fields(fields, thing)
        ]
        more = bool(operation.limit) and len(items) > operation.limit
        metadata = {"continue": "not in the capture"} if more else {}
        return Answer(200, {"metadata": metadata, "items": items[: operation.limit or None]})

    def _rows(self, operation: Rows) -> Answer:
        of = List(operation.kind, operation.namespace, operation.labels, operation.fields, operation.limit)
        listed = self._list(of)
        if not listed.ok:
            return listed
        try:
            printed = build_table(operation.kind.name, listed.items, self.clock.now(), "None", "")
            return Answer(200, {**printed, "metadata": listed.object["metadata"]})
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
            return Answer(400, problem=f"the {operation.kind.plural} of the capture cannot be printed")

    def _log(self, operation: Logs) -> Answer:
        kept = self._logs.get(log_key(operation))
        if isinstance(kept, str):
            kept = kept if operation.timestamps else stamped(kept).text
            lines = kept.splitlines(keepends=True)
            return Answer(200, "".join(lines[-operation.tail :] if operation.tail else lines))
        unread = self._unread.get((LOG, operation.namespace, log_key(operation)))
        return unread or Answer(400, problem="there is no such log in the capture")

    def _of(self, kind: Kind, namespace: str) -> list[Json]:
        return [
            thing
            for thing in self._objects
            if text(thing, "kind") == kind.name
            and (not kind.namespaced or not namespace or text(thing, "metadata", "namespace") == namespace)
        ]

    def _unseen(self, kind: Kind, namespace: str) -> Answer | None:
        """Why a kind is unknown here; None when it was captured whole."""
        if unread := self._unread.get((kind.resource, namespace if kind.namespaced else "", "")):
            return unread
        if kind in CLUSTER_WIDE or (kind in NAMESPACED and namespace in (self.default_namespace, SYSTEM)):
            return None
        return Answer(403, problem=f"{kind.plural} of {namespace or 'the cluster'} are not in the capture")


def _failed(row: Json) -> Answer:
    """What the API answered when the capture was taken; unknown, where nothing came back."""
    return Answer(number(row, "status") or 403, problem=text(row, "problem"))
