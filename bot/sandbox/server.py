"""The sandbox as a server: `with Sandbox() as sandbox:` gives an API server on a loopback port."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import yaml

from bot.sandbox.asgi import Front, build_app
from bot.sandbox.builder import Cluster, build_cluster
from bot.sandbox.jsonish import Object
from bot.sandbox.node.images import Lookup, nowhere
from bot.sandbox.scenarios import Scenario, load, names
from bot.sandbox.serving import SandboxError, Serving
from bot.sandbox.store import Store


class Sandbox:
    """A cluster in this process, served over HTTP on 127.0.0.1 until it is stopped.

    `scenario_names` are the scenarios that it holds, all by default, and `more` others; `port` 0 takes a free one.
    `pushed` finds images that no scenario has, such as those of a registry that takes pushes.
    """

    def __init__(
        self,
        scenario_names: Sequence[str] | None = None,
        port: int = 0,
        more: Sequence[Scenario] = (),
        pushed: Lookup = nowhere,
    ) -> None:
        chosen = names() if scenario_names is None else scenario_names
        self.token = secrets.token_urlsafe(24)
        self.scenarios = (*(load(name) for name in chosen), *more)
        self._port = port
        self._pushed = pushed
        self._cluster: Cluster | None = None
        self._serving: Serving | None = None
        self._front: Front | None = None
        self.url = ""

    @property
    def store(self) -> Store:
        """The objects, for tests that look behind the API. Raises SandboxError before the start."""
        if self._cluster is None:
            raise SandboxError("the sandbox is not started")
        return self._cluster.api.store

    def start(self) -> Sandbox:
        """Build the cluster and serve it.

        Raises SandboxError when the server does not come up, ScenarioError for a wrong scenario.
        """
        self._cluster = build_cluster(self.scenarios, self.token, pushed=self._pushed)
        listener = socket.create_server(("127.0.0.1", self._port))
        self._front = Front(self._cluster.api)
        self._serving = Serving(build_app(self._front), listener, "sandbox-server")
        self._serving.start()
        self.url = f"http://127.0.0.1:{self._serving.port}"
        self._cluster.engine.start()
        return self

    def stop(self) -> None:
        """End engine, open watches and server."""
        if self._cluster:
            self._cluster.engine.stop()
        if self._front:
            self._front.end()
        if self._serving:
            self._serving.stop()

    def pass_time(self, seconds: float) -> None:
        """Let the next seconds of the cluster pass at once; from then on its clock is ahead of the real one.

        Raises SandboxError before the start.
        """
        if self._cluster is None:
            raise SandboxError("the sandbox is not started")
        self._cluster.engine.pass_time(seconds)

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def kubeconfig(self, namespace: str = "default") -> Object:
        """Build a kubeconfig for the administrator, with `namespace` as the default one."""
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "sandbox", "cluster": {"server": self.url}}],
            "users": [{"name": "sandbox", "user": {"token": self.token}}],
            "contexts": [
                {"name": "sandbox", "context": {"cluster": "sandbox", "user": "sandbox", "namespace": namespace}}
            ],
            "current-context": "sandbox",
        }

    def write_kubeconfig(self, path: Path | str, namespace: str = "default") -> Path:
        """Write the kubeconfig to a file that only its owner can read, and give the file's path."""
        file = Path(path)
        file.touch(mode=0o600)
        file.write_text(yaml.safe_dump(self.kubeconfig(namespace)), encoding="utf-8")
        return file
