"""The program buildctl: how it is told where buildkitd is, what it may know, and how it is ended."""

import base64
import json
import os
import shutil
import signal
import subprocess  # nosec B404
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from bot.builds.address import Address
from commands.base.errors import Unavailable
from explainers.builds.model import Credentials

_HUB = "https://index.docker.io/v1/"
_GRACE = 5.0  # for buildctl to take leave of buildkitd, which notices by itself where it does not


def command(program: str, address: Address) -> list[str]:
    """How every call of buildctl begins. Raises Unavailable where it is not installed."""
    found = shutil.which(program)
    if not found:
        raise Unavailable(
            f"The program {program} is not installed.", "install buildctl, of BuildKit 0.12 or newer, on the PATH"
        )
    words = [found, "--addr", address.url]
    if trust := address.certificates:
        words += ["--tlscacert", str(trust.authority), "--tlscert", str(trust.certificate), "--tlskey", str(trust.key)]
        words += ["--tlsservername", trust.server_name] if trust.server_name else []
    return words


def ask(words: list[str], seconds: float) -> str:
    """Run to the end; empty when all went well, else buildctl's reason on one line."""
    try:
        asked = subprocess.run(  # noqa: S603 # nosec B603
            words, env={}, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {seconds:.0f} seconds"
    except OSError as error:
        return str(error.strerror)
    if not asked.returncode:
        return ""
    said = asked.stderr.decode(errors="replace").strip() or f"exit code {asked.returncode}"
    return said.splitlines()[-1].removeprefix("error: ")[:300].rstrip(".")


def configuration(folder: Path, logins: Mapping[str, Credentials]) -> Path:
    """A Docker configuration with these logins, in a folder of its own below `folder`; gives the file with them."""
    home = folder / "docker"
    home.mkdir(mode=0o700)
    file = home / "config.json"
    auths = {}
    for name, login in logins.items():
        word = base64.b64encode(f"{login.username}:{login.password}".encode()).decode()
        auths[_HUB if name.endswith("docker.io") else name] = {"auth": word}
    file.touch(mode=0o600)
    file.write_text(json.dumps({"auths": auths}), encoding="utf-8")
    return file


class Running:
    """buildctl at work; its output is its error output. `end` ends it, and with it the work in buildkitd."""

    def __init__(self, words: list[str], home: Path) -> None:
        """Raises OSError when it cannot be started. Its environment is `home`, where its configuration is.

        Where the system can (setpriv of util-linux), it is killed when this thread is gone, so a killed worker's build
        ends too.
        """
        setpriv = shutil.which("setpriv")
        bound = [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []
        self._process = subprocess.Popen(  # noqa: S603 # nosec B603
            [*bound, *words],
            env={"DOCKER_CONFIG": str(home), "HOME": str(home), "TMPDIR": str(home)},
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def lines(self) -> Iterator[str]:
        """What it says, line by line, until it ends."""
        if self._process.stderr is None:
            return
        with self._process.stderr as said:
            for line in said:
                yield line.decode(errors="replace").rstrip("\r\n")

    def wait(self) -> int:
        """The exit code of one that has said its last line."""
        return self._process.wait(_GRACE)

    def end(self) -> None:
        """End it if it still runs, kindly first."""
        for word in (signal.SIGTERM, signal.SIGKILL):
            if self._process.poll() is not None:
                return
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, word)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_GRACE)
