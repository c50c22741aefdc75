"""A very small shell: enough for `sh -c 'echo hello; sleep 5; exit 3'` and for the commands that people exec.

It computes what a script would print and when it would end instead of running anything.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import pairwise
from urllib.parse import urlsplit

from bot.sandbox.jsonish import Object, dig
from bot.sandbox.node.network import Network, parse_address

FOREVER = 10.0**9
_PATIENCE = 5.0
_SPLIT = re.compile(r"\s*(&&|\|\||;|\n)\s*")
_VARIABLE = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*|\?)\}?")
_LOOP = re.compile(r"^\s*(while|until|for)\b")
_DURATION = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass
class Session:
    """One run of the shell: where it runs, and what it came to so far (times in seconds after its start)."""

    network: Network
    pod: Object
    env: Mapping[str, str]
    files: Mapping[str, str]
    elapsed: float = 0.0
    lines: list[tuple[float, str, bool]] = field(default_factory=list)
    code: int = 0

    def out(self, text: str) -> None:
        """Print lines."""
        self.lines += [(self.elapsed, line, False) for line in text.split("\n")]

    def err(self, text: str) -> None:
        """Print lines to the error stream."""
        self.lines += [(self.elapsed, line, True) for line in text.split("\n")]

    def run(self, argv: Sequence[str]) -> int:
        """Run one command and give its exit code; 127 for one that is not known."""
        if argv[0] in ("sh", "bash", "/bin/sh", "/bin/bash"):
            return self.script(argv[2]) if len(argv) > 2 and argv[1].endswith("c") else 0
        command = COMMANDS.get(argv[0].rpartition("/")[2])
        if command is None:
            self.err(f"sh: {argv[0]}: not found")
            return 127
        return command(self, list(argv[1:]))

    def script(self, text: str) -> int:
        """Run a script and give its exit code."""
        if _LOOP.match(text):
            return self._forever()
        self.code, join = 0, ";"
        for index, part in enumerate(_SPLIT.split(text.strip())):
            if index % 2:
                join = part
            elif part and not (join == "&&" and self.code) and not (join == "||" and not self.code):
                if _LOOP.match(part):
                    return self._forever()
                words = self._words(part)
                if words and words[0] == "exit":
                    return int(words[1]) if words[1:] and words[1].isdigit() else self.code
                self.code = self.run(words) if words else 0
                if self.elapsed >= FOREVER:
                    return 0
        return self.code

    def _forever(self) -> int:
        self.elapsed = FOREVER
        return 0

    def _words(self, part: str) -> list[str]:
        quiet = re.sub(r"\d?>\s*(&\d|\S+)", "", part).strip()
        silent = "/dev/null" in part

        def value(found: re.Match[str]) -> str:
            return str(self.code) if found[1] == "?" else self.env.get(found[1], "")

        try:
            words = shlex.split(_VARIABLE.sub(value, quiet))
        except ValueError:
            return ["false"]
        while words and re.match(r"^[A-Za-z_]\w*=", words[0]):
            words = words[1:]
        return words[1:] if words[:1] == ["exec"] else (["_quiet", *words] if silent and words else words)


Command = Callable[[Session, list[str]], int]


def _echo(session: Session, arguments: list[str]) -> int:
    session.out(" ".join(word for word in arguments if word not in ("-n", "-e")))
    return 0


def _sleep(session: Session, arguments: list[str]) -> int:
    text = arguments[0] if arguments else "0"
    unit = _DURATION.get(text[-1:], 1)
    number = text.rstrip("smhd")
    session.elapsed += FOREVER if text == "infinity" else float(number or 0) * unit
    return 0


def _cat(session: Session, arguments: list[str]) -> int:
    code = 0
    for name in arguments:
        if name in session.files:
            session.out(session.files[name].rstrip("\n"))
        else:
            session.err(f"cat: {name}: No such file or directory")
            code = 1
    return code


def _env(session: Session, arguments: list[str]) -> int:
    if arguments:
        value = session.env.get(arguments[0])
        if value is not None:
            session.out(value)
        return 0 if value is not None else 1
    session.out("\n".join(f"{key}={value}" for key, value in session.env.items()))
    return 0


def _test(session: Session, arguments: list[str]) -> int:
    words = [word for word in arguments if word != "]"]
    match words:
        case ["-f" | "-e" | "-s" | "-r", name]:
            return 0 if name in session.files else 1
        case ["-n", text]:
            return 0 if text else 1
        case ["-z", text]:
            return 1 if text else 0
        case [left, "=" | "==", right]:
            return 0 if left == right else 1
        case _:
            return 1


def _nslookup(session: Session, arguments: list[str]) -> int:
    host = next((word for word in arguments if not word.startswith("-")), "")
    server = session.network.resolver(session.pod)
    if not session.network.dns_answers(session.pod):
        session.elapsed += _PATIENCE
        session.err(";; connection timed out; no servers could be reached")
        return 1
    address = session.network.resolve(host, session.pod)
    session.out(f"Server:\t\t{server}\nAddress:\t{server}:53\n")
    if address:
        session.out(f"Name:\t{host}\nAddress: {address}")
        return 0
    session.err(f"** server can't find {host}: NXDOMAIN")
    return 1


def _getent(session: Session, arguments: list[str]) -> int:
    host = arguments[-1] if arguments else ""
    address = session.network.resolve(host, session.pod)
    if address:
        session.out(f"{address}\t{host}")
    return 0 if address else 2


def _option(arguments: list[str], *names: str) -> float:
    for name, value in pairwise(arguments):
        if name in names and value.isdigit():
            return float(value)
    return _PATIENCE


def _fetch(session: Session, arguments: list[str], *, wget: bool) -> int:
    url = next((word for word in reversed(arguments) if not word.startswith("-")), "")
    url = url if "://" in url else f"http://{url}"
    place, path = parse_address(url), urlsplit(url).path or "/"
    outcome = session.network.connect(place.host, place.port, session.pod)
    if outcome.kind == "connected" and outcome.pod:
        status = session.network.status_code(outcome.pod, outcome.port, path)
        return _response(session, arguments, status, wget=wget)
    texts = {
        "unresolved": (f"curl: (6) Could not resolve host: {place.host}", f"wget: bad address '{place.host}'"),
        "refused": (
            f"curl: (7) Failed to connect to {place.host} port {place.port}: Connection refused",
            f"wget: can't connect to remote host ({outcome.address}): Connection refused",
        ),
        "timeout": (f"curl: (28) Failed to connect to {place.host} port {place.port}", "wget: download timed out"),
    }
    if outcome.kind == "timeout":
        session.elapsed += _option(arguments, "-T", "-m", "--max-time", "--connect-timeout")
    session.err(texts[outcome.kind][1 if wget else 0])
    return 1 if wget else _CURL_CODES[outcome.kind]


def _response(session: Session, arguments: list[str], status: int, *, wget: bool) -> int:
    if not status:
        session.err("wget: error getting response" if wget else "curl: (52) Empty reply from server")
        return 1 if wget else 52
    line = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"
    if wget and "-S" in arguments:
        session.err(f"  {line}")
    if wget and status >= 400:
        session.err(f"wget: server returned error: {line}")
        return 1
    session.out(line if "-i" in arguments or "-I" in arguments else HTTPStatus(status).phrase)
    return 22 if status >= 400 and any(word in ("-f", "-fsS", "-sf", "--fail") for word in arguments) else 0


_CURL_CODES = {"unresolved": 6, "refused": 7, "timeout": 28}


def _netcat(session: Session, arguments: list[str]) -> int:
    words = [word for word in arguments if not word.startswith("-")]
    if len(words) < 2 or not words[-1].isdigit():
        return 1
    outcome = session.network.connect(words[-2], int(words[-1]), session.pod)
    if outcome.kind == "timeout":
        session.elapsed += _option(arguments, "-w")
    if outcome.kind == "unresolved":
        session.err(f"nc: bad address '{words[-2]}'")
    return 0 if outcome.kind == "connected" else 1


def _ls(session: Session, arguments: list[str]) -> int:
    place = next((word for word in arguments if not word.startswith("-")), "/")
    inside = sorted(name for name in session.files if name.startswith(place.rstrip("/") + "/"))
    session.out("\n".join(name.rpartition("/")[2] for name in inside))
    return 0


def _quiet(session: Session, arguments: list[str]) -> int:
    kept = list(session.lines)
    code = session.run(arguments)
    session.lines = kept
    return code


def _hostname(session: Session, _arguments: list[str]) -> int:
    session.out(str(dig(session.pod, "metadata", "name", default="")))
    return 0


COMMANDS: Mapping[str, Command] = {
    "echo": _echo,
    "printf": _echo,
    "sleep": _sleep,
    "cat": _cat,
    "env": _env,
    "printenv": _env,
    "test": _test,
    "[": _test,
    "nslookup": _nslookup,
    "getent": _getent,
    "curl": lambda session, arguments: _fetch(session, arguments, wget=False),
    "wget": lambda session, arguments: _fetch(session, arguments, wget=True),
    "nc": _netcat,
    "ls": _ls,
    "hostname": _hostname,
    "true": lambda _session, _arguments: 0,
    "false": lambda _session, _arguments: 1,
    "set": lambda _session, _arguments: 0,
    "_quiet": _quiet,
}
SHELLS = ("sh", "bash")
