"""Plans for a client that asks a server for a database that it does not have."""

import re

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.plans.addresses import has_password
from explainers.diagnosis.plans.made_again import UNCHANGEABLE
from explainers.diagnosis.plans.values import write
from explainers.diagnosis.views.environment import Variable
from explainers.diagnosis.views.pods import Container, Pod
from explainers.kinds import Ref
from explainers.operations.execs import Exec
from explainers.operations.reads import Get, GetMetadata, Logs
from explainers.patterns import pattern
from explainers.plan import Plan, Step


def ask_for(case: Case, container: Container, held: Variable | None, old: str, new: str) -> tuple[Step, ...]:
    """Write the name of the database that is there where the other stands; none where the value is not known, carries
    a password or cannot be changed."""
    if held is None or not held.value or has_password(held.value):
        return ()
    value = re.sub(rf"(?<![\w-]){re.escape(old)}(?![\w-])(?!.*(?<![\w-]){re.escape(old)}(?![\w-]))", new, held.value)
    why, expect = f"ask for the database `{new}` instead of `{old}`", "new pods find their database and become ready"
    return write(case, container, held, value, why, expect)


_POSTGRES = pattern(r"too many clients already|remaining connection slots")
_BEGIN = "POSTGRES_"
_LISTS = 'PGPASSWORD="$POSTGRES_PASSWORD" psql -h 127.0.0.1 -U "${POSTGRES_USER:-postgres}" -d postgres -l'
"""What lists the databases in a container whose variables begin so; the password does not leave it."""


def there(case: Case, server: Ref, made: str) -> tuple[Step, ...]:
    """List the databases that a server in the cluster has; `made` is a variable that it was made with."""
    pods = case.follow(server).pods if made.startswith(_BEGIN) else []
    return tuple(
        Step(
            Exec(pod.namespace, pod.name, ("sh", "-c", _LISTS), pod.main_containers[0].name),
            "which databases the server has; one that is missing is made there in the same way",
        )
        for pod in [one for one in pods if one.ready and one.main_containers][:1]
    )


_CLIENTS = (
    'PGPASSWORD="$POSTGRES_PASSWORD" psql -h 127.0.0.1 -U "${POSTGRES_USER:-postgres}" -d postgres '
    "-c 'show max_connections' -c 'select usename, client_addr, state, count(*) from pg_stat_activity group by 1, 2, 3'"
)


def clients(pod: Pod | None, line: str) -> Plan:
    """Who holds the connections of a server that takes no more, as far as its own tools tell by its words in `line`;
    else its log."""
    container = pod.main_containers[0] if pod and pod.main_containers else None
    if pod is None or container is None:
        return Plan()
    why = "who holds them, and how many there may be: end those that nobody needs, have the callers keep fewer open"
    if _POSTGRES.search(line):
        ask = Exec(pod.namespace, pod.name, ("sh", "-c", _CLIENTS), container.name)
        return Plan((Step(ask, f"{why} (a pool), or raise `max_connections`"),))
    return Plan((Step(Logs(pod.namespace, pod.name, container.name, tail=50), why),))


def look(case: Case, blame: Ref, held: Variable | None, database: str) -> Step:
    """Where the name of the database stands."""
    return _at(
        case, blame, held, f"whether `{database}` is meant: correct it there, or make that database on the server"
    )


def without_end(case: Case, blame: Ref, held: Variable | None) -> Step:
    """Where the name with something at its end stands."""
    return _at(case, blame, held, "write the value there again without what ends it: `printf %s` instead of `echo`")


def _at(case: Case, blame: Ref, held: Variable | None, why: str) -> Step:
    kind, _, name = (held.origin if held else "").partition(" ")
    if kind == "Secret":
        return Step(GetMetadata(kinds.SECRET, case.namespace, name), why)
    if kind == "ConfigMap":
        return Step(Get(kinds.CONFIG_MAP, case.namespace, name), why)
    return _in_spec(case, blame, why)


def _in_spec(case: Case, blame: Ref, why: str) -> Step:
    """The spec that can be corrected: that of the CronJob of a run, as the template of a Job cannot be changed."""
    if blame.type != kinds.JOB:
        return Step(Get(blame.type, blame.namespace, blame.name), why)
    above = case.workload_ref if case.workload_ref != blame else case.top_owner(case.workload)
    if above is not None and above.kind == kinds.CRON_JOB.name:
        return Step(Get(above.type, above.namespace, above.name), f"{why}; its next run is made of it")
    return Step(Get(blame.type, blame.namespace, blame.name), f"{why}; {UNCHANGEABLE}")
