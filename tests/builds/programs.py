"""The programs that are made to fail: a Docker Engine, a buildkitd of our own, git. Each gives what it printed."""

import base64
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import time
import uuid
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, DockerException
from urllib3.exceptions import HTTPError

from commands.base.ports import BuildEngine
from explainers.builds.model import Order, Phase
from tests.builds.captured import LINES, Output

Files = Mapping[str, str | bytes]
Login = tuple[str, str]
PATIENCE = 150.0


def _text(files: Files) -> str:
    """The Dockerfile, where it is text of a usual size."""
    content = files.get("Dockerfile", "")
    text = content if isinstance(content, str) else content.decode(errors="replace")
    return text if len(text) < 2000 else ""


_LAYER = re.compile(r" ---> ([0-9a-f]{12})\n$")


class NothingFailedError(AssertionError):
    """What was to fail succeeded; the message has the end of its output."""


def context(files: Files) -> io.BytesIO:
    """A build context as a tar archive; everything in it is executable."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o755
            tar.addfile(entry, io.BytesIO(data))
    packed.seek(0)
    return packed


@dataclass
class Engine:
    """A Docker Engine through its SDK; the classic builder."""

    address: str = "unix:///var/run/docker.sock"
    version: str = "auto"
    made: list[str] = field(default_factory=list)
    """Layers that failed builds left in the engine, in order."""

    @cached_property
    def client(self) -> docker.APIClient:
        return docker.APIClient(base_url=self.address, version=self.version, timeout=int(PATIENCE))

    @property
    def name(self) -> str:
        return f"Docker Engine {self.client.version()['Version']}, classic builder"

    def build(self, files: Files, logins: Mapping[str, Login] | None = None, **options: Any) -> Output:
        """The output of a failing build; `logins` by registry, `options` those of `docker.APIClient.build`."""
        if logins:
            with tempfile.TemporaryDirectory() as folder:
                config = Path(folder, "config.json")
                config.write_text(json.dumps({"auths": {host: _basic(user) for host, user in logins.items()}}))
                known = Engine(self.address, self.version, self.made)
                known.client.reload_config(str(config))
                return known.build(files, **options)
        limits = {key: options.pop(key) for key in ("memory", "memswap") if key in options}
        options = {"rm": True, "forcerm": True, "container_limits": limits, **options}
        failed = self._until_error(
            lambda: self.client.build(fileobj=context(files), custom_context=True, decode=True, **options), Phase.BUILD
        )
        return replace(failed, dockerfile=_text(files))

    def push(self, image: str, user: Login | None = None) -> Output:
        """The output of a failing push of an image that is tagged for it, and untagged after.

        No two such images are the same: an engine answers 500 when two remove one image at once.
        """
        dockerfile = f"FROM scratch\nLABEL made={uuid.uuid4().hex}\nCOPY Dockerfile /\n"
        built = self.client.build(
            fileobj=context({"Dockerfile": dockerfile}),
            custom_context=True,
            decode=True,
            tag=image,
            rm=True,
        )
        deque(built, maxlen=0)
        try:
            return self.push_only(image, user)
        finally:
            self.client.remove_image(image, force=True)

    def push_only(self, image: str, user: Login | None = None) -> Output:
        """The output of a failing push of whatever has that tag."""
        auth = {"username": user[0], "password": user[1]} if user else {}
        return self._until_error(
            lambda: self.client.push(image, stream=True, decode=True, auth_config=auth), Phase.PUSH
        )

    def _until_error(self, begin: Any, phase: Phase) -> Output:
        said: deque[str] = deque(maxlen=10 * LINES)
        try:
            for event in begin():
                text = event.get("stream", "") or _status(event)
                if (layer := _LAYER.match(text)) and not _of_base(said):
                    self.made.append(layer[1])
                said.append(text)
                if "errorDetail" in event or "error" in event:
                    detail = event.get("errorDetail") or {}
                    error = detail.get("message") or event["error"]
                    return Output(error, _whole(said), detail.get("code", 0), phase)
        except APIError as refused:
            return Output(refused.explanation or str(refused), _whole(said), 0, phase)
        except (DockerException, HTTPError, OSError, ValueError) as broken:
            return Output(str(broken), _whole(said), 0, phase)
        raise NothingFailedError("\n".join(_whole(said)))


def _of_base(said: "deque[str]") -> bool:
    """Whether the step under way is a FROM: its layer is the base image, or an instruction found in the cache."""
    step = "".join(said).rpartition("\nStep ")[2] or "".join(said)
    return " : FROM " in step or "Using cache" in step


def clear(engine: Engine) -> None:
    """Remove the layers that builds left; what others use or have named stays."""
    for layer in reversed(engine.made):
        with suppress(APIError):
            engine.client.remove_image(layer)


def _whole(said: "deque[str]") -> tuple[str, ...]:
    """Events are pieces, not lines: a program that does not buffer what it prints gives several a line."""
    return tuple("".join(said).removesuffix("\n").split("\n")[-LINES:])


def _status(event: Mapping[str, Any]) -> str:
    """A status line, as the command-line client prints it without a terminal."""
    status, layer = event.get("status", ""), event.get("id", "")
    if not status or event.get("progressDetail"):
        return ""
    return f"{layer}: {status}\n" if layer else f"{status}\n"


@dataclass
class BuildKit:
    """A buildkitd of our own, spoken to by `buildctl`."""

    address: str
    logins: Path = field(default_factory=lambda: Path("/nonexistent"))

    @property
    def name(self) -> str:
        said = subprocess.run(["buildctl", "--addr", self.address, "debug", "info"], capture_output=True, text=True)
        version = next((line.split()[-1] for line in said.stdout.splitlines() if "BuildKit" in line), "unknown")
        return f"BuildKit {version}"

    def build(self, files: Files, *options: str, phase: Phase = Phase.BUILD) -> Output:
        """The output of a failing build; `options` are further arguments of `buildctl build`."""
        with tempfile.TemporaryDirectory() as folder:
            for name, content in files.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.encode() if isinstance(content, str) else content)
                path.chmod(0o755)
            where = ["--local", f"context={folder}", "--local", f"dockerfile={folder}"]
            command = ["buildctl", "--addr", self.address, "build", "--frontend", "dockerfile.v0", "--progress=plain"]
            failed = ended([*command, *where, *options], phase, {"DOCKER_CONFIG": str(self.logins)})
            return replace(failed, dockerfile=_text(files))

    def push(self, image: str) -> Output:
        """The output of a failing push."""
        files = {"Dockerfile": "FROM scratch\nCOPY Dockerfile /\n"}
        return self.build(files, "--output", f"type=image,name={image},push=true", phase=Phase.PUSH)


def through(engine: BuildEngine, files: Files, image: str) -> Output:
    """The output of a failing build and push as our own engine tells it."""
    events = list(engine.build(Order(image), context(files), (), lambda: False))
    last = events[-1]
    if not last.error:
        raise NothingFailedError("\n".join(event.text for event in events[-LINES:]))
    return Output(last.error, [event.text for event in events[:-1]][-LINES:], last.code, last.phase, _text(files))


def ended(
    command: list[str],
    phase: Phase = Phase.BUILD,
    environment: Mapping[str, str] | None = None,
    folder: str | None = None,
) -> Output:
    """The output of a command-line program that fails: its last statement, and the lines before."""
    done = subprocess.run(
        command,
        env={**os.environ, **(environment or {}), "LC_ALL": "C.UTF-8", "GIT_TERMINAL_PROMPT": "0"},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=PATIENCE,
        check=False,
    )
    said = done.stdout.decode(errors="replace").rstrip("\n").split("\n")
    if not done.returncode:
        raise NothingFailedError("\n".join(said[-LINES:]))
    if command[0] == "git":
        return Output("\n".join(said), (), done.returncode, phase)
    last = max((at for at, line in enumerate(said) if line.startswith("error: ")), default=len(said) - 1)
    return Output("\n".join(said[last:]).removeprefix("error: "), tuple(said[:last][-LINES:]), 0, phase)


@contextmanager
def buildkitd(*options: str, mirror: str = "127.0.0.1:5000") -> Iterator[BuildKit]:
    """A buildkitd with a root of its own on a Unix socket, gone at the end with all it stored."""
    folder = Path(tempfile.mkdtemp(prefix="bk"))
    address = f"unix://{folder}/sock"
    (folder / "buildkitd.toml").write_text(
        f'[worker.containerd]\nenabled = false\n[registry."docker.io"]\nmirrors = ["{mirror}"]\n'
        f'[registry."{mirror}"]\nhttp = true\n'
    )
    logins = folder / "logins"
    logins.mkdir()
    command = ["buildkitd", "--config", f"{folder}/buildkitd.toml", "--addr", address, "--root", f"{folder}/root"]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen([*command, *options], stdout=log, stderr=log)
    try:
        _wait(address, folder / "log", server)
        yield BuildKit(address, logins)
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(folder)


@contextmanager
def dockerd(root: Path) -> Iterator[Engine]:
    """A Docker Engine of our own that keeps its data in `root`, in a network of its own without any way out.

    In the machine's network it would remove the bridge `docker0` of the engine that is there.
    """
    folder = Path(tempfile.mkdtemp(prefix="dockerd"))
    address = f"unix://{folder}/sock"
    command = [
        "unshare",
        "--net",
        "dockerd",
        "--data-root",
        str(root),
        "--exec-root",
        f"{folder}/exec",
        "--pidfile",
        f"{folder}/pid",
    ]
    command += ["-H", address, "--bridge", "none", "--iptables=false", "--ip6tables=false", "--storage-driver", "vfs"]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        for _ in range(150):
            with suppress(DockerException, OSError):
                docker.APIClient(base_url=address, version="auto", timeout=5).ping()
                break
            time.sleep(0.2)
        yield Engine(address)
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(address: str, log: Path, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(100):
        asked = subprocess.run(["buildctl", "--addr", address, "debug", "workers"], capture_output=True)
        if not asked.returncode:
            return
        if server.poll() is not None:
            break
        time.sleep(0.2)
    raise RuntimeError(f"buildkitd did not start: {log.read_text()[-2000:]}")


def _basic(user: Login) -> dict[str, str]:
    return {"auth": base64.b64encode(":".join(user).encode()).decode()}


def login(buildkit: BuildKit, host: str, user: Login | None) -> None:
    """What `docker login` writes, for buildctl; without a user, no login at all."""
    logins = {host: _basic(user)} if user else {}
    (buildkit.logins / "config.json").write_text(json.dumps({"auths": logins}))
