"""What a workload is built from: its repository, Dockerfile, context and image repository."""

import json
from dataclasses import asdict, dataclass

from explainers.diagnosis.views.pods import Json, dicts, table, text

PREFIX = "tessera.dev/"
ON_PUSH = f"{PREFIX}on-push"
COMMIT, SUBJECT, BRANCH, AUTHOR, BUILT, ASKED = (
    f"{PREFIX}{name}" for name in ("commit", "commit-message", "commit-branch", "author", "built-at", "asked-by")
)
"""Annotations that a roll-out leaves on the workload: what runs, and who wanted it. None is one that binds."""


@dataclass(frozen=True)
class Binding:
    """`repository` as the code host knows it, `image` without tag; paths from the repository's root.

    `branch` is built where nobody names one (empty: the default branch). `container` gets the image (empty: the only
    one, or the one that runs this image already). `on_push` wants a build of each push to that branch.
    """

    repository: str
    image: str
    dockerfile: str = "Dockerfile"
    context: str = ""
    branch: str = ""
    container: str = ""
    on_push: bool = False

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, kept: str) -> "Binding":
        return cls(**json.loads(kept))


def annotated(workload: Json) -> Binding | None:
    """The binding that a workload's own annotations state; None without `tessera.dev/repository`.

    The image repository is the one in use where `tessera.dev/image` does not name another.
    """
    notes = table(workload, "metadata", "annotations")
    repository = text(notes, f"{PREFIX}repository")
    if not repository:
        return None
    image = text(notes, f"{PREFIX}image") or _image_in_use(workload, text(notes, f"{PREFIX}container"))
    if not image:
        return None
    more = {name: text(notes, f"{PREFIX}{name}") for name in ("context", "branch", "container")}
    on_push = text(notes, ON_PUSH).strip().lower() == "true"
    return Binding(repository, image, text(notes, f"{PREFIX}dockerfile") or "Dockerfile", **more, on_push=on_push)


def annotations(binding: Binding) -> tuple[tuple[str, str], ...]:
    """What `annotated` reads this binding from."""
    said = {name: value for name, value in asdict(binding).items() if value and name != "on_push"}
    said |= {"on-push": "true"} if binding.on_push else {}
    if binding.dockerfile == "Dockerfile":
        del said["dockerfile"]
    return tuple((f"{PREFIX}{name}", value) for name, value in said.items())


def containers(workload: Json) -> dict[str, str]:
    """The images of the template's containers by name."""
    found = dicts(workload, "spec", "template", "spec", "containers")
    return {text(one, "name"): text(one, "image") for one in found}


def container_for(binding: Binding, workload: Json) -> str:
    """The name of the container that gets the image; empty when that is not clear."""
    names = containers(workload)
    if binding.container:
        return binding.container if binding.container in names else ""
    if len(names) == 1:
        return next(iter(names))
    mine = [name for name, image in names.items() if repository_of(image) == binding.image]
    return mine[0] if len(mine) == 1 else ""


def repository_of(image: str) -> str:
    """An image reference without its tag and digest: `ghcr.io/team/shop` of `ghcr.io/team/shop:1.2@sha256:…`."""
    name = image.partition("@")[0]
    head, slash, last = name.rpartition("/")
    return f"{head}{slash}{last.partition(':')[0]}"


def _image_in_use(workload: Json, container: str) -> str:
    images = containers(workload)
    if container:
        return repository_of(images.get(container, ""))
    return repository_of(next(iter(images.values()))) if len(images) == 1 else ""
