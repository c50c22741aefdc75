"""Plans that make the API server admit a workload's pods."""

from collections.abc import Sequence
from fractions import Fraction

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.plans.remedies import back_step, read_spec
from explainers.diagnosis.views.misspelt import meant, too_little
from explainers.diagnosis.views.pods import Json, dicts, dig, number, table, text
from explainers.diagnosis.views.refusals import LevelViolated, OutOfBounds, QuotaDemands
from explainers.diagnosis.views.template import CHANGEABLE, steps_after, template_patch
from explainers.kinds import Ref
from explainers.operations.base import Change
from explainers.operations.config import CreateServiceAccount
from explainers.operations.patches import Label, Patch
from explainers.operations.reads import Get, List
from explainers.operations.workloads import SetResources, SetServiceAccount, workload
from explainers.plan import Plan, Step
from explainers.quantities import amount, written

SOON = "the controller tries again by itself, soon at first, then every few minutes"
_USUAL = {
    "requests.cpu": Fraction(1, 20), "requests.memory": Fraction(64 << 20),
    "limits.cpu": Fraction(1, 2), "limits.memory": Fraction(256 << 20),
}  # fmt: skip
ENFORCE = "pod-security.kubernetes.io/enforce"


def missing_pods(case: Case) -> int:
    """How many pods the workload lacks, at least one."""
    desired = dig(case.workload, "spec", "replicas", default=1)
    wanted = number(case.workload, "status", "desiredNumberScheduled") or (desired if isinstance(desired, int) else 1)
    return max(1, wanted - len(case.pods))


def roundly(resource: str, value: Fraction) -> Fraction:
    """Memory in whole MiB, so that the number reads well; never less than needed."""
    unit = Fraction(1 << 20) if "memory" in resource or "storage" in resource else Fraction(1, 1000)
    return -(-value // unit) * unit


def state_resources(case: Case, demands: QuotaDemands, quota: Json) -> Plan:
    """State what the quota demands, for each container that does not."""
    ref = case.workload_ref
    if ref is None or not workload(ref.type):
        return Plan()
    names = [text(one, "name") for one in dicts(case.template, "spec", "containers")]
    wanted: dict[str, dict[str, str]] = {}
    for resource, containers in demands.missing:
        for container in containers or names:
            share = _share(resource, quota, missing_pods(case) * max(1, len(containers or names)))
            wanted.setdefault(container, {})[resource] = written(resource, share)
    steps = [
        Step(
            SetResources(ref.type, ref.namespace, ref.name, name, _side(told, "requests."), _side(told, "limits.")),
            "modest values to begin with; replace them by what the program really needs",
        )
        for name, told in wanted.items()
    ]
    return Plan(tuple(steps))


def _side(told: dict[str, str], side: str) -> tuple[tuple[str, str], ...]:
    """`requests.` or `limits.`; a bare `cpu` or `memory` in a quota means the request."""
    plain = side == "requests."
    chosen = {
        key.removeprefix(side): v for key, v in told.items() if key.startswith(side) or (plain and "." not in key)
    }
    return tuple(sorted(chosen.items()))


def _share(resource: str, quota: Json, parts: int) -> Fraction:
    """A usual value, or an equal part of what the quota has left when that is less."""
    key = resource if "." in resource else f"requests.{resource}"
    usual = _USUAL.get(key, Fraction(1))
    hard = amount(dig(quota, "status", "hard", resource))
    used = amount(dig(quota, "status", "used", resource)) or Fraction(0)
    return min(usual, (hard - used) / (parts + 1)) if hard is not None and hard > used else usual


def within_bounds(case: Case, out: OutOfBounds, container: str, limit_range: Json) -> Plan:
    """Move the container's value to the bound."""
    ref = case.workload_ref
    spec = next((one for one in dicts(case.template, "spec", "containers") if one.get("name") == container), {})
    if ref and ref.kind in CHANGEABLE and out.per == "Container" and out.bound == "ratio":
        return _nearer_limit(case, ref, out, spec, limit_range) or _other_bounds(case, out, limit_range)
    if ref is None or not workload(ref.type) or out.per != "Container":
        return _other_bounds(case, out, limit_range)
    right = misspelt(out)
    bound = ((out.resource, right or out.allowed),)
    requests = limits = ()  # type: tuple[tuple[str, str], ...]
    if out.bound == "maximum":
        limits = bound
        requests = bound if _beyond(spec, "requests", out, above=True) else ()
    else:
        requests = bound
        limits = bound if _beyond(spec, "limits", out, above=False) else ()
    asked, most = (text(spec, "resources", side, out.resource) for side in ("requests", "limits"))
    change = SetResources(
        ref.type, ref.namespace, ref.name, container, requests, limits,
        was_requests=((out.resource, asked),) if asked else None, was_limits=((out.resource, most),) if most else None,
    )  # fmt: skip
    why = f"stay within the limit range: {out.bound} `{out.allowed}`"
    return Plan(steps_after(case, change, f"give it `{right}`, in the right unit" if right else why, SOON))


def misspelt(out: OutOfBounds) -> str:
    """The memory that was meant, where what is stated is far too little and that would be enough."""
    small = out.bound == "minimum" and out.resource == "memory" and too_little(out.has)
    right = meant(out.has) if small else ""
    have, least = amount(right), amount(out.allowed)
    return right if have is not None and least is not None and have >= least else ""


def _nearer_limit(case: Case, ref: Ref, out: OutOfBounds, spec: Json, limit_range: Json) -> Plan | None:
    """Ask for so much that the limit, its own or the one it is given, is no larger multiple of it than is allowed."""
    rows = [row for row in dicts(limit_range, "spec", "limits") if row.get("type") == out.per]
    given = next((one for row in rows if (one := dig(row, "default", out.resource))), None)
    limit, most = amount(dig(spec, "resources", "limits", out.resource) or given), amount(out.allowed)
    if limit is None or not most or not text(spec, "name"):
        return None
    request = written(out.resource, roundly(out.resource, limit / most))
    was = text(spec, "resources", "requests", out.resource)
    change: Change | None = SetResources(
        ref.type, ref.namespace, ref.name, text(spec, "name"), ((out.resource, request),),
        was_requests=((out.resource, was),) if was else None,
    )  # fmt: skip
    if not workload(ref.type):
        asked = {"name": text(spec, "name"), "resources": {"requests": {out.resource: request}}}
        change = template_patch(case, {"containers": [asked]})
    return Plan(steps_after(case, change, f"ask for `{request}`, within the ratio of `{out.allowed}`", SOON))


def _other_bounds(case: Case, out: OutOfBounds, limit_range: Json) -> Plan:
    """Move the bound to what is asked for; what a claim template asks for cannot be changed in place."""
    name, ref = text(limit_range, "metadata", "name"), case.workload_ref
    look = _look(ref, "what its pods ask for: this can be changed instead")
    key = {"maximum": "max", "minimum": "min", "ratio": "maxLimitRequestRatio"}[out.bound]
    if not name or not out.has or (out.per == "Container" and out.bound != "ratio"):
        return Plan(look)
    rows = [
        {**row, key: {**table(row, key), out.resource: out.has}}
        if row.get("type") == out.per and amount(dig(row, key, out.resource)) == amount(out.allowed)
        else row
        for row in dicts(limit_range, "spec", "limits")
    ]
    bodies = [{"spec": {"limits": each}} for each in (rows, dicts(limit_range, "spec", "limits"))]
    change = Patch(kinds.LIMIT_RANGE, case.namespace, name, bodies[0], "merge", bodies[1])
    return Plan((Step(change, f"allow `{out.has}`, if the owner of the limit range agrees", SOON),), look)


def _look(ref: Ref | None, why: str) -> tuple[Step, ...]:
    return (Step(Get(ref.type, ref.namespace, ref.name), why),) if ref else ()


def _beyond(spec: Json, side: str, out: OutOfBounds, above: bool) -> bool:
    has, bound = amount(dig(spec, "resources", side, out.resource)), amount(out.allowed)
    return has is not None and bound is not None and (has > bound if above else has < bound)


def comply(case: Case, violated: LevelViolated) -> Plan:
    """Give the pods the security context that the level demands."""
    told = " ".join(what for what, _ in violated.violations)
    containers = dicts(case.template, "spec", "containers")
    spec: Json = {}
    own = [{"name": text(one, "name"), "securityContext": _container_context(one, told)} for one in containers]
    if any(one["securityContext"] for one in own):
        spec["containers"] = own
    inits = dicts(case.template, "spec", "initContainers")
    if inits and "containers" in spec:
        spec["initContainers"] = [
            {"name": text(one, "name"), "securityContext": _container_context(one, told)} for one in inits
        ]
    if pod := _pod_context(case, told):
        spec["securityContext"] = pod
    if "host namespaces" in told:
        spec |= {key: None for key in ("hostNetwork", "hostPID", "hostIPC") if dig(case.template, "spec", key)}
    change = template_patch(case, spec) if spec else None
    weaker, was = (((ENFORCE, level),) for level in (_weaker(violated.level), violated.level))
    namespace = Label(kinds.NAMESPACE, "", case.namespace, weaker, was=was)
    relax = Step(namespace, "let the namespace enforce less, if its owner agrees: that weakens it for every pod")
    steps = steps_after(case, change, f"give the pods what the level `{violated.level}` demands", SOON)
    return Plan(steps or _look(case.workload_ref, "take out of its pod template what the level forbids"), (relax,))


def _weaker(level: str) -> str:
    return "baseline" if level == "restricted" else "privileged"


def _container_context(container: Json, told: str) -> Json:
    context: Json = {}
    if "allowPrivilegeEscalation" in told:
        context["allowPrivilegeEscalation"] = False
    if "unrestricted capabilities" in told:
        context["capabilities"] = {"drop": ["ALL"]}
    elif "capabilities" in told:
        context["capabilities"] = {"add": None}
    if "privileged" in told and dig(container, "securityContext", "privileged"):
        context["privileged"] = False
    if "runAsNonRoot" in told and dig(container, "securityContext", "runAsNonRoot") is False:
        context["runAsNonRoot"] = True
    if "runAsUser" in told and dig(container, "securityContext", "runAsUser") == 0:
        context["runAsUser"] = 1000
    return context


def _pod_context(case: Case, told: str) -> Json:
    have = table(case.template, "spec", "securityContext")
    context: Json = {}
    if "runAsNonRoot" in told:
        context["runAsNonRoot"] = True
        if not have.get("runAsUser"):
            context["runAsUser"] = 1000
    if "seccompProfile" in told:
        context["seccompProfile"] = {"type": "RuntimeDefault"}
    return context


def account(case: Case, name: str, near: str) -> Plan:
    """Use the account that was probably meant, or make the one that is missing."""
    make = Step(
        CreateServiceAccount(case.namespace, name), "make the account; it has no rights until a role is bound", SOON
    )
    ref = case.workload_ref
    if not near or ref is None or not workload(ref.type):
        return Plan((make,))
    change = SetServiceAccount(ref.type, ref.namespace, ref.name, near, name)
    return Plan(steps_after(case, change, f"use the account `{near}`, which exists", SOON), (make,))


def look_at(kind: kinds.Kind, namespace: str, names: Sequence[str], why: str) -> Plan:
    return Plan(tuple(Step(Get(kind, namespace, name), why) for name in names))


def without_class(case: Case, blamed: Ref, kind: str, name: str) -> Plan:
    """Back to the revision before, else do without; and see which classes there are. `kind` is a PriorityClass or
    RuntimeClass."""
    of = kinds.PRIORITY_CLASS if kind == kinds.PRIORITY_CLASS.name else kinds.RUNTIME_CLASS
    field = "priorityClassName" if of == kinds.PRIORITY_CLASS else "runtimeClassName"
    look = Step(List(of, ""), f"see which there are; an administrator can create `{name}`")
    back = back_step(case, blamed)
    drop = steps_after(case, template_patch(case, {field: None}), f"do without `{name}`", "its pods are made")
    return Plan((*(back or drop), look), drop if back else ())


def see_what_holds(namespace: str) -> Plan:
    """What a namespace that is being deleted still waits for stands in its conditions."""
    why = "see its conditions: they name what is left in it and the finalizers that hold that"
    return Plan((Step(Get(kinds.NAMESPACE, "", namespace), why),))


def back_or_look(case: Case, blamed: Ref) -> Plan:
    """Back to the revision before a recent change, and the spec that has to satisfy the refusal."""
    return Plan((*back_step(case, blamed), read_spec(blamed)))
