"""Commands that cannot be started: what the container runtime, a shell or an interpreter says, and which word is meant.

The wordings are those of runc and crun (through containerd and CRI-O) and of the usual shells and interpreters.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePosixPath

from explainers.diagnosis.near import a_word_apart, nearest_one
from explainers.patterns import Pattern, pattern

COMMON = (
    "sh", "bash", "ash", "env", "python", "python3", "pip", "gunicorn", "uvicorn", "celery", "node", "npm", "yarn",
    "java", "ruby", "bundle", "php", "php-fpm", "perl", "dotnet", "nginx", "httpd", "apache2", "caddy", "haproxy",
    "envoy", "traefik", "redis-server", "redis-cli", "sentinel", "postgres", "pg_isready", "psql", "mysqld", "mysql",
    "mysqladmin", "mongod", "mongosh", "rabbitmq-server", "rabbitmq-diagnostics", "memcached", "kafka-server-start.sh",
    "etcd", "consul", "vault", "curl", "wget", "nc", "nslookup", "sleep", "cat", "test", "true", "ls", "echo", "grep",
    "supervisord", "tini", "dumb-init",
)  # fmt: skip
"""Commands that images usually run: what a mistyped one probably means."""


class Why(Enum):
    MISSING = "missing"
    DENIED = "denied"
    INTERPRETER = "interpreter"  # the file is there, what its first line names is not


@dataclass(frozen=True)
class Unstartable:
    """The command or file that could not be started, and why; `opened` for a file that a program was given to read."""

    word: str
    why: Why
    opened: bool = False


_QUOTED = pattern(r"exec:? (?:\"([^\"]+)\"|([^\s\":]+)):")
_CRUN = pattern(r"executable file [`'\"]([^`'\"]+)[`'\"]")
_ABSENT = pattern(r"executable file .*not found|no such file or directory|no command specified", re.IGNORECASE)
_DENIED = pattern(r"permission denied|operation not permitted", re.IGNORECASE)

_SHELL_MISSING = (
    pattern(r"(?:^|[:\s])(?:exec: )?([^\s:]+): (?:command )?not found\b"),
    pattern(r"(?:^|[:\s])exec:? ([^\s:]+): no such file or directory", re.IGNORECASE),
    pattern(r"^\S*sh: (?:line )?(?:\d+: )?(?:exec: )?(/?[^\s:]+): No such file or directory"),
    pattern(r"env: (?:can't execute )?[‘'\"]?([^’'\":]+)[’'\"]?: No such file or directory"),
)
_GIVEN = (
    pattern(r"can(?:'t|not) open (?:file )?['\"]?([^'\":\s]+)['\"]?: .*[Nn]o such file"),
    pattern(r"([^\s:'\"]+)['\"]?: No such file or directory"),
)
"""What any program says of a file that it was given to read."""
_FILE_MISSING = (
    pattern(
        r"^(?:\S*/)?(?:python[\d.]*|(?:ba|da|k|z|a)?sh): (?:\d+: )?can(?:'t|not) open (?:file )?['\"]?([^'\":\s]+)"
    ),
    pattern(r"Can't open perl script \"([^\"]+)"),
    pattern(r"Cannot find module '([^']+)'"),
    pattern(r"Unable to access jarfile (\S+)"),
    pattern(r"Could not open input file: (\S+)"),
    pattern(r"No such file or directory -- (\S+)"),
)
"""What interpreters say of the program that they were told to run."""
_NO_INTERPRETER = pattern(
    r"(?:^|[:\s])(/?[^\s:]+): (?:\S+: bad interpreter: No such file|cannot execute: required file not found)"
)
_SHELL_DENIED = pattern(r"(?:^|[:\s])(?:exec: )?([^\s:]+): [Pp]ermission denied\b")


def from_runtime(message: str) -> Unstartable | None:
    """What a runtime's start error says; None when it is about something else (a mount, a wrong architecture)."""
    found = _QUOTED.search(message) or _CRUN.search(message)
    word = next(filter(None, found.groups()), "") if found else ""
    if "exec format error" in message or "mount" in message.partition("exec:")[0].rpartition("error ")[2]:
        return None
    if _ABSENT.search(message) and (word or "no command specified" in message):
        return Unstartable(word, Why.MISSING)
    return Unstartable(word, Why.DENIED) if word and _DENIED.search(message) else None


def from_log(code: int, lines: Iterable[str], command: str) -> Unstartable | None:
    """What a shell or an interpreter logged before it gave up; `command` is the container's whole command line.

    Exit codes 127 and 126 are the shell's own words for it; with another code the file must be one that the
    command names, else it is a file that the program wanted, which is another matter.
    """
    for line in lines:
        if code in (126, 127) and (found := _NO_INTERPRETER.search(line)):
            return Unstartable(found[1], Why.INTERPRETER)
        if code == 126 and (found := _SHELL_DENIED.search(line)):
            return Unstartable(found[1], Why.DENIED)
        if code == 127 and (found := _first(_SHELL_MISSING, line)):
            return Unstartable(found[1], Why.MISSING)
        if code in (0, 126) or _DENIED.search(line):
            continue
        if found := _first((*_SHELL_MISSING, *_FILE_MISSING, *_GIVEN), line):
            word = found[1].strip("'\"")
            word = f"/{word.lstrip('/')}" if word.startswith("//") else word  # Python, of a file in the folder /
            if _whole(word).search(command) or PurePosixPath(word).name in command.split():
                return Unstartable(word, Why.MISSING, opened=found.re in [one.compiled for one in _GIVEN])
    return None


def _whole(word: str) -> Pattern:
    """The word as a command names it: `express` is not in `node express-app.js`."""
    return pattern(rf"(?<![\w.-]){re.escape(word)}(?![\w.-])")


def likely_meant(word: str, known: Iterable[str], image: str = "") -> str:
    """The command that a mistyped one probably means: among those that are known to be in the image, else a guess."""
    name = PurePosixPath(word).name
    near = "" if name in COMMON else nearest_one(name, known, least=0.75)
    return near if near and near != name else guessed(word, image)


def guessed(word: str, image: str) -> str:
    """The name of the image or a common command where a command is that with a slip of letters; nobody knows whether
    the image has it, so a word more or less is no reason to think so."""
    name = PurePosixPath(word).name
    if name in COMMON:  # spelled right, and not in this image
        return ""
    common = [one for one in COMMON if name not in one.split("-")]  # `start.sh` is no `kafka-server-start.sh`
    near = nearest_one(name, [image, *common], least=0.75)
    return near if near and near != name and not a_word_apart(name, near) else ""


def _first(patterns: Iterable[Pattern], line: str) -> re.Match[str] | None:
    return next((found for pattern in patterns if (found := pattern.search(line))), None)
