"""Ports that a command names: numbers with a sign that they are one, not the seconds of a `sleep`."""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from explainers.patterns import pattern

_WORD = 40
"""A longer entry is a script of its own, whose numbers may mean anything."""
_TOKEN = pattern(r"[;&|\n(){}]+|[^\s;&|\n]+")
_END = pattern(r"^[;&|\n(){}]+$")
_NUMBER = pattern(r"(?<![\w.])(\d{2,5})(?![\w.])")
_AFTER_COLON = pattern(r":(\d{2,5})(?![\w.:])")
_ASSIGNED = pattern(r"^-{0,2}[\w.-]*(?:port|listen|bind|addr\w*)[\w.-]*=\D{0,40}?(\d{2,5})(?!\w)", re.IGNORECASE)
_SHORT = pattern(r"^-p(\d{2,5})$")
_PORT_FLAG = pattern(r"^(?:-[pP]|-l[kuvn46]*|-{1,2}[\w.-]*(?:port|listen|bind|addr\w*)|listen|port)$", re.IGNORECASE)
_SERVER = pattern(r"serve|listen|httpd", re.IGNORECASE)
_NO_SERVER = frozenset({"sleep", "usleep", "head", "tail", "seq", "kill", "ulimit", "chmod", "date", "wait"})
_BEFORE = frozenset({"exec", "sudo", "nohup", "env", "do", "then", "else", "while", "until", "if", "time", "!"})
_SECONDS = pattern(r"^\d+(?:\.\d+)?[smhd]?$")


def named_ports(entries: Sequence[str]) -> list[int]:
    """The ports that a command and its arguments name: after a flag or variable for a port, after a colon, or as a
    bare word of a program that is a server."""
    found = [port for command in _commands(entries) for port in _ports(command)]
    return [port for port in dict.fromkeys(found) if port < 65536]


def _commands(entries: Sequence[str]) -> Iterator[list[str]]:
    """The simple commands: a shell runs several, one after the other."""
    words: list[str] = []
    for entry in entries:
        if " " in entry:  # a script, or options of their own
            yield words
            words = []
        for token in _TOKEN.findall(entry) if len(entry) < _WORD else [";"]:
            if _END.match(token):
                yield words
                words = []
            else:
                words.append(token)
    yield words


def _ports(command: list[str]) -> Iterator[int]:
    command = _started(command)
    if not command or PurePosixPath(command[0]).name in _NO_SERVER:
        return
    server = any(_SERVER.search(word) for word in command)
    for before, word in zip(["", *command], command, strict=False):
        if found := _ASSIGNED.search(word) or _AFTER_COLON.search(word) or _SHORT.search(word):
            yield int(found[1])
        elif _PORT_FLAG.match(before) or (server and not before.startswith("-")):
            yield from (int(number) for number in _NUMBER.findall(word))


def _started(command: list[str]) -> list[str]:
    """A simple command without the words before its program: `exec`, or `timeout 60`."""
    at = 0
    while at < len(command) and command[at] in _BEFORE:
        at += 1
    if command[at : at + 1] != ["timeout"]:
        return command[at:]
    rest = command[at + 1 :]
    return rest[next((place + 1 for place, word in enumerate(rest) if _SECONDS.match(word)), 0) :]
