"""A reader of Dockerfiles: the instructions with their lines, and whether the classic builder can build them.

Source: https://docs.docker.com/reference/dockerfile/ and, where it is silent, BuildKit's own parser
(frontend/dockerfile/parser of github.com/moby/buildkit).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_DIRECTIVE = re.compile(r"#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$")
_DIRECTIVES = frozenset({"escape", "syntax", "check"})
_HEREDOC = re.compile(r"\d*<<(-?)([^<]+)$")
_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_.-]*$")
_WORD = re.compile(r"""(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+""", re.DOTALL)
_HEREDOC_INSTRUCTIONS = frozenset({"ADD", "COPY", "RUN"})
_FLAGS = {"ADD": {"chown"}, "COPY": {"chown", "from"}, "RUN": set[str]()}
_EXPANDED = frozenset(
    {"ADD", "ARG", "COPY", "ENV", "EXPOSE", "FROM", "LABEL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"}
)
_MODIFIER = re.compile(r"\$\{\w+[#%/]")
_PLATFORM_ARGUMENT = re.compile(r"\$\{?((?:BUILD|TARGET)(?:PLATFORM|OS|ARCH|VARIANT))\b")
_GIT = re.compile(r"(git@|git://|ssh://|https?://\S+\.git(#\S*)?$)")


@dataclass(frozen=True)
class Instruction:
    """One instruction. `line` is where it begins, from 1; `name` is in capitals; `flags` are the `--words` before the
    arguments, `text` all of the arguments with continued lines joined; `heredocs` names those that follow it."""

    line: int
    name: str
    text: str = ""
    flags: tuple[str, ...] = ()
    heredocs: tuple[str, ...] = ()

    def flag(self, name: str) -> str | None:
        """The value of `--name=value`, empty where it has none; None where the flag is not there."""
        for flag in self.flags:
            key, _, value = flag.removeprefix("--").partition("=")
            if key == name:
                return value
        return None


@dataclass(frozen=True)
class Dockerfile:
    """A Dockerfile as read: `directives` are the comments at its top that mean something, by name, with their line."""

    instructions: tuple[Instruction, ...]
    directives: dict[str, tuple[int, str]]


@dataclass(frozen=True)
class Need:
    """Why BuildKit is needed: what the Dockerfile uses, and in which line, from 1."""

    line: int
    what: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.what} requires BuildKit"


def read(text: str) -> Dockerfile:
    """Read any text; what is no instruction is kept as one with that name, never refused."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    directives = dict(_directives(lines))
    escape = directives.get("escape", (0, "\\"))[1]
    return Dockerfile(tuple(_instructions(lines, "`" if escape == "`" else "\\")), directives)


def needs_buildkit(text: str) -> Need | None:
    """The first thing that the classic builder cannot do, or None when it can build this Dockerfile."""
    dockerfile = read(text)
    if syntax := dockerfile.directives.get("syntax"):
        return Need(syntax[0], f"the directive syntax={syntax[1]}")
    declared: set[str] = set()
    for instruction in dockerfile.instructions:
        if instruction.name == "ARG" and "=" in instruction.text:
            declared.add(instruction.text.split("=", 1)[0].strip())
        if what := _beyond_classic(instruction, declared):
            return Need(instruction.line, what)
    return None


def _beyond_classic(instruction: Instruction, declared: set[str]) -> str:
    """What of this instruction only BuildKit knows; empty for nothing."""
    name = instruction.name
    if instruction.heredocs:
        return f"the heredoc <<{instruction.heredocs[0]} of {name}"
    for flag in instruction.flags:
        key = flag.removeprefix("--").partition("=")[0]
        if name in _FLAGS and key not in _FLAGS[name]:
            return f"{name} --{key}"
    platform = _PLATFORM_ARGUMENT.search(instruction.flag("platform") or "") if name == "FROM" else None
    if platform and platform.group(1) not in declared:
        return f"FROM --platform=${platform.group(1)}, an argument that nobody sets,"
    if name == "ADD" and any(_GIT.match(word) for word in instruction.text.split()[:-1]):
        return "ADD of a git repository"
    if name in _EXPANDED and (modifier := _MODIFIER.search(instruction.text)):
        return f"the substitution {modifier.group()}…}} in {name}"
    return ""


def _directives(lines: list[str]) -> Iterator[tuple[str, tuple[int, str]]]:
    """The parser directives: only before the first line that is none, each once."""
    for number, line in enumerate(lines, 1):
        match = _DIRECTIVE.match(line.strip())
        if not match or match.group(1).lower() not in _DIRECTIVES:
            return
        yield match.group(1).lower(), (number, match.group(2))


def _instructions(lines: list[str], escape: str) -> Iterator[Instruction]:
    mark = re.escape(escape)
    continued = re.compile(rf"(?:^|[^{mark}]){mark}[ \t]*$")
    number = 0
    while number < len(lines):
        start = number + 1
        parts: list[str] = []
        while number < len(lines):
            line = lines[number] if parts else lines[number].lstrip()
            number += 1
            if line.lstrip().startswith("#") or not line.strip():
                if parts:
                    continue  # comments and empty lines inside an instruction are as if they were not there
                break
            if not continued.search(line):
                parts.append(line)
                break
            parts.append(line.rstrip(" \t")[:-1])
        if not parts:
            continue
        instruction = _instruction(start, "".join(parts))
        number = _after_heredocs(lines, number, instruction)
        yield instruction


def _instruction(line: int, text: str) -> Instruction:
    name, rest = _cut(text)
    name = name.upper()
    heredocs = _heredocs(name, rest)
    flags: list[str] = []
    while rest.startswith("--"):
        flag, rest = _cut(rest)
        flags.append(flag)
    return Instruction(line, name, rest, tuple(flags), heredocs)


def _cut(text: str) -> tuple[str, str]:
    """The first word and what follows."""
    words = text.split(None, 1)
    return words[0] if words else "", words[1] if len(words) > 1 else ""


def _heredocs(name: str, text: str) -> tuple[str, ...]:
    """The names of the heredocs that follow, `-` before the name kept where tabs are cut off their lines."""
    if name == "ONBUILD":
        name, text = _cut(text)
    if name.upper() not in _HEREDOC_INSTRUCTIONS or "<<" not in text or text.lstrip().startswith("["):
        return ()
    words = [match.groups() for word in _WORD.findall(text) if (match := _HEREDOC.match(word))]
    names = [(dash, word.strip("\"'")) for dash, word in words]
    return tuple(dash + name for dash, name in names if _NAME.match(name))


def _after_heredocs(lines: list[str], number: int, instruction: Instruction) -> int:
    """The index of the line after the instruction's heredocs; the end of the file where one is not closed."""
    for heredoc in instruction.heredocs:
        name = heredoc.removeprefix("-")
        while number < len(lines):
            line = lines[number].lstrip("\t") if heredoc.startswith("-") else lines[number]
            number += 1
            if line == name:
                break
    return number
