"""The registry as a server: `with PushRegistry() as registry:` takes pushes at `registry.host`."""

from __future__ import annotations

import socket
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

from bot.sandbox.node.images import Image
from bot.sandbox.registry.asgi import build_app
from bot.sandbox.registry.behaviour import image_in
from bot.sandbox.registry.blobs import Blobs
from bot.sandbox.serving import Serving


class PushRegistry:
    """Served on a free loopback port, where Docker Engines push without TLS; what was pushed goes with it."""

    def __init__(self) -> None:
        self._folder: TemporaryDirectory[str] | None = None
        self._blobs: Blobs | None = None
        self._serving: Serving | None = None
        self.host = ""

    def image(self, reference: str) -> Image | None:
        """How a pushed image behaves; None for what is not here."""
        return image_in(self._blobs, self.host, reference) if self._blobs else None

    def __enter__(self) -> PushRegistry:
        self._folder = TemporaryDirectory(prefix="tessera-registry-")
        self._blobs = Blobs(Path(self._folder.name))
        self._serving = Serving(build_app(self._blobs), socket.create_server(("127.0.0.1", 0)), "sandbox-registry")
        self._serving.start()
        self.host = f"localhost:{self._serving.port}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._serving:
            self._serving.stop()
        if self._folder:
            self._folder.cleanup()
