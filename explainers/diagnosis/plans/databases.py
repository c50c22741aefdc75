"""Plans for a client that asks a server for a database that it does not have."""

import re

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.plans.addresses import has_password
from explainers.diagnosis.plans.again import read_anew
from explainers.diagnosis.views.environment import Variable
from explainers.diagnosis.views.pods import Container
from explainers.diagnosis.views.template import CHANGEABLE, steps_after
from explainers.kinds import Ref
from explainers.operations.execs import Exec
from explainers.operations.patches import Patch
from explainers.operations.reads import Get, GetMetadata
from explainers.operations.workloads import SetEnv
from explainers.plan import Step


def ask_for(case: Case, container: Container, held: Variable | None, old: str, new: str) -> tuple[Step, ...]:
    """Write the name of the database that is there where the other stands; none where the value is not known, carries
    a password or cannot be changed."""
    if held is None or not held.value or has_password(held.value):
        return ()
    value = re.sub(rf"(?<![\w-]){re.escape(old)}(?![\w-])(?!.*(?<![\w-]){re.escape(old)}(?![\w-]))", new, held.value)
    why, expect = f"ask for the database `{new}` instead of `{old}`", "new pods find their database and become ready"
    kind, _, name = held.origin.partition(" ")
    if kind == "ConfigMap":
        body, back = ({"data": {held.key: each}} for each in (value, held.value))
        change = Patch(kinds.CONFIG_MAP, case.namespace, name, body, "merge", back)
        again = read_anew(case, "let the pods read the changed value", expect)
        return (Step(change, why, "" if again else "the next start reads it"), *again)
    ref = case.workload_ref
    if ref is None or ref.kind not in CHANGEABLE:
        return ()
    values, was = (((held.name, each),) for each in (value, held.value))
    return steps_after(
        case, SetEnv(ref.type, ref.namespace, ref.name, container.name, values, (), was, container.init), why, expect
    )


_LISTS = {
    "POSTGRES_": 'psql -U "${POSTGRES_USER:-postgres}" -d postgres -l',
    "MYSQL_": 'mysql -uroot -p"$MYSQL_ROOT_PASSWORD" -e "show databases"',
}
"""What lists the databases in a container of the usual image of a server, by how its variables begin."""


def there(case: Case, server: Ref, made: str) -> tuple[Step, ...]:
    """List the databases that a server in the cluster has; `made` is a variable that it was made with."""
    command = next((said for begin, said in _LISTS.items() if made.startswith(begin)), "")
    pods = [one for one in case.follow(server).pods if one.ready and one.main_containers] if command else []
    return tuple(
        Step(
            Exec(pod.namespace, pod.name, ("sh", "-c", command), pod.main_containers[0].name),
            "which databases the server has; one that is missing is made there in the same way",
        )
        for pod in pods[:1]
    )


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
    return Step(Get(blame.type, blame.namespace, blame.name), why)
