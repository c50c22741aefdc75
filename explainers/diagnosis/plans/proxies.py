"""Plans that keep calls inside the cluster from a proxy."""

from collections.abc import Sequence

from explainers.diagnosis.case import Case
from explainers.diagnosis.plans.addresses import has_password
from explainers.diagnosis.plans.remedies import read_spec
from explainers.diagnosis.plans.values import write
from explainers.diagnosis.views.addresses import Address
from explainers.diagnosis.views.environment import environment
from explainers.diagnosis.views.pods import Container, Pod
from explainers.diagnosis.views.template import CHANGEABLE, steps_after
from explainers.operations.workloads import SetEnv
from explainers.plan import Plan, Step

CLUSTER = (".svc", ".cluster.local")
_EXPECT = "the calls succeed after the restart"


def around(case: Case, proxy: Address, hosts: Sequence[str]) -> Plan:
    """Call these hosts without the proxy, or set none at all; else a look at where it is set."""
    ref = case.workload_ref or case.target
    container = next((one for one in Pod(case.template).main_containers if one.name == proxy.container), None)
    past = _past(case, container, proxy, hosts) if container and hosts else ()
    never = _without(case, proxy)
    return Plan(past, never) if past else Plan((read_spec(ref),), never)


def _past(case: Case, container: Container, proxy: Address, hosts: Sequence[str]) -> tuple[Step, ...]:
    have = environment(case, container.spec)
    name = "no_proxy" if proxy.variable.islower() else "NO_PROXY"
    old = next((have[one] for one in ("no_proxy", "NO_PROXY") if one in have), None)
    if old and old.value is None:
        return ()
    listed = [word for word in ((old.value or "") if old else "").split(",") if word]
    value = ",".join(dict.fromkeys([*listed, *hosts, *CLUSTER]))
    why = f"call {' and '.join(f'`{one}`' for one in hosts)} without the proxy, as everything in the cluster"
    if old:
        return write(case, container, old, value, why, _EXPECT)
    return _set(case, proxy.container, ((name, value),), (), (), why)


def _without(case: Case, proxy: Address) -> tuple[Step, ...]:
    """Take the variable away, where it stands in the template."""
    if proxy.config_map:
        return ()
    was = None if has_password(proxy.value) else ((proxy.variable, proxy.value),)
    why = "call nothing through the proxy, if nothing outside the cluster needs it"
    return _set(case, proxy.container, (), (proxy.variable,), was, why)


def _set(
    case: Case,
    container: str,
    values: tuple[tuple[str, str], ...],
    remove: tuple[str, ...],
    was: tuple[tuple[str, str], ...] | None,
    why: str,
) -> tuple[Step, ...]:
    ref = case.workload_ref
    if ref is None or ref.kind not in CHANGEABLE:
        return ()
    return steps_after(case, SetEnv(ref.type, ref.namespace, ref.name, container, values, remove, was), why, _EXPECT)
