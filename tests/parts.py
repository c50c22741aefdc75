"""The real parts that tests use where they are present, and why one is missing where it is not."""

import os
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Part:
    """A real part: `find` returns where it is, or an empty string; `why` says what to do when it is missing."""

    name: str
    find: Callable[[], str]
    why: str


def kubeconfig() -> str:
    """The kubeconfig of a cluster that tests may use: only one named in KUBECONFIG, never the default one."""
    path = os.environ.get("KUBECONFIG", "")
    return path if path and Path(path).is_file() and shutil.which("kubectl") else ""


def chromium() -> str:
    return shutil.which("chromium") or shutil.which("google-chrome") or ""


def redis_server() -> str:
    return shutil.which("redis-server") or ""


def emulate() -> str:
    return shutil.which("emulate") or ""


def docker() -> str:
    """The socket of a Docker Engine that answers."""
    path = "/var/run/docker.sock"
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(path)
        except OSError:
            return ""
    return path


def private_registry() -> str:
    """The address of a registry that wants a login."""
    address = ("localhost", 5001)
    try:
        socket.create_connection(address, 1).close()
    except OSError:
        return ""
    return ":".join(map(str, address))


def buildkit() -> str:
    """Both programs of BuildKit, and the rights to start a daemon."""
    programs = [shutil.which(name) or "" for name in ("buildctl", "buildkitd", "runc")]
    return programs[0] if all(programs) and os.geteuid() == 0 else ""


PARTS = {
    "cluster": Part("a Kubernetes cluster", kubeconfig, "set KUBECONFIG to a cluster for tests, and install kubectl"),
    "kubectl": Part("kubectl", lambda: shutil.which("kubectl") or "", "install kubectl"),
    "redis": Part("redis-server", redis_server, "install redis-server"),
    "browser": Part("Chromium", chromium, "install chromium"),
    "docker": Part("a Docker Engine", docker, "start a Docker Engine"),
    "buildkit": Part("BuildKit", buildkit, "install buildctl, buildkitd and runc, and run as root"),
    "registry": Part(
        "an image registry",
        lambda: os.environ.get("TESSERA_REGISTRY", ""),
        "set TESSERA_REGISTRY to one that this machine pushes to and the cluster pulls from",
    ),
    "registry_login": Part(
        "an image registry with a login",
        private_registry,
        "start one at localhost:5001 with the login tessera and the password tessera",
    ),
    "helm": Part("helm", lambda: shutil.which("helm") or "", "install helm 3.13 or later"),
    "emulate": Part("emulate", emulate, "npm install --global emulate@0.11.2"),
}


@cache
def missing(name: str) -> str:
    """Why tests marked `name` cannot run here; empty when they can."""
    part = PARTS[name]
    return "" if part.find() else f"no {part.name}: {part.why}"
