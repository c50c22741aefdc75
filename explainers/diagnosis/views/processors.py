"""The processor architectures of the nodes, and that for which an image says it is made."""

from dataclasses import dataclass

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.nodes import ARCH
from explainers.diagnosis.views.pods import text
from explainers.diagnosis.views.unplaced import labelled_nodes
from explainers.operations.reads import continued
from explainers.patterns import pattern
from explainers.selectors import query

_NAMES = {
    "amd64": "amd64", "x86_64": "amd64", "x86-64": "amd64", "arm64": "arm64", "arm64v8": "arm64", "aarch64": "arm64",
    "armv7": "arm", "arm32v7": "arm", "armhf": "arm", "ppc64le": "ppc64le", "s390x": "s390x", "riscv64": "riscv64",
}  # fmt: skip
_WORD = pattern(rf"(?:^|[/:._-])({'|'.join(sorted(_NAMES, key=len, reverse=True))})(?=$|[/:._@-])")


@dataclass(frozen=True)
class Processors:
    """`here` is the architecture of the pod's node, `elsewhere` those that other nodes have; empty where not known."""

    here: str
    elsewhere: tuple[str, ...]
    read: bool


def processors(case: Case, node: str) -> Processors:
    """Read from the labels of the nodes; of many nodes the server is asked for one of another architecture."""
    first = labelled_nodes(case)
    have = {text(one, "metadata", "name"): text(one, "metadata", "labels", ARCH) for one in first.items}
    here = have.get(node, "") or _of_node(case, node)
    if here and continued(first):
        rules = [{"key": ARCH, "operator": "Exists"}, {"key": ARCH, "operator": "NotIn", "values": [here]}]
        others = labelled_nodes(case, query({"matchExpressions": rules}))
        have |= {text(one, "metadata", "name"): text(one, "metadata", "labels", ARCH) for one in others.items}
    return Processors(here, tuple(sorted(set(have.values()) - {here, ""})), first.ok)


def _of_node(case: Case, node: str) -> str:
    (found,) = labelled_nodes(case, f"kubernetes.io/hostname={node}").items[:1] or [{}]
    return text(found, "metadata", "labels", ARCH)


def made_for(image: str) -> str:
    """The architecture in an image's name (`arm64v8/redis`, `web:1.2-arm64`); empty where it names none."""
    found = _WORD.search(image)
    return _NAMES[found[1]] if found else ""
