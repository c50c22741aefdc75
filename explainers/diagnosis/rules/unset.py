"""References to variables that are not set (class 52): what a program gets as it is written, and does not complain of.

What its log quotes is told by rules/arguments.py and rules/expansions.py.
"""

from collections.abc import Iterator

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans import remedies
from explainers.diagnosis.plans.expansions import renamed
from explainers.diagnosis.rules import arguments, expansions
from explainers.diagnosis.views.endings import Ending, blame, in_trouble
from explainers.diagnosis.views.pods import Pod
from explainers.diagnosis.views.unset import Unset, unset
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.patterns import pattern
from explainers.plan import Plan

_PASSWORD = pattern(r"PASS|PWD|SECRET|TOKEN|AUTH|CRED|USER|LOGIN")


def misspelt(case: Case) -> Iterator[Finding]:
    """52: a command or a variable refers to a name that is nearly that of a variable. Of what is only called, and
    serves, nothing shows that it matters."""
    ready = [one for one in case.pods if one.whole and one.ready] if len(case.trail) == 1 else []
    for pod in [*case.unready_pods, *ready][:1]:
        for container in pod.main_containers:
            found = next((one for one in unset(case, container.spec) if one.near), None)
            ending = Ending(case, container, blame(case, pod), 1)
            if found and not _quoted(ending):
                yield as_written(ending, found, f"container `{container.name}`")


def _quoted(ending: Ending) -> bool:
    """Whether its log speaks of it, so that this is the cause of its end."""
    ended = bool(ending.container.last_end) and in_trouble(ending.case, ending.container)
    return ended and (expansions.unexpanded(ending) or arguments.unexpanded(ending)) is not None


def login_as_written(case: Case, called: Ref | None, said: Evidence) -> Finding | None:
    """52: a login is refused, and one of both sides has a reference to a password in it as written."""
    sides = [(case, "")] if called is None else [(case, ""), (case.follow(called), called.name)]
    for side, name in sides:
        pod = next((one for one in [*side.pods, Pod(side.template)] if one.main_containers), None)
        for container in pod.main_containers if pod else []:
            found = next((one for one in unset(side, container.spec) if _of_login(one)), None)
            if found:
                ref = side.workload_ref or (pod.ref if pod else side.target)
                of = f" of `{name}`" if name else ""
                turned = f"`{called.name}` turns" if called else "what it calls turns"
                who = f"{turned} its login down, and container `{container.name}`{of}"
                return as_written(Ending(side, container, ref, 1), found, who, said)
    return None


def _of_login(one: Unset) -> bool:
    return _PASSWORD.search(f"{one.name} {one.near} {one.variable}") is not None


def as_written(ending: Ending, found: Unset, who: str, *said: Evidence) -> Finding:
    """52, with the name that is meant, where one is."""
    where = f"{found.variable} refers to" if found.variable else "its command says"
    seen = Evidence(str(ending.blame), f"{where} {found.written}; {found.name} is not set")
    sure = Confidence.SURE if said and found.near else Confidence.LIKELY
    layer = Layer.NEEDS if said else Layer.CONTAINER
    plan = _plan(ending, found)
    return Finding(52, ending.blame, layer, f"{who} {found.clause}", (*said, seen), plan, sure)


def _plan(ending: Ending, found: Unset) -> Plan:
    if found.variable:
        plan = renamed(ending, found.variable, {found.written: f"$({found.near})" if found.near else ""})
    else:
        right = f"$({found.near})" if found.near else ""
        why = f"write `{right}` instead of `{found.written}`"
        steps = remedies.in_command(ending, found.written, right, why)
        plan = remedies.first_of(steps, (), remedies.read_spec(ending.blame))
    return Plan(plan.steps[:1], plan.alternatives) if ending.container.ready else plan


RULES: tuple[Rule, ...] = (misspelt,)
