"""Databases that a server does not have (class 52): which value asks for it, and what the server was made with.

The log says that the name is unknown, not whether the client or the server is wrong: both sides are told.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.logs.databases import cut_database, missing_database
from explainers.diagnosis.logs.lines import clean, lines_of
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.plans.databases import ask_for, look, there, without_end
from explainers.diagnosis.plans.line_ends import trimmed
from explainers.diagnosis.rules.line_ends import ends_in
from explainers.diagnosis.views.addresses import Address, addresses, service_of
from explainers.diagnosis.views.calls import log_name
from explainers.diagnosis.views.endings import blame, in_trouble, last_log, source_of
from explainers.diagnosis.views.environment import Variable, environment
from explainers.diagnosis.views.pods import Container, words
from explainers.diagnosis.views.servers import DATABASES, made_with, place
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.patterns import pattern
from explainers.plan import Plan

LAST = 30
"""Lines at the end of a log that are searched."""
_PORTS = frozenset({1433, 3306, 5432, 6432, 8123, 9000, 26257})
_SERVER_AT = pattern(r"server at \"([\w.-]+)\"")
_SCHEME = pattern(r"^(?:postgres|mysql|mariadb|sqlserver|clickhouse|cockroach)")
_FOR_NAMES = pattern(r"DB|DATABASE|SCHEMA|CATALOG", re.IGNORECASE)
_FOR_OTHERS = pattern(r"HOST|PORT|PASS|PWD|USER|ADDR|TIMEOUT|POOL", re.IGNORECASE)
_FOR_URLS = pattern(r"URL|URI|DSN|CONN", re.IGNORECASE)


def unknown_database(case: Case) -> Iterator[Finding]:
    """52: what it calls answers, and has no database of the name that it asks for."""
    restless = (pod for pod in case.pods if any(in_trouble(case, one) for one in pod.containers))
    for pod in case.unready_pods[:1] or list(restless)[:1]:
        for container in (one for one in pod.containers if one.ran and (not one.ready or in_trouble(case, one))):
            ended = bool(container.last_end) and in_trouble(case, container)
            log = (last_log(case, container) if ended else case.log(container)).text
            lines = lines_of(log)[-LAST:]
            line = next((each for each in reversed(lines) if missing_database(each)), "")
            pairs = [f"{one}\n{two}" for one, two in pairwise([*lines, ""]) if cut_database(f"{one}\n{two}")]
            if pairs:
                said = clean(pairs[-1].replace("\n", "\\n"))
                source = source_of(case, container, clean(pairs[-1].split("\n")[0])) if ended else log_name(container)
                yield _cut(case, container, cut_database(pairs[-1]), Evidence(source, said))
                return
            if line:
                source = source_of(case, container, clean(line)) if ended else log_name(container)
                yield from _told(case, container, missing_database(line), Evidence(source, clean(line)))
                return


def _told(case: Case, container: Container, name: str, said: Evidence) -> Iterator[Finding]:
    have = environment(case, container.spec)
    if any(one in have for one in DATABASES):
        return  # a server's own log complains of its clients
    held, service = _held(have, name), _server(case, container, name)
    if not (held or service or _in_words(container, name)):
        return
    service = service or _named(case, said.text)
    made = made_with(case, service, (*DATABASES, "POSTGRES_USER")) if service else None
    by = f"`{service.name}`" if service else "the server"
    clause = f"container `{container.name}` asks for the database `{name}`, which {by} does not have"
    clause += f"; the name is in {_where(held)}" if held else "; its command line names it" if _in_words(
        container, name
    ) else ""  # fmt: skip
    rows, right = [said], (made.value or "") if made else ""
    if made:
        told = f"`{made.name}={right}`" if right and not made.origin else place(made)
        told += f", which says `{right}`" if right and made.origin else ""
        clause += f"; {by} was made with {told}"
        clause += ", which makes it only where the data folder is empty" if right == name else ""
        rows.append(Evidence(f"service {by.strip('`')}", f"its pods have {told.replace('`', '')}"))
    ref = blame(case, container.pod)
    steps = ask_for(case, container, held, name, right) if right not in ("", name) else ()
    seen = look(case, ref, held, name)
    has = there(case, service, made.name) if service and made else ()
    plan = Plan(steps, (seen, *has)) if steps and nearest_one(name, [right]) else Plan((seen,), (*steps, *has))
    yield Finding(52, ref, Layer.NEEDS, clause, tuple(rows), plan, Confidence.LIKELY)


def _cut(case: Case, container: Container, name: str, said: Evidence) -> Finding:
    """What is asked for is no other database: something that one hardly sees ends its name."""
    held = _held(environment(case, container.spec), name)
    clause = (
        f"container `{container.name}` asks for a database whose name ends in a line break or a blank after `{name}`, "
        f"which the server does not have{f'; the name is in {_where(held)}' if held else ''}"
    )
    ref = blame(case, container.pod)
    steps = trimmed(case, container, held) if held and ends_in(held.value) else ()
    plan = Plan(steps or (without_end(case, ref, held),))
    return Finding(52, ref, Layer.NEEDS, clause, (said,), plan, Confidence.SURE)


def _where(held: Variable) -> str:
    if held.value is None:
        return f"{place(held)}, whose value is not read"
    return place(held) if held.origin else f"the variable `{held.name}`"


def _held(have: dict[str, Variable], name: str) -> Variable | None:
    """The variable that holds the name of the database, the likeliest first: one that is this name, one whose URL or
    connection string asks for it, one that is probably filled from a Secret with it."""
    asks = pattern(rf"(?://.*/|\b(?:dbname|database|initial catalog)\s*=\s*){re.escape(name)}(?=[?;&\s]|$)", re.I)
    ranks = (
        lambda one: one.value == name and _FOR_NAMES.search(one.name),
        lambda one: one.value and asks.search(one.value),
        lambda one: one.value == name,
        lambda one: one.value is None and _FOR_NAMES.search(one.name) and not _FOR_OTHERS.search(one.name),
        lambda one: one.value is None and _FOR_URLS.search(one.name),
    )
    return next((one for fits in ranks for one in have.values() if fits(one)), None)


def _in_words(container: Container, name: str) -> bool:
    said = [*words(container.spec, "command"), *words(container.spec, "args")]
    return any(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", one) for one in said)


def _server(case: Case, container: Container, name: str) -> Ref | None:
    """The Service that it asks: the one whose address names the database, else the only one that may be a database."""
    own = [one for one in addresses(case) if one.container == container.name]
    likely = [one for one in own if name in one.value] or [one for one in own if may_be_database(one)] or own
    meant = {service_of(one.host, case.namespace) for one in likely}
    found = next(iter(meant)) if len(meant) == 1 else None
    return Ref("Service", found[1], found[0]) if found else None


def _named(case: Case, line: str) -> Ref | None:
    """The Service whose name stands in the line itself, as libpq writes it."""
    host = _SERVER_AT.search(line)
    meant = service_of(host[1], case.namespace) if host else None
    known = meant is not None and case.service(*meant).ok
    return Ref("Service", meant[1], meant[0]) if meant and known else None


def may_be_database(one: Address) -> bool:
    """Whether an address may be that of a database, by its port, scheme or variable."""
    named = _FOR_NAMES.search(one.variable) or one.variable.upper().startswith(("PG", "MYSQL"))
    return one.port in _PORTS or bool(_SCHEME.search(one.scheme)) or bool(named)


RULES: tuple[Rule, ...] = (unknown_database,)
