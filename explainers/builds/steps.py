"""The steps of a build as people would type them, and as the engines send them: one source for both.

`DockerBuild` and `DockerPush` are what `bot/builds/docker.py` sends to the Engine API
(https://docs.docker.com/reference/api/engine/version/v1.45/#operation/ImageBuild), `BuildctlBuild` is the program
that `bot/builds/buildkit.py` starts. The context is the current folder: a checkout of the commit.
"""

import json
import shlex
from dataclasses import dataclass
from pathlib import PurePosixPath

from explainers.builds.model import Order
from explainers.builds.references import BadReference, parse_reference
from explainers.operations.base import Action


def problem(order: Order) -> str:
    """Why an engine is not to be given this order; empty when it may."""
    if not _sound(order.image):
        return f"{order.image!r} is not an image reference with a tag, such as registry.example.com/shop:main-1a2b3c4"
    path = PurePosixPath(order.dockerfile)
    if not order.dockerfile or path.is_absolute() or ".." in path.parts or not order.dockerfile.isprintable():
        return f"{order.dockerfile!r} is not the path of a Dockerfile inside the build context"
    return ""


def _sound(image: str) -> bool:
    try:
        found = parse_reference(image)
    except BadReference:
        return False
    return bool(found.tag) and not found.digest and image == image.strip()


def split(image: str) -> tuple[str, str]:
    """Repository and tag of a reference that has a tag, as the engine writes them."""
    found = parse_reference(image)
    return found.familiar, found.tag


@dataclass(frozen=True)
class DockerBuild(Action):
    """Build with a Docker Engine's classic builder."""

    order: Order
    changes = True

    def query(self) -> dict[str, str]:
        """The parameters of `POST /build`; intermediate containers are removed, also after a failure."""
        order = self.order
        query = {"t": order.image, "dockerfile": order.dockerfile, "rm": "1", "forcerm": "1"}
        if order.target:
            query["target"] = order.target
        if order.labels:
            query["labels"] = json.dumps(dict(order.labels), sort_keys=True)
        if order.arguments:
            query["buildargs"] = json.dumps(dict(order.arguments), sort_keys=True)
        return query

    def line(self) -> str:
        order = self.order
        words = ["docker", "build", "--force-rm", "-t", order.image, "-f", order.dockerfile]
        words += ["--target", order.target] if order.target else []
        words += [word for item in sorted(order.labels.items()) for word in ("--label", "=".join(item))]
        words += [word for item in sorted(order.arguments.items()) for word in ("--build-arg", "=".join(item))]
        return shlex.join([*words, "."])

    def sent(self) -> list[object]:
        return ["POST", "/build", self.query()]


@dataclass(frozen=True)
class DockerPush(Action):
    """Push what a Docker Engine has built."""

    order: Order
    changes = True

    def path(self) -> str:
        return f"/images/{split(self.order.image)[0]}/push"

    def query(self) -> dict[str, str]:
        """The parameters of `POST /images/NAME/push`."""
        return {"tag": split(self.order.image)[1]}

    def line(self) -> str:
        return shlex.join(["docker", "push", self.order.image])

    def sent(self) -> list[object]:
        return ["POST", self.path(), self.query()]


@dataclass(frozen=True)
class BuildctlBuild(Action):
    """Build and push with BuildKit. `address` is buildkitd's, empty for the one that buildctl takes by itself."""

    order: Order
    address: str = ""
    changes = True

    def arguments(self, context: str) -> list[str]:
        """What follows `buildctl build`, for a context in that folder.

        Source: https://github.com/moby/buildkit#building-a-dockerfile-with-buildctl
        """
        order = self.order
        options = {"filename": order.dockerfile, "target": order.target}
        options |= {f"label:{name}": value for name, value in sorted(order.labels.items())}
        options |= {f"build-arg:{name}": value for name, value in sorted(order.arguments.items())}
        words = ["--frontend", "dockerfile.v0", "--local", f"context={context}", "--local", f"dockerfile={context}"]
        for name, value in options.items():
            words += ["--opt", f"{name}={value}"] if value or name != "target" else []
        return [*words, "--output", f"type=image,name={order.image},push=true,store=false"]

    def line(self) -> str:
        address = ["--addr", self.address] if self.address else []
        return shlex.join(["buildctl", *address, "build", *self.arguments(".")])

    def sent(self) -> list[object]:
        return ["buildctl build", self.address, *self.arguments(".")]
