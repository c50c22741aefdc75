"""What a build leaves in a Docker Engine, and how it goes away."""

import time
from contextlib import suppress
from dataclasses import dataclass

from docker import APIClient
from docker.errors import APIError, NotFound

from bot.builds.messages import Heard
from explainers.builds.steps import split

_SECONDS = 5.0


@dataclass(frozen=True)
class Left:
    """What one build may have left. `keep` leaves its images as cache, without a name: the classic builder has no
    other cache. The name goes whoever gave it, because a killed worker's build may have."""

    image: str
    heard: Heard
    keep: bool

    def remove(self, client: APIClient) -> None:
        """Remove containers and the name, and the images too unless they are kept. May be repeated. Raises what the
        client raises when the engine is away."""
        for container in self.heard.containers[-1:]:  # the engine has removed those of finished instructions
            _remove_container(client, container)
        with suppress(NotFound):
            _unname(client, self.image, self.keep)
        for layer in [] if self.keep else reversed(self.heard.images):
            with suppress(APIError):  # another build stands on it, then it is that build's cache
                client.remove_image(layer, noprune=True)


def _remove_container(client: APIClient, container: str) -> None:
    """The engine removes a cancelled instruction's container by itself; force it when that takes long."""
    until = time.monotonic() + _SECONDS
    try:
        while time.monotonic() < until:
            client.inspect_container(container)
            time.sleep(0.1)
        client.remove_container(container, force=True, v=True)
    except NotFound:
        return


def _unname(client: APIClient, image: str, keep: bool) -> None:
    """Take the name off an image, and what a push noted; the engine deletes an image with its last name unless it is
    kept. Raises NotFound when no image has it.

    To keep it, the name is moved to its parent first: an engine does not delete an image that another stands on.
    Of two clients that take the last two names off one image at once, an engine answers one with 500, "unrecognized
    image ID", and has done what both asked.
    """
    detail = client.inspect_image(image)
    repository, tag = split(image)
    with suppress(APIError):
        for noted in detail.get("RepoDigests") or []:
            if (name := noted.partition("@")[0]) == repository or repository.endswith("/" + name):
                client.remove_image(noted, noprune=True)
    with suppress(APIError):
        if keep and detail.get("Parent"):
            client.tag(detail["Parent"], repository, tag)
    try:
        client.remove_image(image, noprune=True)
    except APIError:
        client.inspect_image(image)  # not found, where it is gone
        raise
