"""Server-sent events that tell the page to look again, and end when the server stops."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from bot.console.workspace import Workspace

_BEAT_SECONDS = 15.0


class Streams:
    """Wakes the page's streams after changes, from any thread."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._stopping = False

    async def versions(self) -> AsyncIterator[bytes]:
        """Server-sent events with the workspace's version, now and after every change."""
        loop, changed = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(changed.set)

        self._workspace.on_change(wake)
        try:
            while not self._stopping:
                yield f"data: {self._workspace.version}\n\n".encode()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), _BEAT_SECONDS)
                changed.clear()
        finally:
            self._workspace.forget(wake)

    def stop(self) -> None:
        """End all streams."""
        self._stopping = True
        with self._workspace.change():
            return
