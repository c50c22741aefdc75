"""The files that a container reads from ConfigMaps, with their paths and texts, and the settings that stand in them.

Few are read, and only where a log has named something that may stand in one. Secrets stay unread.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.views.configuration import configuration
from explainers.diagnosis.views.mounted import File, Source, sources, volume_of
from explainers.diagnosis.views.pods import Container, Json, dicts, table, text
from explainers.patterns import pattern
from explainers.redaction import redact

MOST_MAPS = 3
"""Mounted ConfigMaps that are read, at most."""
LONGEST = 60_000
"""Characters of a file that is looked into."""
_OWN = "kube-root-ca.crt"
_PROGRAM = pattern(
    r"\.(?:py|js|mjs|cjs|ts|rb|sh|bash|pl|php|lua|go|java|sql|html?|css|md|txt|crt|pem|key)$", re.IGNORECASE
)
_SHOWN = 160
_SETTING = pattern(
    r"""^[ \t]*(?:-[ \t]+|export[ \t]+)?(?P<q>["']?)(?P<key>[A-Za-z_][\w.-]*)(?P=q)[ \t]*"""
    r"""(?:=>|[=:])[ \t]*(?P<value>.*?)[ \t]*$"""
)


@dataclass(frozen=True)
class Mounted:
    """A file of a ConfigMap at a path in a container; `immutable` where the ConfigMap cannot be changed."""

    path: str
    file: File
    text: str
    immutable: bool

    @property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @property
    def holds_settings(self) -> bool:
        """Whether it is no program, no text for people and no certificate, by its name and its first line."""
        named = (self.file.key, self.path)
        return not any(_PROGRAM.search(one) for one in named) and not self.text.startswith(("#!", "-----BEGIN"))

    @property
    def place(self) -> str:
        """The file as a sentence names it."""
        return f"`{self.path}` (the key `{self.file.key}` of the ConfigMap `{self.file.name}`)"

    def shown(self, number: int) -> str:
        """A line, from 1, as evidence; empty where there is none, or it may hold a credential."""
        return shown_line(self.text, number)


@dataclass(frozen=True)
class Setting:
    """A setting in a file: its key and value as they are written, and its line, from 1."""

    file: Mounted
    number: int
    key: str
    value: str

    @property
    def bare(self) -> str:
        """The value without the comma behind it and the quotes around it."""
        said = self.value.removesuffix(",").rstrip()
        return said[1:-1] if len(said) > 1 and said[0] == said[-1] and said[0] in "\"'" else said


def mounted_texts(case: Case, container: Container) -> list[Mounted]:
    """The files that a container mounts from ConfigMaps, of at most `MOST_MAPS` of them; raises Missing until these are
    read."""
    given = list(_given(container))
    uses = [source.reference for _, source in given]
    answers = configuration(case, uses, MOST_MAPS)
    return [
        Mounted(path, File(source.kind, source.name, key), told, answer.object.get("immutable") is True)
        for mount, source in given
        if (answer := answers.get((source.kind, source.name))) and answer.ok
        for key, path, told in _files(mount, source, answer.object)
        if len(told) <= LONGEST
    ]


def _given(container: Container) -> Iterator[tuple[Json, Source]]:
    for mount in dicts(container.spec, "volumeMounts"):
        for source in sources(volume_of(container, mount)):
            if source.kind == kinds.CONFIG_MAP.name and source.name != _OWN and not text(mount, "subPathExpr"):
                yield mount, source


def _files(mount: Json, source: Source, thing: Json) -> Iterator[tuple[str, str, str]]:
    """The keys of a ConfigMap that a mount shows, each with its path in the container and its text."""
    folder, within, data = text(mount, "mountPath").rstrip("/"), text(mount, "subPath").strip("/"), table(thing, "data")
    for key, path in source.items or tuple((key, key) for key in data):
        told = data.get(key)
        if not isinstance(told, str):
            continue
        if not within:
            yield key, f"{folder}/{path}", told
        elif path == within:
            yield key, folder, told
        elif path.startswith(f"{within}/"):
            yield key, f"{folder}/{path.removeprefix(f'{within}/')}", told


def settings(file: Mounted) -> Iterator[Setting]:
    """The settings of a file that stand on a line each: of INI, properties, YAML and JSON written over lines."""
    for number, line in enumerate(file.lines, 1):
        if line.lstrip().startswith(("#", ";", "//")):
            continue
        if found := _SETTING.match(line):
            yield Setting(file, number, found["key"], found["value"])


def shown_line(told: str, number: int) -> str:
    """A line of a text, from 1; empty where there is none, or it may hold a credential."""
    lines = told.split("\n")
    line = " ".join(lines[number - 1].split()) if 0 < number <= len(lines) else ""
    return line if len(line) <= _SHOWN and redact(line) == line else ""
