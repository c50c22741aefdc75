"""What happens when a container starts: the whole course of its process, computed at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.sandbox.jsonish import Object, dig
from bot.sandbox.node.images import Connection, Image
from bot.sandbox.node.network import Network, parse_address
from bot.sandbox.node.shell import COMMANDS, FOREVER, SHELLS, Session
from bot.sandbox.quantities import parse_quantity

_START = (
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: "
    "unable to start container process: exec: "
)


@dataclass(frozen=True)
class Ending:
    """When (seconds after the start) and how a process ends by itself."""

    after: float
    code: int
    reason: str


@dataclass(frozen=True)
class Course:
    """A process from start to end: lines with their times, when it listens, when it ends; or why it cannot start."""

    lines: tuple[tuple[float, str], ...] = ()
    ending: Ending | None = None
    start_error: str = ""
    start_code: int = 128
    listens: frozenset[int] = frozenset()
    listens_after: float = 0.0
    serves: Mapping[str, int] = field(default_factory=dict)
    slow: float = 0.0
    on_term: int = 143


def launch(container: Object, image: Image, env: Mapping[str, str], pod: Object, network: Network) -> Course:
    """Compute the course of a container's process."""
    argv = [str(word) for word in [*(container.get("command") or []), *(container.get("args") or [])]]
    if not container.get("command") and image.entrypoint:
        argv = [image.entrypoint, *argv]
    if argv:
        program = argv[0].rpartition("/")[2]
        if program in SHELLS or (program in COMMANDS and program not in image.programs):
            return _shell(argv, image, env, pod, network)
        if program not in image.programs:
            return Course(start_error=_START + _why(argv[0], image) + ": unknown")
    return _program(container, image, env, pod, network)


def _why(program: str, image: Image) -> str:
    if program in image.files:
        return f'"{program}": permission denied'
    if program.startswith(("/", "./")):
        return f'"{program}": stat {program}: no such file or directory'
    return f'"{program}": executable file not found in $PATH'


def _shell(argv: list[str], image: Image, env: Mapping[str, str], pod: Object, network: Network) -> Course:
    session = Session(network, pod, env, image.files)
    code = session.run(argv)
    lines = tuple((at, text) for at, text, _ in session.lines)
    if session.elapsed >= FOREVER:
        return Course(lines, on_term=137)
    return Course(lines, Ending(max(session.elapsed, 0.1), code, _reason(code)), on_term=137)


def _program(container: Object, image: Image, env: Mapping[str, str], pod: Object, network: Network) -> Course:
    lines = [(0.1, line) for line in image.log]
    for name in image.needs_env:
        if not env.get(name):
            text = f"fatal: required environment variable {name} is not set"
            return Course(((0.1, text),), Ending(0.5, 1, "Error"))
    for connection in image.connects:
        if failed := _connect(connection, env, pod, network):
            return Course((*lines, (1.0, failed)), Ending(1.5, connection.code, "Error"))
    limit = dig(container, "resources", "limits", "memory")
    if limit and parse_quantity(image.memory) > parse_quantity(limit):
        return Course(tuple(lines), Ending(3.0, 137, "OOMKilled"))
    for path in image.writes:
        if _read_only(container, path):
            text = f"open {path}/data: read-only file system"
            return Course((*lines, (0.5, text)), Ending(1.0, 1, "Error"))
    ending = None
    if image.exit:
        lines += [(image.exit.after, line) for line in image.exit.log]
        ending = Ending(image.exit.after, image.exit.code, _reason(image.exit.code))
    return Course(
        tuple(lines),
        ending,
        listens=frozenset(image.listens),
        listens_after=image.listens_after,
        serves=image.serves,
        slow=image.slow,
        on_term=image.on_term,
    )


def _connect(connection: Connection, env: Mapping[str, str], pod: Object, network: Network) -> str:
    value = env.get(connection.env)
    if not value:
        return f"fatal: required environment variable {connection.env} is not set"
    place = parse_address(value)
    outcome = network.connect(place.host, place.port, pod)
    words = {"host": place.host, "port": place.port, "address": outcome.address}
    match outcome.kind:
        case "unresolved":
            return connection.unresolved.format(**words)
        case "refused":
            return connection.refused.format(**words)
        case "timeout":
            return connection.timeout.format(**words)
        case _:
            return ""


def _read_only(container: Object, path: str) -> bool:
    if not dig(container, "securityContext", "readOnlyRootFilesystem"):
        return False
    mounts = [mount["mountPath"] for mount in container.get("volumeMounts") or []]
    return not any(path == mount or path.startswith(mount.rstrip("/") + "/") for mount in mounts)


def _reason(code: int) -> str:
    return "Error" if code else "Completed"
