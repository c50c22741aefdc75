"""The form of a binding: with what is probably right in its fields, and each mistake at its own."""

from collections.abc import Mapping

from commands.base.errors import TesseraError
from commands.base.ports import Builds
from commands.base.proposing import known_repositories
from commands.base.workloads import Workload
from explainers.builds.binding import Binding, containers, repository_of
from explainers.builds.matching import Repositories, best_dockerfile, container_of, subject_of
from explainers.builds.running import SOURCE
from explainers.form import Field, FieldKind, Form

PARTS = ("repository", "branch", "dockerfile", "context", "image", "container")


def guessed(builds: Builds, workload: Workload) -> Binding:
    """What the workload is probably built from, by the label of its image or by its names; what is not known is
    empty."""
    ref, subject = workload.ref, subject_of(workload.ref, workload.object)
    container, image = container_of(ref, workload.object)
    repository = _labelled(builds, workload, container)
    if not repository:
        guess = Repositories(known_repositories(builds, [])[0]).guess(subject)
        repository = guess.repository if guess else ""
    dockerfile = "Dockerfile"
    if repository:
        try:
            paths = builds.code.dockerfiles(repository, builds.code.commit(repository, "").sha)
            dockerfile = best_dockerfile(subject, repository, paths) or dockerfile
        except TesseraError:
            repository = ""  # the form is filled in by hand then, and says what is wrong
    return Binding(repository, image, dockerfile, dockerfile.rpartition("/")[0], "", container)


def _labelled(builds: Builds, workload: Workload, container: str) -> str:
    """The source that the label of the image states."""
    images = containers(workload.object)
    image = images.get(container, next(iter(images.values()), ""))
    try:
        return (builds.registry.labels(image) or {}).get(SOURCE, "").strip() if image else ""
    except TesseraError:
        return ""


def binding_form(workload: Workload, known: Binding) -> Form:
    """The form for a workload, filled in as `known`."""
    names = tuple(containers(workload.object))
    which = Field("container", "Container", FieldKind.SELECT, "It gets the image.", False, known.container, names)
    fields = (
        Field("repository", "Repository", hint="Such as team/shop, or its address.", initial=known.repository),
        Field("branch", "Branch", hint="Empty: the default branch.", optional=True, initial=known.branch),
        Field("dockerfile", "Dockerfile", hint="Its path in the repository.", initial=known.dockerfile),
        Field(
            "context", "Build context", hint="A folder in it; empty: its root.", optional=True, initial=known.context
        ),
        Field("image", "Image repository", hint="Where it is pushed to, without a tag.", initial=known.image),
        *((which,) if len(names) > 1 else ()),
    )
    ref = workload.ref
    text = f"What is `{ref}` in `{ref.namespace}` built from? Everything is tried before it is kept."
    return Form("Bind a workload", "Try and keep", fields, text)


def filled_in(filled: Mapping[str, str]) -> Binding:
    """The binding that was filled in."""
    held = {name: filled.get(name, "").strip() for name in PARTS}
    dockerfile = held["dockerfile"] or "Dockerfile"
    image = held["image"].removeprefix("https://").rstrip("/")
    image = repository_of(image) if "@" in image else image
    return Binding(held["repository"], image, dockerfile, held["context"], held["branch"], held["container"])
