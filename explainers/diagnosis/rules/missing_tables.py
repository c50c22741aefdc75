"""Tables that a database does not have, and the Job that should have made them and failed (class 118).

The log of the one that asks names the table; what makes it is told by the name of a Job of the namespace, by what that
starts, or by the database that it calls as well.
"""

import json
import re
from collections.abc import Iterator

from explainers import kinds
from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.classes import cases
from explainers.diagnosis.consequences import told_causes
from explainers.diagnosis.logs.databases import missing_table
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.rules.databases import may_be_database
from explainers.diagnosis.views.addresses import addresses
from explainers.diagnosis.views.pods import Container, Json, condition, dicts, number, table, text
from explainers.diagnosis.views.runs import completed
from explainers.diagnosis.views.servers import is_server
from explainers.diagnosis.views.troubles import troubles
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.reads import Get, few
from explainers.patterns import pattern
from explainers.plan import Plan, Step

DEPTH = 3
"""How far a chain of what calls another is followed."""
_MIGRATES = pattern(
    r"migrat|flyway|liquibase|alembic|sqitch|dbmate|knex|prisma|schema|\bddl\b|(?:^|[-_/])(?:db|database)[-_](?:init|setup)"
    r"|(?:^|[-_/])init[-_](?:db|database)|create[-_ ]tables?",
    re.IGNORECASE,
)


def missing(case: Case) -> Iterator[Finding]:
    """118: what it asks its database for is not there, and a Job that should have made it has failed."""
    found = _asks_for(case) if len(case.trail) <= DEPTH else None
    if found is None:
        return
    container, name, said = found
    hosts = {one.host.partition(".")[0] for one in addresses(case) if may_be_database(one)}
    page = case.ask(few(kinds.JOB, case.namespace))[0]
    for job in (one for one in page.items if _fails(one)):
        ref = Ref(kinds.JOB.name, case.namespace, text(job, "metadata", "name"))
        if ref not in (*case.trail, case.workload_ref) and (by := _by(job, hosts)):
            yield _finding(case, container, name, said, job, ref, by)
            return


def _asks_for(case: Case) -> tuple[Container, str, Evidence] | None:
    """The container whose log tells of a missing table as its trouble, the table, and where that is said."""
    for container, said in troubles(case):
        if (name := missing_table(said.text)) and not is_server(case, container):
            return container, name, said
    return None


def _fails(job: Json) -> bool:
    """Whether a Job has failed for good, or tries again after a failure."""
    return not completed(job) and (bool(condition(job, "Failed")) or number(job, "status", "failed") > 0)


def _by(job: Json, hosts: set[str]) -> str:
    """How a Job shows that it makes the tables: by its name, by what it starts, or by the database that it calls."""
    name, spec = text(job, "metadata", "name"), table(job, "spec", "template", "spec")
    containers = [*dicts(spec, "initContainers"), *dicts(spec, "containers")]
    labels = " ".join(str(one) for one in table(job, "metadata", "labels").values())
    if _MIGRATES.search(name) or _MIGRATES.search(labels):
        return "by its name a migration"
    said = json.dumps([[one.get(key) for key in ("image", "command", "args", "env")] for one in containers])
    if _MIGRATES.search(said):
        return "by what it starts a migration"
    called = next((one for one in sorted(hosts) if pattern(rf"(?<![\w.-]){re.escape(one)}(?![\w-])").search(said)), "")
    return f"which calls `{called}` as well" if called else ""


def _finding(case: Case, container: Container, name: str, said: Evidence, job: Json, ref: Ref, by: str) -> Finding:
    from explainers.diagnosis.engine import findings_of  # the engine runs rules, this rule runs the engine

    why = next(iter(told_causes(findings_of(case.follow(ref)))), None)
    because = f": {why.clause}" if why else ""
    tries = "has failed" if condition(job, "Failed") else "fails so far"
    clause = (
        f"container `{container.name}` asks for the table `{name}`, which its database does not have, and Job "
        f"`{ref.name}`, {by}, {tries}{because}"
    )
    look = Step(Get(kinds.JOB, ref.namespace, ref.name), "what it runs: that has to succeed first")
    rows = why.evidence if why else (Evidence(str(ref), text(condition(job, "Failed"), "message") or tries),)
    return Finding(
        118, ref, Layer.DEPENDENCY, clause, (said, *rows), why.plan if why else Plan((look,)), Confidence.LIKELY,
        about=cases.NO_TABLE,
    )  # fmt: skip


RULES: tuple[Rule, ...] = (missing,)
