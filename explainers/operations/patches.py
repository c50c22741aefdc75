"""Patches of any object, and its labels and annotations."""

import json
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from explainers.operations.base import JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, Change, Request
from explainers.operations.objects import ObjectChange, Pairs

PatchType = Literal["json", "merge", "strategic"]
CONTENT_TYPES: dict[PatchType, str] = {"json": JSON_PATCH, "merge": MERGE_PATCH, "strategic": STRATEGIC_PATCH}


@dataclass(frozen=True)
class Patch(ObjectChange):
    """Patch any object: a list of operations for `json`, a part of the object for `merge` and `strategic`.

    `back` is the patch of the same type that takes it back, None when there is none.
    """

    body: Any = field(hash=False)
    type: PatchType = "strategic"
    back: Any = field(default=None, hash=False)

    def request(self) -> Request:
        return self.patch(self.body, CONTENT_TYPES[self.type])

    def kubectl(self) -> list[str]:
        text = json.dumps(self.body, separators=(",", ":"))
        of_type = [] if self.type == "strategic" else [f"--type={self.type}"]
        return self.command("patch", self.target, *of_type, "-p", text)

    def inverse(self) -> Change | None:
        return None if self.back is None else replace(self, body=self.back, back=self.body)


@dataclass(frozen=True)
class Label(ObjectChange):
    """Set and remove labels. `was` has the former values of exactly these labels, without those that were absent."""

    values: Pairs = ()
    remove: tuple[str, ...] = ()
    was: Pairs | None = None

    def request(self) -> Request:
        return self.patch({"metadata": {"labels": _changes(self.values, self.remove)}}, MERGE_PATCH)

    def kubectl(self) -> list[str]:
        return self.command("label", self.target, "--overwrite", *_words(self.values, self.remove))

    def inverse(self) -> Change | None:
        return None if self.was is None else _back(self, self.values, self.was)


@dataclass(frozen=True)
class Annotate(ObjectChange):
    """Set and remove annotations. `was` as for labels."""

    values: Pairs = ()
    remove: tuple[str, ...] = ()
    was: Pairs | None = None

    def request(self) -> Request:
        return self.patch({"metadata": {"annotations": _changes(self.values, self.remove)}}, MERGE_PATCH)

    def kubectl(self) -> list[str]:
        return self.command("annotate", self.target, "--overwrite", *_words(self.values, self.remove))

    def inverse(self) -> Change | None:
        return None if self.was is None else _back(self, self.values, self.was)


def _changes(values: Pairs, remove: tuple[str, ...]) -> dict[str, str | None]:
    return {**dict(values), **dict.fromkeys(remove)}


def _words(values: Pairs, remove: tuple[str, ...]) -> list[str]:
    return [f"{key}={value}" for key, value in values] + [f"{key}-" for key in remove]


def _back(operation: Label | Annotate, values: Pairs, was: Pairs) -> Change:
    absent = tuple(key for key, _ in values if key not in dict(was))
    return replace(operation, values=was, remove=absent, was=values)
