"""The ConfigMaps and Secrets that references name, read once each; of a Secret only the metadata."""

from collections.abc import Iterable

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.views.references import Reference
from explainers.kinds import Kind
from explainers.operations.base import Answer
from explainers.operations.reads import Get, GetMetadata, List

KINDS = {"ConfigMap": kinds.CONFIG_MAP, "Secret": kinds.SECRET}


def configuration(case: Case, uses: Iterable[Reference], most: int = 0) -> dict[tuple[str, str], Answer]:
    """The answers by (kind, name), in the order of the references, `most` of them (0: all); raises Missing.

    What may be absent is looked for by a list of that one name: when it is absent, as it usually is, the empty list is
    less than half the size of a refusal.
    """
    wanted: dict[tuple[str, str], bool] = {}
    for one in uses:
        wanted[one.kind, one.name] = wanted.get((one.kind, one.name), True) and one.optional
    things = dict(list(wanted.items())[: most or None])
    looks = [_look(KINDS[kind], case.namespace, name, optional) for (kind, name), optional in things.items()]
    return {
        thing: _found(answer, thing) if things[thing] else answer
        for thing, answer in zip(things, case.ask(*looks), strict=True)
    }


def _look(kind: Kind, namespace: str, name: str, optional: bool) -> Get | List:
    secret = kind == kinds.SECRET
    if optional:
        return List(kind, namespace, fields=f"metadata.name={name}", metadata_only=secret)
    return (GetMetadata if secret else Get)(kind, namespace, name)


def _found(answer: Answer, thing: tuple[str, str]) -> Answer:
    """The answer of a list of one name, as if the object had been asked for."""
    if not answer.ok:
        return answer
    kind, name = thing
    item = next(iter(answer.items), None)
    return Answer(200, {**item, "kind": kind}) if item else Answer(404, problem=f'{kind} "{name}" not found')
