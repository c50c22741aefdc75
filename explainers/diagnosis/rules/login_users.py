"""Logins that are turned down for their user (class 55): both sides have the same password, and the users come from two
places. Told with rules/logins.py; no value of a Secret is read for it."""

from explainers.diagnosis.case import Case
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans.logins import run_again
from explainers.diagnosis.plans.remedies import read_spec
from explainers.diagnosis.views.calls import Refusal
from explainers.diagnosis.views.environment import Variable, environment
from explainers.diagnosis.views.passwords import user_variable
from explainers.diagnosis.views.pods import Container, Json, Pod, dicts, table, text
from explainers.diagnosis.views.references import ENV_FIELDS
from explainers.diagnosis.views.servers import place
from explainers.diagnosis.views.template import steps_after, template_patch
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.patterns import pattern
from explainers.plan import Plan, Step

_OF_USER = pattern(r"(?:USER(?:_?NAME)?|LOGIN)$")
_OF_PASSWORD = pattern(r"_?(?:PASSWORD|PASSWD|PASS|PWD)$")
_SIDES = ("containers", "initContainers")


def other_user(case: Case, pod: Pod, refusal: Refusal, own: Variable, asked: str) -> Finding | None:
    """55: the caller takes its user from another key than the server, and its password from the same one. `own` is the
    server's password, `asked` the user that the log names, if any."""
    called = case.follow(Ref("Service", refusal.namespace, refusal.service))
    made = user_variable(called, own)
    if made is None or not made.origin or not own.key or called.namespace != case.namespace:
        return None
    for container in pod.main_containers:
        user = _user_beside(environment(case, container.spec), own)
        if user and (user.origin, user.key) != (made.origin, made.key) and _fits(user, made, asked):
            return _finding(case, pod, refusal, container, user, made, asked)
    return None


def _user_beside(have: dict[str, Variable], own: Variable) -> Variable | None:
    """The variable of the user that goes with the server's password, where the container has that: the one that is
    named like it, else the only one."""
    same = [one for one in have.values() if (one.origin, one.key) == (own.origin, own.key) != ("", "")]
    users = [one for one in have.values() if _OF_USER.search(one.name) and one.origin and one.key]
    stems = {_OF_PASSWORD.sub("", one.name) for one in same}
    alike = [one for one in users if _OF_USER.sub("", one.name).rstrip("_") in stems]
    found = (alike or users) if same else []
    return found[0] if len(found) == 1 else None


def _fits(user: Variable, made: Variable, asked: str) -> bool:
    """Whether nothing that is known of both says otherwise."""
    if asked and (user.value not in (None, asked) or made.value == asked):
        return False
    return user.value is None or user.value != made.value


def _finding(
    case: Case, pod: Pod, refusal: Refusal, container: Container, user: Variable, made: Variable, asked: str
) -> Finding:
    by, who = refusal.service, f" `{asked}`" if asked else ""
    kind, _, name = user.origin.partition(" ")
    clause = (
        f"its login at `{by}` was turned down, most likely for its user{who}: that comes from the key `{user.key}` of "
        f"the {kind} `{name}` (variable `{user.name}` of container `{container.name}`), and `{by}` was made with the "
        f"user in {place(made)}; the password is the same key on both sides"
    )
    ref = case.workload_ref or pod.ref
    seen = (
        Evidence(refusal.source, refusal.line),
        Evidence(str(ref), f"{user.name} is the key {user.key} of the {kind} {name}"),
        Evidence(f"service {by}", f"its pods have {place(made).replace('`', '')}"),
    )
    why = f"take `{user.name}` from {place(made).partition(' (')[0]}, as `{by}` does"
    entry = _entry(case, container, user, made)
    change = template_patch(case, entry) if entry else None
    steps = steps_after(case, change, why, "its logins succeed") or (
        Step(read_spec(ref).operation, f"where `{user.name}` stands: {why}"),
    )
    return Finding(55, ref, Layer.NEEDS, clause, seen, run_again(case, Plan(steps)), Confidence.LIKELY)


def _entry(case: Case, container: Container, user: Variable, made: Variable) -> Json:
    """The patch of the caller's pod spec that takes one variable from the server's key."""
    fields = dict(ENV_FIELDS)
    kind, _, name = made.origin.partition(" ")
    source: Json = {fields[kind]: {"name": name, "key": made.key}}
    spec = table(case.template, "spec")
    side = next((one for one in _SIDES if container.name in {text(each, "name") for each in dicts(spec, one)}), "")
    if (before := user.origin.partition(" ")[0]) != kind and before in fields:
        source[fields[before]] = None
    return {side: [{"name": container.name, "env": [{"name": user.name, "valueFrom": source}]}]} if side else {}
