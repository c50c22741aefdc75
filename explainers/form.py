"""A form as data: what a command asks for when its line alone does not say enough. Surfaces show it."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum, auto


class FieldKind(StrEnum):
    TEXT = auto()
    SECRET = auto()
    SELECT = auto()


@dataclass(frozen=True)
class Field:
    """One thing to fill in. `initial` stands there already (never for a secret), `options` are those of a select,
    `longest` counts characters. A value must hold a match of `pattern`; `number` is `integer` or `number` where it must
    be one, from `least` to `most`. `problem` is what was wrong with it the last time. `lines` allows several lines; in
    a terminal, the path of a file that holds them."""

    name: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    hint: str = ""
    optional: bool = False
    initial: str = ""
    options: tuple[str, ...] = ()
    longest: int = 500
    problem: str = ""
    lines: bool = False
    pattern: str = ""
    number: str = ""
    least: float | None = None
    most: float | None = None

    def wrong(self, value: str) -> str:
        """What is wrong with a value at first sight; empty when nothing is."""
        if not value.strip():
            return "" if self.optional else "This is needed."
        if len(value) > self.longest:
            return f"These are {len(value)} characters; at most {self.longest} are taken."
        if not (value.replace("\r", "").replace("\n", "") if self.lines else value).isprintable():
            return "This holds characters that cannot be seen."
        if self.options and value not in self.options:
            return "Choose one of those offered."
        return self._number(value.strip()) if self.number else self._unlike(value.strip())

    def _unlike(self, value: str) -> str:
        if not self.pattern or _matches(self.pattern, value):
            return ""
        return self.hint or f"This must match `{self.pattern}`."

    def _number(self, value: str) -> str:
        whole = self.number == "integer"
        try:
            number = int(value) if whole else float(value)
        except ValueError:
            return "This must be a whole number, like 3." if whole else "This must be a number, like 0.5."
        if self.least is not None and number < self.least:
            return f"This must be at least {self.least:g}."
        if self.most is not None and number > self.most:
            return f"This must be at most {self.most:g}."
        return ""


def _matches(pattern: str, value: str) -> bool:
    """As JSON Schema has it: anywhere in the value. A pattern that is none is left to whoever judges the whole."""
    try:
        return re.search(pattern, value) is not None
    except re.error:
        return True


@dataclass(frozen=True)
class Form:
    """`title` and `submit` have at most 24 characters, which is what Slack shows. `text` explains."""

    title: str
    submit: str
    fields: tuple[Field, ...]
    text: str = ""

    def problems(self, values: Mapping[str, str]) -> dict[str, str]:
        """What is wrong at first sight, by field."""
        found = {field.name: field.wrong(values.get(field.name, "")) for field in self.fields}
        return {name: problem for name, problem in found.items() if problem}

    @property
    def secrets(self) -> frozenset[str]:
        """The fields that must not be kept or shown."""
        return frozenset(field.name for field in self.fields if field.kind is FieldKind.SECRET)

    def again(self, values: Mapping[str, str], problems: Mapping[str, str]) -> "Form":
        """The same with what was filled in and what is wrong with it; secrets have to be given again."""
        fields = tuple(
            replace(
                field,
                initial="" if field.name in self.secrets else values.get(field.name, field.initial),
                problem=problems.get(field.name, ""),
            )
            for field in self.fields
        )
        return replace(self, fields=fields)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, kept: str) -> "Form":
        held = json.loads(kept)
        fields = tuple(
            Field(**{**one, "kind": FieldKind(one["kind"]), "options": tuple(one["options"])}) for one in held["fields"]
        )
        return cls(held["title"], held["submit"], fields, held["text"])
