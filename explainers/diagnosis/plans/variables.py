"""Plans that bring an environment variable to a container."""

from collections.abc import Sequence
from dataclasses import dataclass

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.plans.config import PLACEHOLDER, filled_in, keys_of
from explainers.diagnosis.plans.remedies import back_step, read_spec
from explainers.diagnosis.views.endings import Ending
from explainers.diagnosis.views.environment import Variable
from explainers.diagnosis.views.named import MOST, named
from explainers.diagnosis.views.pods import Json, dicts, number, table, text
from explainers.diagnosis.views.revisions import Revisions, earlier, revisions, still_serves
from explainers.diagnosis.views.template import CHANGEABLE, steps_after, template_patch
from explainers.operations.base import Change
from explainers.operations.objects import in_pod_spec
from explainers.operations.patches import Patch
from explainers.operations.reads import GetMetadata
from explainers.operations.rollouts import undo
from explainers.operations.workloads import SetEnv
from explainers.plan import Plan, Step
from explainers.redaction import is_credential

_STARTS = "the container starts and stays up"


def former_entry(ending: Ending, name: str) -> tuple[Json, Revisions | None]:
    """The variable's entry in the revision before (empty if it had none), and both revisions."""
    two = revisions(ending.case)
    if two is None:
        return {}, None
    before = two.container_before(ending.container.name)
    return next((one for one in dicts(before, "env") if one.get("name") == name), {}), two


@dataclass(frozen=True)
class Once:
    """What an earlier revision, by its number, had for a variable, though it is none to go back to; `ill` where it has
    pods, and none of them is ready."""

    entry: Json
    revision: int
    ill: bool

    @property
    def told(self) -> str:
        return f"revision {self.revision}{', which is not ready either,' if self.ill else ''}"


def once_set(ending: Ending, name: str) -> Once | None:
    """The newest earlier revision that set the variable to something."""
    for held in earlier(ending.case) if ending.case.workload_ref == ending.blame else ():
        side = "initContainers" if ending.container.init else "containers"
        same = [one for one in dicts(held.template, "spec", side) if one.get("name") == ending.container.name]
        entry = next((one for each in same for one in dicts(each, "env") if one.get("name") == name), {})
        if text(entry, "value") or table(entry, "valueFrom"):
            status = table(held.holder, "status")
            return Once(entry, held.number, number(status, "replicas") > number(status, "readyReplicas") == 0)
    return None


def keepers(case: Case, name: str) -> list[str]:
    """The ConfigMaps of the namespace that have a key of this name, by their metadata: all where they are few, else the
    first that bear the workload's name."""
    found = named(case, kinds.CONFIG_MAP) or {}
    own = case.workload_ref.name if case.workload_ref else case.target.name
    likely = [one for one, known in found.items() if not known and (own in one or one in own)]
    read = [GetMetadata(kinds.CONFIG_MAP, case.namespace, one) for one in sorted(likely)[:MOST]]
    known = [*found.values(), *(answer.object for answer in case.ask(*read))]
    return sorted(text(one, "metadata", "name") for one in known if name in keys_of(one))


def bring(ending: Ending, name: str, near: Variable | None, held: Sequence[str], bad: Variable | None = None) -> Plan:
    """As the revision before had it; else from the near variable or a ConfigMap; else with a value to fill in.

    A credential is never written out: then the revision before comes back whole.
    """
    before, two = former_entry(ending, name)
    back = _back(ending, two) if two and before and text(before, "value") != (bad.value if bad else None) else ()
    had = f"as revision {two.previous} had it" if two else ""
    was = text(before, "value") if not bad or text(before, "value") != bad.value else ""
    if was and not is_credential(name, was):
        return Plan(_set(ending, name, was, f"set it {had}"), back)
    if before and back:
        return Plan(back)
    once = once_set(ending, name) if not bad and not before else None
    if once and not is_credential(name, text(once.entry, "value")):
        return Plan(_as_once(ending, once))
    if near and near.value and not is_credential(name, near.value):
        return Plan(_set(ending, name, near.value, f"set it to the value of `{near.name}`, if that is what is meant"))
    if held:
        return Plan(_from_config_map(ending, name, held[0]))
    came = _back_to_one_that_serves(ending)
    if bad and bad.origin.startswith("ConfigMap "):
        return filled_in(ending.case, (_in_config_map(ending.case, bad),), came)
    hole = _set(ending, name, PLACEHOLDER, f"set it, with the right value in place of {PLACEHOLDER}")
    return filled_in(ending.case, hole, came)


def without_links(ending: Ending) -> Plan:
    """No variables for the Services of the namespace: the program falls back on its own default."""
    change = template_patch(ending.case, {"enableServiceLinks": False})
    why = "let Kubernetes set no variables for services; what reads them must be told its address otherwise"
    return Plan(steps_after(ending.case, change, why, _STARTS))


def from_field(ending: Ending, name: str, path: str, kind: str, key: str) -> Plan:
    """Read a variable from the label or annotation that is meant; without one, the template must get it."""
    if path:
        entry = {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}
        why = f"read it from `{path}`, which its pods have"
        return Plan(_with_entry(ending, entry, why))
    why = f"give the template the {kind} `{key}`, or write the value of `{name}` in its place"
    look = Step(read_spec(ending.blame).operation, why)
    return Plan((*_back_to_one_that_serves(ending), look))


def told_origin(variable: Variable) -> str:
    """What a variable comes from, as a sentence needs it."""
    kind, _, name = variable.origin.partition(" ")
    return f"{kind} `{name}`"


def without_entry(ending: Ending, name: str, other: Variable) -> Plan:
    """The variable as `envFrom` brings it, which an entry of the same name hides."""
    why = f"let it come from the {told_origin(other)}, which has it"
    return Plan(_with_entry(ending, {"name": name, "$patch": "delete"}, why))


def _with_entry(ending: Ending, entry: Json, why: str) -> tuple[Step, ...]:
    container = ending.container
    (was,) = (one for one in dicts(container.spec, "env") if text(one, "name") == entry["name"])
    side = "initContainers" if container.init else "containers"
    body, back = ({side: [{"name": container.name, "env": [one]}]} for one in (entry, was))
    ref = ending.case.workload_ref
    if ref is None or ref.kind not in CHANGEABLE:
        return (read_spec(ending.blame),)
    forth, undo_it = in_pod_spec(ref.type, body), in_pod_spec(ref.type, back)
    change = Patch(ref.type, ref.namespace, ref.name, forth, back=undo_it)
    return steps_after(ending.case, change, why, _STARTS)


def _set(ending: Ending, name: str, value: str, why: str) -> tuple[Step, ...]:
    ref, container = ending.case.workload_ref or ending.blame, ending.container
    if ref.kind not in CHANGEABLE:
        return ()
    entry = next((one for one in dicts(container.spec, "env") if one.get("name") == name), None)
    hidden = entry and (entry.get("valueFrom") or is_credential(name, text(entry, "value")))
    was = None if hidden else ((name, text(entry, "value")),) if entry else ()
    change = SetEnv(ref.type, ref.namespace, ref.name, container.name, ((name, value),), (), was, container.init)
    return steps_after(ending.case, change, why, _STARTS)


def _as_once(ending: Ending, once: Once) -> tuple[Step, ...]:
    why, name = f"set it as {once.told} had it", text(once.entry, "name")
    if value := text(once.entry, "value"):
        return _set(ending, name, value, why)
    side = "initContainers" if ending.container.init else "containers"
    entry = {"name": name, "value": None, "valueFrom": once.entry["valueFrom"]}
    change = template_patch(ending.case, {side: [{"name": ending.container.name, "env": [entry]}]})
    return steps_after(ending.case, change, why, _STARTS)


def _from_config_map(ending: Ending, name: str, config_map: str) -> tuple[Step, ...]:
    container = ending.container
    entry = {"name": name, "value": None, "valueFrom": {"configMapKeyRef": {"name": config_map, "key": name}}}
    side = "initContainers" if container.init else "containers"
    change: Change | None = template_patch(ending.case, {side: [{"name": container.name, "env": [entry]}]})
    return steps_after(ending.case, change, f"read it from the ConfigMap `{config_map}`, which has it", _STARTS)


def _in_config_map(case: Case, bad: Variable) -> Step:
    """Correct the value where it comes from; the container reads it when it is started the next time."""
    name = bad.origin.removeprefix("ConfigMap ")
    change = Patch(
        kinds.CONFIG_MAP,
        case.namespace,
        name,
        {"data": {bad.key: PLACEHOLDER}},
        "merge",
        {"data": {bad.key: bad.value}},
    )
    return Step(change, f"correct it there, with the right value in place of {PLACEHOLDER}", _STARTS)


def _back_to_one_that_serves(ending: Ending) -> tuple[Step, ...]:
    """The way back where the fault came with the newest revision, and an earlier one still serves."""
    change = ending.change
    return back_step(ending.case, ending.blame) if change and still_serves(ending.case, change) else ()


def _back(ending: Ending, two: Revisions) -> tuple[Step, ...]:
    case = ending.case
    ref = case.workload_ref
    if ref is None:
        return ()
    change = undo(ref.type, case.workload, two.holder_before, two.holder)
    return steps_after(case, change, f"go back to revision {two.previous}, which had it", _STARTS)
