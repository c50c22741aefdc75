"""Bindings of workloads to what they are built from: what people stored, else what the workload's annotations state,
else the label of its image."""

import re
from dataclasses import dataclass

from commands.base.errors import TesseraError, UsageError
from commands.base.ports import Services
from commands.base.workloads import Workload
from explainers.builds.binding import Binding, annotated, containers, repository_of
from explainers.builds.matching import Repositories, Subject
from explainers.builds.running import SOURCE
from explainers.kinds import Ref

FORM = "`/bind TARGET REPOSITORY IMAGE`, for example `/bind shop team/shop ghcr.io/team/shop`"
_WORD = re.compile(r"[^\s`\x00-\x1f]{1,300}")
"""What may be shown as a repository; whether it is one, the code host says."""


@dataclass(frozen=True)
class Bound:
    """A binding and where it stands: `stored` by a person, `labelled` on the image, else in the workload's
    annotations."""

    binding: Binding
    stored: bool
    labelled: bool = False


def find_binding(services: Services, workload: Workload) -> Bound | None:
    """The binding of a workload: what a person stored, else annotations, else what the label of its image states."""
    return known_binding(services, workload) or _labelled(services, workload)


def known_binding(services: Services, workload: Workload) -> Bound | None:
    """The same without asking a registry: what a person stored goes before annotations."""
    kept = services.state.get(_key(services, workload.ref))
    if kept:
        return Bound(Binding.from_json(kept), stored=True)
    stated = annotated(workload.object)
    return Bound(stated, stored=False) if stated else None


def _labelled(services: Services, workload: Workload) -> Bound | None:
    """What the label of the only image states. The label may be that of a base image: it counts where the repository
    is called as the workload or its image is."""
    images = list(containers(workload.object).values())
    if services.builds is None or len(images) != 1:
        return None
    try:
        source = (services.builds.registry.labels(images[0]) or {}).get(SOURCE, "").strip()
    except TesseraError:
        return None  # nobody is told of a label that cannot be read: a binding can be stated otherwise
    image = repository_of(images[0])
    if not _WORD.fullmatch(source) or not Repositories([source]).guess(Subject(workload.ref.name, image)):
        return None
    return Bound(Binding(source, image), stored=False, labelled=True)


def need_binding(services: Services, workload: Workload) -> Binding:
    """The binding of a workload. Raises UsageError when it has none."""
    found = find_binding(services, workload)
    if found is None:
        raise UsageError(f"`{workload.ref.name}` is not bound to a repository yet.", FORM)
    return found.binding


def store_binding(services: Services, ref: Ref, binding: Binding) -> None:
    services.state.put(_key(services, ref), binding.to_json(), None)


def remove_binding(services: Services, ref: Ref) -> None:
    services.state.delete(_key(services, ref))


def _key(services: Services, ref: Ref) -> str:
    return f"binding:{services.cluster.name}:{ref.namespace}:{ref.kind}:{ref.name}"
