"""The plans for a variable that is made of others: the order of the variables, or the name that it refers to."""

from explainers.diagnosis.plans.remedies import CHANGEABLE, another_pod, read_spec
from explainers.diagnosis.views.endings import Ending
from explainers.diagnosis.views.pods import dicts, text
from explainers.kinds import Kind
from explainers.operations.objects import in_pod_spec
from explainers.operations.patches import Patch
from explainers.operations.workloads import SetEnv
from explainers.plan import Plan, Step

_STARTS = "the container starts and stays up"


def moved_before(ending: Ending, variable: str, name: str) -> Plan:
    """Put the variable that is referred to before the one that refers to it; no value is shown or sent."""
    blame, container = ending.blame, ending.container
    side = "initContainers" if container.init else "containers"
    template = [text(one, "name") for one in dicts(ending.case.template, "spec", side)]
    names = [text(one, "name") for one in dicts(container.spec, "env")]
    if blame.kind not in CHANGEABLE or container.name not in template:
        return Plan((read_spec(blame),))
    env = f"{_pod_spec(blame.type)}/{side}/{template.index(container.name)}/env"
    late, early = f"{env}/{names.index(name)}", f"{env}/{names.index(variable)}"
    body, back = ([{"op": "move", "from": one, "path": other}] for one, other in ((late, early), (early, late)))
    change = Patch(blame.type, blame.namespace, blame.name, body, "json", back)
    why = f"put `{name}` before `{variable}`, so that its value is put in"
    return Plan((Step(change, why, _STARTS), *another_pod(ending.case, blame, container)))


def renamed(ending: Ending, variable: str, name: str, near: str) -> Plan:
    """Refer to the variable that there is."""
    blame, container = ending.blame, ending.container
    if not near or blame.kind not in CHANGEABLE:
        return Plan((read_spec(blame),))
    was = next(text(one, "value") for one in dicts(container.spec, "env") if text(one, "name") == variable)
    now = was.replace(f"$({name})", f"$({near})")
    change = SetEnv(
        blame.type, blame.namespace, blame.name, container.name, ((variable, now),), was=((variable, was),),
        init=container.init,
    )  # fmt: skip
    why = f"refer to `{near}`, which is set, instead of `{name}`"
    return Plan((Step(change, why, _STARTS), *another_pod(ending.case, blame, container)))


def _pod_spec(kind: Kind) -> str:
    """The path of the pod spec in an object of the kind: `/spec/template/spec`."""
    path, inside = "", in_pod_spec(kind, {})
    while inside:
        key, inside = next(iter(inside.items()))
        path += f"/{key}"
    return path
