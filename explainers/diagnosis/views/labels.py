"""Which workload a Service means whose selector fits nobody, and which labels differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.views.neighbours import unmade_pods
from explainers.diagnosis.views.pods import Json, Pod, table, text
from explainers.kinds import Ref
from explainers.selectors import pairs


@dataclass(frozen=True)
class Meant:
    """The workload that is probably meant. `wanted` are the selector's pairs that its pods lack, `instead` says in
    words what they carry, `selector` is the corrected one."""

    workload: Ref
    labels: Json
    wanted: Json
    instead: str
    selector: Json


def meant_by(case: Case, service: Json, templates: Mapping[Ref, Json]) -> Meant | None:
    """The nearest pod template to a Service's selector; bare pods count where no template is near."""
    selector, name = table(service, "spec", "selector"), text(service, "metadata", "name")
    found = _nearest(selector, name, templates)
    if found is None:
        found = _nearest(selector, name, {pod.ref: pod.labels for pod in unmade_pods(case) if not pod.owner})
    if found is None:
        return None
    labels = (templates.get(found) or {}) if found in templates else _labels_of(case, found)
    wanted = {key: value for key, value in selector.items() if labels.get(key) != value}
    return Meant(found, labels, wanted, _instead(wanted, labels), _corrected(selector, labels))


def _labels_of(case: Case, pod: Ref) -> Json:
    return Pod(case.get(kinds.POD, pod.name).object).labels


def _nearest(selector: Json, name: str, templates: Mapping[Ref, Json]) -> Ref | None:
    scored = [(_score(selector, name, ref, labels), ref) for ref, labels in templates.items()]
    best = max(scored, key=lambda pair: (pair[0], pair[1].name == name, str(pair[1])), default=None)
    return best[1] if best and best[0] >= 1 else None


def _score(selector: Json, name: str, ref: Ref, labels: Json) -> float:
    """3 for an equal label, up to 2 for a near value or the value under another key, 2 for the Service's own name."""
    score = 2.0 if ref.name == name else 0.0
    for key, value in selector.items():
        if labels.get(key) == value:
            score += 3
        elif value in labels.values():
            score += 2
        elif key in labels:
            likeness = SequenceMatcher(None, str(labels[key]), str(value)).ratio()
            score += 2 * likeness if likeness >= 0.5 else 0
    return score


def _instead(wanted: Json, labels: Json) -> str:
    """What the pods carry in place of the wanted pairs: the same key, the same value, or all they have."""
    same_key = {key: labels[key] for key in wanted if key in labels}
    same_value = {key: value for key, value in labels.items() if value in wanted.values()}
    shown = {**same_value, **same_key} or labels
    return f"`{pairs(shown)}`" if shown else "no labels"


def _corrected(selector: Json, labels: Json) -> Json:
    """The selector with each pair that fits nobody replaced by the pods' own, or left out."""
    fixed: Json = {}
    for key, value in selector.items():
        if key in labels:
            fixed[key] = labels[key]
        else:
            fixed.update({other: have for other, have in labels.items() if have == value})
    return fixed or dict(labels)
