"""The `helm` binary: argument lists, no shell, an environment of its own, values over its standard input.

No file outlives a call, and none ever holds a value. Messages are quoted without the values that helm was given.
Source: https://helm.sh/docs/helm/helm/ (variables and options, Helm 3.13 and later)
"""

import json
import os
import subprocess  # nosec B404 # a fixed program with checked arguments
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.broker.steps import AGAIN, hushed
from commands.base.errors import TesseraError, Unavailable
from explainers.operations.base import Json

PASSED = (
    "PATH", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy",
    "SSL_CERT_FILE", "SSL_CERT_DIR",
)  # fmt: skip
_LATER = (
    "connection refused", "i/o timeout", "timed out", "no such host", "cluster unreachable", "EOF", "TLS handshake",
    "another operation", "Too Many Requests", "Service Unavailable", "server is currently unable", "connection reset",
)  # fmt: skip
NOT_FOUND = "release: not found"


class HelmFailed(TesseraError):
    """helm ended with an error that trying again does not mend; the message is its own line."""


@dataclass(frozen=True)
class Helm:
    """Runs helm. `kubeconfig` is empty inside of a cluster; `logins` is a file of registry logins
    (`.dockerconfigjson`); `seconds` bound one call; `hidden` are values that no error may show."""

    binary: str = "helm"
    kubeconfig: str = ""
    context: str = ""
    logins: str = ""
    seconds: float = 300
    hidden: tuple[str, ...] = field(default=(), repr=False)

    def hiding(self, values: Sequence[str]) -> "Helm":
        return replace(self, hidden=(*self.hidden, *values))

    def run(self, folder: Path, *arguments: str, values: Json | None = None) -> str:
        """What helm prints. Raises HelmFailed, Unavailable."""
        options = [f"--kube-context={self.context}"] if self.context else []
        options += [f"--registry-config={self.logins}"] if self.logins else []
        options += ["--values=-"] if values is not None else []
        try:
            done = subprocess.run(  # noqa: S603 # nosec B603
                [self.binary, *arguments, *options],
                env=self._environment(folder),
                cwd=folder,
                input=b"" if values is None else json.dumps(values).encode(),
                capture_output=True,
                timeout=self.seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Unavailable(f"helm {arguments[0]} did not end within {self.seconds:g} s.", AGAIN) from None
        except OSError as error:
            raise Unavailable(
                f"helm cannot be run: {error.strerror or type(error).__name__}.",
                "install helm 3.13 or later where the broker runs",
            ) from None
        if done.returncode:
            raise self._failure(arguments[0], done.stderr.decode("utf-8", "replace"))
        return done.stdout.decode("utf-8", "replace")

    def _environment(self, folder: Path) -> dict[str, str]:
        given = {name: os.environ[name] for name in PASSED if name in os.environ}
        homes = {
            name: str(folder) for name in ("HOME", "TMPDIR", "HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME")
        }
        return {**given, **homes, **({"KUBECONFIG": self.kubeconfig} if self.kubeconfig else {})}

    def _failure(self, verb: str, errors: str) -> TesseraError:
        lines = [line.strip() for line in hushed(errors, self.hidden).splitlines() if line.strip()]
        start = next((number for number, line in enumerate(lines) if line.startswith("Error:")), 0)
        said = " ".join(lines[start : start + 6]).removeprefix("Error:").strip()[:600] or "it said nothing"
        if any(word in said for word in _LATER):
            return Unavailable(f"helm {verb} could not go on: {said}", AGAIN)
        return HelmFailed(f"helm {verb} failed: {said}")


@contextmanager
def workplace() -> Iterator[Path]:
    """A private folder for the caches and the chart of one piece of work."""
    with tempfile.TemporaryDirectory(prefix="tessera-helm-") as folder:
        yield Path(folder)
