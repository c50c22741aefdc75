"""The environment of a container, as far as it can be known without reading a Secret's values."""

from dataclasses import dataclass

from explainers.diagnosis.case import Case
from explainers.diagnosis.plans.config import keys_of
from explainers.diagnosis.views.configuration import configuration
from explainers.diagnosis.views.pods import Json, dicts, table, text
from explainers.diagnosis.views.references import Reference, references
from explainers.operations.base import Answer


@dataclass(frozen=True)
class Variable:
    """One variable. `value` is None where it is not known; `origin` is empty for a literal, else `ConfigMap x`, of
    which it is the `key`."""

    name: str
    value: str | None
    origin: str = ""
    key: str = ""


def environment(case: Case, container: Json) -> dict[str, Variable]:
    """The variables by name; raises Missing until the ConfigMaps and the Secrets' metadata are read."""
    wanted = [one for one in references({"containers": [container]}) if one.container]
    answers = configuration(case, wanted)
    found: dict[str, Variable] = {}
    for source in dicts(container, "envFrom"):
        prefix = text(source, "prefix")
        for one in references({"containers": [{"envFrom": [source]}]}):
            found |= {prefix + key: variable for key, variable in _all(one, answers[one.kind, one.name], prefix)}
    for entry in dicts(container, "env"):
        name, uses = text(entry, "name"), references({"containers": [{"env": [entry]}]})
        if uses:
            found |= _one(name, uses[0], answers[uses[0].kind, uses[0].name])
        else:
            found[name] = Variable(name, None if entry.get("valueFrom") else text(entry, "value"))
    return found


def _one(name: str, use: Reference, answer: Answer) -> dict[str, Variable]:
    """A variable read from one key; none where the object or the key is known not to be there."""
    origin = f"{use.kind} {use.name}"
    if use.kind == "Secret":
        keys = keys_of(answer.object)
        known = answer.absent or (keys and use.key not in keys)
        return {} if known else {name: Variable(name, None, origin, use.key)}
    value = table(answer.object, "data").get(use.key)
    return {name: Variable(name, value, origin, use.key)} if isinstance(value, str) else {}


def _all(one: Reference, answer: Answer, prefix: str) -> list[tuple[str, Variable]]:
    """Every key that `envFrom` brings."""
    data, origin = table(answer.object, "data"), f"{one.kind} {one.name}"
    if one.kind == "Secret":
        return [(key, Variable(prefix + key, None, origin, key)) for key in sorted(keys_of(answer.object))]
    return [(key, Variable(prefix + key, value, origin, key)) for key, value in data.items() if isinstance(value, str)]
