"""The plans for init containers that wait for what does not come."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.plans import remedies
from explainers.diagnosis.plans.addresses import correct
from explainers.diagnosis.views.addresses import addresses
from explainers.diagnosis.views.pods import Container, dicts, text, words
from explainers.diagnosis.views.waiting import Awaited, other_host_in
from explainers.kinds import Ref
from explainers.operations.reads import List, Logs
from explainers.operations.workloads import SetEnv
from explainers.patterns import pattern
from explainers.plan import Plan, Step


def other_host(case: Case, blame: Ref, container: Container, host: Awaited, right: str) -> Plan:
    """Wait for the host that is meant, where its name is written; without one, look what there is."""
    look = Step(List(kinds.SERVICE, case.namespace, limit=500), "the services that exist")
    if not right or blame.kind not in remedies.CHANGEABLE:
        return Plan((look, running_log(container)))
    why, expect = (
        f"wait for `{right}`, which exists, instead of `{host.host}`",
        "the init container ends, the pod starts",
    )
    if host.variable:
        change = SetEnv(
            blame.type, blame.namespace, blame.name, container.name, ((host.variable, right),),
            was=((host.variable, host.host),), init=True,
        )  # fmt: skip
        return Plan((Step(change, why, expect), *remedies.another_pod(case, blame, container)))
    if plan := _where_written(case, container, host, right):
        return plan

    def rewrite(word: str) -> str:
        return other_host_in(word, host.host, right)

    return remedies.first_of(in_words(case, blame, container, rewrite, why, expect), (), look)


def other_port(case: Case, blame: Ref, container: Container, host: Awaited, right: int) -> Plan:
    """Wait on the port that the Service offers."""
    look = Step(List(kinds.SERVICE, case.namespace, limit=500), "the services that exist and their ports")
    why = f"wait for `{host.host}` on port {right}, which it offers, instead of {host.port}"
    expect = "the init container ends and the pod starts"
    if blame.kind not in remedies.CHANGEABLE:
        return Plan((look, running_log(container)))
    variable = next((text(e, "name") for e in dicts(container.spec, "env") if e.get("value") == str(host.port)), "")
    if variable:
        change = SetEnv(
            blame.type, blame.namespace, blame.name, container.name, ((variable, str(right)),),
            was=((variable, str(host.port)),), init=True,
        )  # fmt: skip
        return Plan((Step(change, why, expect), *remedies.another_pod(case, blame, container)))
    if plan := _where_written(case, container, host, port=right):
        return plan
    of_port = pattern(rf"(?<!\d){host.port}(?!\d)")
    rewrite = partial(of_port.sub, str(right))
    return remedies.first_of(in_words(case, blame, container, rewrite, why, expect), (), look)


def _where_written(case: Case, container: Container, host: Awaited, right: str = "", port: int = 0) -> Plan:
    """The correction of the variable that holds the address, in the ConfigMap if it comes from there."""
    for one in addresses(case):
        said = one.container == container.name and one.host == host.host and one.variable
        if said and (not port or one.port == host.port):
            return correct(case, one, right, port)
    return Plan()


def in_words(
    case: Case, blame: Ref, container: Container, rewrite: Callable[[str], str], why: str, expect: str
) -> tuple[Step, ...]:
    """Patch the words of the command and the arguments that `rewrite` changes."""
    fields = {}
    for key in ("command", "args"):
        written = words(container.spec, key)
        said = [rewrite(one) for one in written]
        if said != written:
            fields[key] = said
    return remedies.change_container(case, blame, container, fields, why, expect) if fields else ()


def running_log(container: Container) -> Step:
    """Read what a running container writes."""
    pod = container.pod
    return Step(Logs(pod.namespace, pod.name, container.name, tail=100), "what it says while it waits")


def locks(container: Container) -> Step:
    """The same, of what changes a database."""
    ask = "`select pid, query, pg_blocking_pids(pid) from pg_stat_activity where wait_event_type = 'Lock'`"
    return replace(running_log(container), why=f"how far it got; in PostgreSQL, {ask} shows who waits, and for whom")
