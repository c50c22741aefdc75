"""Variables that come under another name, as `envFrom` puts a prefix before each: what does, and the plan for that.

Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ (EnvFromSource)
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from explainers.diagnosis.plans.expansions import STARTS, patched, path_of
from explainers.diagnosis.plans.remedies import read_spec
from explainers.diagnosis.views.endings import Ending
from explainers.diagnosis.views.environment import Variable
from explainers.diagnosis.views.pods import Json, dicts, text, words
from explainers.diagnosis.views.references import ENV_FIELDS, references
from explainers.diagnosis.views.template import steps_after, template_patch
from explainers.patterns import pattern
from explainers.plan import Plan

_NAMED = pattern(r"\$[({]?([A-Za-z_]\w*)")
_PROBES = ("startupProbe", "livenessProbe", "readinessProbe")


@dataclass(frozen=True)
class Prefixed:
    """A key `name` of an object (`kind`, `holder`) that the source number `at` of `envFrom` brings as `variable`."""

    name: str
    kind: str
    holder: str
    prefix: str
    at: int

    @property
    def variable(self) -> str:
        return self.prefix + self.name

    @property
    def hint(self) -> str:
        """What completes "the environment variable … is not set"."""
        why = f"the prefix `{self.prefix}` in `envFrom` makes it `{self.variable}`"
        return f"; the {self.kind} `{self.holder}` has it, but {why}"


def prefixed(ending: Ending, name: str, have: Mapping[str, Variable]) -> Prefixed | None:
    """The source that has this very key and gives it a longer name."""
    for at, source in enumerate(dicts(ending.container.spec, "envFrom")):
        prefix = text(source, "prefix")
        found = have.get(prefix + name)
        for one in references({"containers": [{"envFrom": [source]}]}) if prefix and found else ():
            if found and (found.origin, found.key) == (f"{one.kind} {one.name}", name):
                return Prefixed(name, one.kind, one.name, prefix, at)
    return None


def under_its_name(ending: Ending, one: Prefixed) -> Plan:
    """Without the prefix; where something is called by a name that has it, only this variable by its own name too."""
    if any(name.startswith(one.prefix) for name in _called(ending.container.spec)):
        entry = {"name": one.name, "valueFrom": {dict(ENV_FIELDS)[one.kind]: {"name": one.holder, "key": one.name}}}
        side = "initContainers" if ending.container.init else "containers"
        change = template_patch(ending.case, {side: [{"name": ending.container.name, "env": [entry]}]})
        why = f"read it by its own name too, as others are called by names with `{one.prefix}`"
        return Plan(steps_after(ending.case, change, why, STARTS) or (read_spec(ending.blame),))
    path = f"{path_of(ending, 'envFrom')}/{one.at}/prefix"
    forth: list[Json] = [{"op": "remove", "path": path}]
    back: list[Json] = [{"op": "add", "path": path, "value": one.prefix}]
    why = f"take the prefix away, so that the keys of the {one.kind} `{one.holder}` are set by their own names"
    return patched(ending, (forth, back) if path_of(ending, "envFrom") else ([], []), why, STARTS)


def _called(container: Json) -> Iterator[str]:
    """The variables that its command, its probes and other variables name."""
    said = [*words(container, "command"), *words(container, "args")]
    said += [word for probe in _PROBES for word in words(container, probe, "exec", "command")]
    said += [text(entry, "value") for entry in dicts(container, "env")]
    return (name for word in said for name in _NAMED.findall(word))
