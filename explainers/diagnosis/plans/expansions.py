"""The plans for a variable that is made of others: the order of the variables, or how it refers to them."""

from collections.abc import Sequence

from explainers.diagnosis.plans.remedies import CHANGEABLE, another_pod, read_spec
from explainers.diagnosis.views.as_written import AsWritten, exactly
from explainers.diagnosis.views.endings import Ending
from explainers.diagnosis.views.pods import Json, dicts, text
from explainers.kinds import Kind
from explainers.operations.base import Change
from explainers.operations.objects import in_pod_spec
from explainers.operations.patches import Patch
from explainers.operations.workloads import SetEnv
from explainers.plan import Plan, Step
from explainers.redaction import is_credential

STARTS = "the container starts and stays up"


def put_in(ending: Ending, kept: Sequence[AsWritten], expect: str = STARTS) -> Plan:
    """Write every reference of one variable so that its value is put in, and what it refers to before it."""
    later = list(dict.fromkeys(one.name for one in kept if one.later))
    if all(one.later and not one.by_shell for one in kept):
        return patched(ending, _ordered(ending, kept[0].variable, later), _why_order(kept[0].variable, later), expect)
    if not later:
        return renamed(ending, kept[0].variable, {one.written: one.right for one in kept}, expect)
    path = path_of(ending, "env")
    at = variables_of(ending).index(kept[0].variable)
    was = text(dicts(ending.container.spec, "env")[at], "value")
    now = _with(was, {one.written: one.right for one in kept})
    if was == now or is_credential(kept[0].variable, was):
        return Plan((read_spec(ending.blame),))
    moves = _ordered(ending, kept[0].variable, later)
    write, undo = ({"op": "replace", "path": f"{path}/{at}/value", "value": one} for one in (now, was))
    forth, back = [write, *moves[0]], [*moves[1], undo]
    why = f"{_why_written(kept)}, and {_why_order(kept[0].variable, later)}"
    return patched(ending, (forth, back) if path else ([], []), why, expect)


def renamed(ending: Ending, variable: str, instead: dict[str, str], expect: str = STARTS) -> Plan:
    """Refer to the variables that there are: texts as written, and what to write instead."""
    blame, container = ending.blame, ending.container
    was = next(text(one, "value") for one in dicts(container.spec, "env") if text(one, "name") == variable)
    now = _with(was, instead)
    if now == was or blame.kind not in CHANGEABLE or is_credential(variable, was):
        return Plan((read_spec(blame),))
    change = SetEnv(
        blame.type, blame.namespace, blame.name, container.name, ((variable, now),), was=((variable, was),),
        init=container.init,
    )  # fmt: skip
    told = ", and ".join(f"`{right}` instead of `{written}`" for written, right in instead.items() if right)
    return Plan((Step(change, f"write {told}", expect), *another_pod(ending.case, blame, container)))


def path_of(ending: Ending, field: str) -> str:
    """The path of a list of the container in what is to be changed; empty where that cannot be, or where another list
    stands there than in the pod."""
    blame, container = ending.blame, ending.container
    side = "initContainers" if container.init else "containers"
    template = dicts(ending.case.template, "spec", side)
    at = next((at for at, one in enumerate(template) if text(one, "name") == container.name), None)
    if blame.kind not in CHANGEABLE or at is None:
        return ""
    same = dicts(template[at], field) == dicts(container.spec, field)
    return f"{pod_spec(blame.type)}/{side}/{at}/{field}" if same else ""


def variables_of(ending: Ending) -> list[str]:
    """The names of the container's own variables, in their order."""
    return [text(one, "name") for one in dicts(ending.container.spec, "env")]


def _why_order(variable: str, later: Sequence[str]) -> str:
    names, its = " and ".join(f"`{one}`" for one in later), "its value is" if len(later) == 1 else "their values are"
    return f"put {names} before `{variable}`, so that {its} put in"


def _why_written(kept: Sequence[AsWritten]) -> str:
    told = (f"`{one.right}` instead of `{one.written}`" for one in kept if one.right and one.right != one.written)
    return f"write {', and '.join(dict.fromkeys(told))}"


def _with(value: str, instead: dict[str, str]) -> str:
    """A value with other texts in it."""
    for written, right in instead.items():
        value = exactly(written).sub(lambda _, right=right: right, value) if right else value  # type: ignore[misc]
    return value


def _ordered(ending: Ending, variable: str, later: Sequence[str]) -> tuple[list[Json], list[Json]]:
    """The moves after which these stand before the variable, and those that take that back: one where one is enough,
    and one that leaves no other reference behind."""
    names = variables_of(ending)
    own, last = names.index(variable), max(len(names) - 1 - names[::-1].index(one) for one in later)
    behind = [(own, last)]
    before = [(names.index(one, own), own + at) for at, one in enumerate(later)]
    ways = [before, behind] if len(later) == 1 else [behind, before]
    moves = min(ways, key=lambda way: _left_open(ending, way))
    path = path_of(ending, "env")
    ops: list[Json] = [{"op": "move", "from": f"{path}/{one}", "path": f"{path}/{other}"} for one, other in moves]
    undo: list[Json] = [{"op": "move", "from": one["path"], "path": one["from"]} for one in reversed(ops)]
    return (ops, undo) if path else ([], [])


def _left_open(ending: Ending, moves: Sequence[tuple[int, int]]) -> int:
    """How many references would stand before what they name."""
    entries = [*dicts(ending.container.spec, "env")]
    for one, other in moves:
        entries.insert(other, entries.pop(one))
    names = [text(one, "name") for one in entries]
    return sum(f"$({name})" in text(entry, "value") for at, entry in enumerate(entries) for name in names[at + 1 :])


def patched(ending: Ending, ops: tuple[list[Json], list[Json]], why: str, expect: str) -> Plan:
    """No value is shown or sent by moves."""
    blame = ending.blame
    if not ops[0]:
        return Plan((read_spec(blame),))
    change: Change = Patch(blame.type, blame.namespace, blame.name, ops[0], "json", ops[1])
    return Plan((Step(change, why, expect), *another_pod(ending.case, blame, ending.container)))


def pod_spec(kind: Kind) -> str:
    """The path of the pod spec in an object of the kind: `/spec/template/spec`."""
    path, inside = "", in_pod_spec(kind, {})
    while inside:
        key, inside = next(iter(inside.items()))
        path += f"/{key}"
    return path
