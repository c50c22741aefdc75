"""`/services`: what runs in a namespace."""

from collections import Counter

from commands.base.bindings import known_binding
from commands.base.errors import Denied, UsageError
from commands.base.investigate import investigate
from commands.base.parse import parse
from commands.base.ports import Services
from commands.base.registry import command
from commands.base.request import Reply, Request
from commands.base.scene import Scene
from commands.base.targets import check_namespace, granted_by
from commands.base.workloads import Workload
from commands.broker.desk import need_ledger
from commands.broker.listing import of_namespace
from explainers.diagnosis.access import unchecked
from explainers.diagnosis.facts import Facts
from explainers.diagnosis.views.pods import text
from explainers.diagnosis.when import ago, moment
from explainers.document import Button, Document, Evidence, Tone
from explainers.inventory import WORKLOADS, Row, inventory
from explainers.operations.byhand import Show
from explainers.operations.reads import continued, everything
from explainers.plan import Step, plan

FORM = "/services [--mine] [-n NAMESPACE]"
MOST, OFFERED = 40, 3
"""Workloads that are listed, and broken ones that get a button."""


@command("services", "[--mine] [-n NAMESPACE]", "/services -n shop", slash=True, flags=("--mine",))
def services(request: Request, ports: Services) -> Reply:
    """List what runs in a namespace, the broken first: pods, image, commit, the services in front, the binding.

    Deployments, StatefulSets, DaemonSets and CronJobs are listed. `/diagnose NAME` says why one is broken. `--mine`
    lists what the namespace has from the catalog instead: Secrets, who asked, since when and until when.
    """
    arguments = parse(request.text, FORM, flags=("--mine",))
    if arguments.words:
        raise UsageError("Whole namespaces are listed, nothing less.", FORM)
    namespace = arguments.namespace or request.namespace or ports.cluster.default_namespace
    if arguments.flags:
        return of_namespace(ports, need_ledger(ports), namespace)
    facts = Facts(ports.clock.now())
    rows = investigate(lambda known: inventory(known, namespace), facts, ports.cluster, ports.ask, ports.progress)
    hidden = unchecked(facts)
    if not rows and hidden:
        raise Denied(f"I cannot see what runs in `{namespace}`: it needs {hidden[0].missing}.", granted_by(hidden))
    if not rows:
        check_namespace(ports, namespace)
    bound = {row.ref: _bound(row, facts, ports) for row in rows}
    document = Document(
        Tone.INFO,
        _headline(rows, namespace),
        facts=_facts(rows, facts, namespace),
        evidence=tuple(Evidence(str(row.ref), row.told + bound[row.ref], _age(row, facts)) for row in rows[:MOST]),
        unchecked=hidden,
        plan=plan(*(Step(Show(kind, namespace), "the same by hand") for kind in WORKLOADS if _any(rows, kind.name))),
        buttons=tuple(
            Button(f"Diagnose {row.ref.name}", "diagnose", f"{row.ref} -n {namespace}")
            for row in rows[:OFFERED]
            if row.state.broken
        ),
    )
    return Reply(
        document, namespace=namespace, data={"namespace": namespace, "workloads": [_data(one) for one in rows]}
    )


def _headline(rows: list[Row], namespace: str) -> str:
    if not rows:
        return f"Nothing runs in `{namespace}`: it has no workloads."
    counts = Counter(row.state for row in rows)
    told = ", ".join(f"{counts[state]} {state.word}" for state in sorted(counts))
    return f"{len(rows)} workload{'s' if len(rows) != 1 else ''} in `{namespace}`: {told}."


def _facts(rows: list[Row], facts: Facts, namespace: str) -> tuple[str, ...]:
    cut = [kind.plural for kind in WORKLOADS if continued(facts.answers[everything(kind, namespace)])]
    told = [f"there are more {', '.join(cut)} than I read"] if cut else []
    more = [f"and {len(rows) - MOST} more, none of them worse"] if len(rows) > MOST else []
    return (*told, *more)


def _bound(row: Row, facts: Facts, ports: Services) -> str:
    found = known_binding(ports, Workload(row.ref, row.object, Scene(row.ref, facts, ports)))
    return f" · built from {found.binding.repository}" if found else ""


def _age(row: Row, facts: Facts) -> str:
    return ago(facts.now, moment(text(row.object, "metadata", "creationTimestamp")))


def _any(rows: list[Row], kind: str) -> bool:
    return any(row.ref.kind == kind for row in rows)


def _data(row: Row) -> dict[str, object]:
    return {
        "kind": row.ref.kind,
        "name": row.ref.name,
        "state": row.state.word,
        "reason": row.reason,
        "ready": row.ready,
        "wanted": row.wanted,
        "images": list(row.images),
        "commit": row.commit,
        "services": list(row.services),
    }
