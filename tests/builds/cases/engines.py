"""Engines that are not there, stop in the middle, speak another version, or have a full disk."""

import ctypes
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from bot.builds.address import Address
from bot.builds.docker import DockerEngine
from tests.builds import stubs
from tests.builds.captured import Output
from tests.builds.cases.case import IMAGE, Act, Case, Parts
from tests.builds.programs import BuildKit, Engine, Files, buildkitd, dockerd, ended, through

_FILES: Files = {"Dockerfile": "FROM busybox\nRUN echo one\nRUN sleep 20\n"}
_NAMES = tuple[str, ...]


def _docker(address: str, *names: str, version: str = "auto") -> Act:
    return lambda _parts: (Engine(address, version).build(_FILES), names)


def _buildkit(address: str, *names: str) -> Act:
    return lambda parts: (BuildKit(address, parts.buildkit.logins).build(_FILES), names)


def _cli(*arguments: str, **environment: str) -> Act:
    return lambda _parts: (ended(["docker", *arguments], environment=environment), ())


def _refused(build: Callable[[Parts, str], Output]) -> Act:
    def act(parts: Parts) -> tuple[Output, _NAMES]:
        with stubs.nobody() as address:
            return build(parts, f"tcp://{address}"), (address,)

    return act


def _shut(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def _cut(path: str, after: float) -> Iterator[str]:
    """A TCP port that leads to a Unix socket and is cut after that many seconds of the first connection that lasts."""
    gone = threading.Event()

    def pipe(source: socket.socket, target: socket.socket) -> None:
        try:
            while not gone.is_set() and (data := source.recv(65536)):
                target.sendall(data)
        except OSError:
            return

    def serve(server: socket.socket) -> None:
        while True:
            try:
                near = server.accept()[0]
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(path)
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=pipe, args=(one, other), daemon=True).start()
            threading.Timer(after, _shut, args=(near, far)).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=(server,), daemon=True).start()
        try:
            yield "tcp://127.0.0.1:" + str(server.getsockname()[1])
        finally:
            gone.set()


def _cut_docker(parts: Parts) -> tuple[Output, _NAMES]:
    with _cut(parts.engine.address.removeprefix("unix://"), 4) as address:
        return Engine(address, made=parts.engine.made).build(_FILES, nocache=True), ()


def _cut_ours(parts: Parts) -> tuple[Output, _NAMES]:
    with _cut(parts.engine.address.removeprefix("unix://"), 4) as address:
        return through(DockerEngine(Address(address)), _FILES, IMAGE), ()


def _cut_buildkit(parts: Parts) -> tuple[Output, _NAMES]:
    with _cut(parts.buildkit.address.removeprefix("unix://"), 4) as address:
        return BuildKit(address, parts.buildkit.logins).build(_FILES, "--no-cache"), ()


def _api_server(parts: Parts) -> tuple[Output, _NAMES]:
    """A Docker client that is sent to the Kubernetes API: TLS where it speaks plain HTTP."""
    config = yaml.safe_load(Path(os.environ["KUBECONFIG"]).read_text(encoding="utf-8"))
    server = urlsplit(config["clusters"][0]["cluster"]["server"])
    return Engine(f"tcp://{server.netloc}").build(_FILES), ()


@contextmanager
def _small_disk(parts: Parts, size: str) -> Iterator[Path]:
    """A small file system in memory."""
    folder = parts.folder / "small"
    folder.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", 0, f"size={size}".encode()):
        raise OSError(ctypes.get_errno(), "mount")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()


def _small_buildkit(files: Files, size: str) -> Act:
    def act(parts: Parts) -> tuple[Output, _NAMES]:
        with _small_disk(parts, size) as folder, buildkitd("--root", str(folder / "root")) as buildkit:
            return buildkit.build(files), ()

    return act


def _small_docker(files: Files, size: str) -> Act:
    def act(parts: Parts) -> tuple[Output, _NAMES]:
        with _small_disk(parts, size) as folder, dockerd(folder / "root") as engine:
            return engine.build(files), ()

    return act


_BIG: Files = {"Dockerfile": "FROM scratch\nCOPY big /\n", "big": bytes(40 << 20)}

CASES: list[Case] = [
    Case(
        "daemon_unreachable",
        "no-socket-docker",
        "docker",
        "a build at a socket that is not there",
        (),
        _docker("unix:///run/none.sock"),
        retry=True,
    ),
    Case(
        "daemon_unreachable",
        "refused-docker",
        "docker",
        "a build at a port where nothing listens",
        (),
        _refused(lambda _parts, address: Engine(address).build(_FILES)),
        retry=True,
    ),
    Case(
        "daemon_unreachable",
        "no-host-docker",
        "docker",
        "a build at a host that does not exist",
        ("engine.nowhere.invalid",),
        _docker("tcp://engine.nowhere.invalid:2376"),
        retry=True,
    ),
    Case(
        "daemon_unreachable",
        "no-socket-cli",
        "docker",
        "docker version at a socket that is not there",
        ("unix:///run/none.sock",),
        _cli("-H", "unix:///run/none.sock", "version"),
        retry=True,
    ),
    Case(
        "daemon_unreachable",
        "refused-cli",
        "docker",
        "docker ps at a port where nothing listens",
        ("tcp://127.0.0.1:1",),
        _cli("-H", "tcp://127.0.0.1:1", "ps"),
        retry=True,
    ),
    Case(
        "daemon_unreachable",
        "no-socket-buildkit",
        "buildkit",
        "a build at a socket that is not there",
        ("/run/none.sock",),
        _buildkit("unix:///run/none.sock"),
        retry=True,
    ),
    Case(
        "daemon_unreachable",
        "refused-buildkit",
        "buildkit",
        "a build at a port where nothing listens",
        (),
        _refused(lambda parts, address: BuildKit(address, parts.buildkit.logins).build(_FILES)),
        retry=True,
    ),
    Case(
        "daemon_unreachable",
        "cut-docker",
        "docker",
        "a connection that is cut during a RUN",
        (),
        _cut_docker,
        retry=True,
    ),
    Case(
        "daemon_unreachable",
        "cut-docker-ours",
        "docker",
        "a connection that is cut during a RUN",
        (),
        _cut_ours,
        retry=True,
    ),
    Case(
        "daemon_unreachable",
        "cut-buildkit",
        "buildkit",
        "a connection that is cut during a RUN",
        (),
        _cut_buildkit,
        retry=True,
    ),
    Case(
        "daemon_unreachable",
        "kubernetes-docker",
        "docker",
        "a Docker client that is sent to the Kubernetes API",
        (),
        _api_server,
    ),
    Case(
        "client_too_old",
        "old-docker",
        "docker",
        "API version 1.10 by the SDK",
        ("1.24",),
        _docker("unix:///var/run/docker.sock", version="1.10"),
    ),
    Case(
        "client_too_old",
        "old-cli",
        "docker",
        "docker ps with DOCKER_API_VERSION=1.10",
        ("1.10",),
        _cli("ps", DOCKER_API_VERSION="1.10"),
    ),
    Case(
        "client_too_old",
        "new-docker",
        "docker",
        "API version 1.60",
        ("1.60",),
        _docker("unix:///var/run/docker.sock", version="1.60"),
    ),
    Case(
        "disk_full",
        "pull-buildkit",
        "buildkit",
        "a base image that does not fit into 60 MiB",
        (),
        _small_buildkit({"Dockerfile": "FROM busybox\nRUN true\n"}, "60m"),
    ),
    Case(
        "disk_full",
        "context-buildkit",
        "buildkit",
        "a context that does not fit into 24 MiB",
        (),
        _small_buildkit(_BIG, "24m"),
    ),
    Case(
        "registry_refused",
        "no-network-docker",
        "docker",
        "a base image that an engine without a bridge network asks for",
        ("127.0.0.1:5000",),
        retry=True,
        act=_small_docker({"Dockerfile": "FROM 127.0.0.1:5000/library/busybox\nRUN true\n"}, "60m"),
    ),
    Case(
        "disk_full",
        "context-docker",
        "docker",
        "a context that does not fit into 60 MiB",
        (),
        _small_docker(_BIG, "60m"),
    ),
]
