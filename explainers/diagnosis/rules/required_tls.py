"""Clients of a database that insist on TLS, which their server does not speak (class 11).

Source: https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION,
https://dev.mysql.com/doc/refman/8.4/en/connection-options.html#option_general_ssl-mode
"""

import re
from collections.abc import Iterator

from explainers import kinds
from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.classes import cases
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.plans.addresses import has_password
from explainers.diagnosis.plans.again import read_anew
from explainers.diagnosis.plans.made_again import UNCHANGEABLE, made_again
from explainers.diagnosis.views.addresses import addresses
from explainers.diagnosis.views.environment import Variable, environment
from explainers.diagnosis.views.pods import Container
from explainers.diagnosis.views.template import CHANGEABLE, steps_after
from explainers.diagnosis.views.troubles import troubles
from explainers.document import Evidence
from explainers.operations.patches import Patch
from explainers.operations.reads import Get
from explainers.operations.workloads import SetEnv
from explainers.patterns import pattern
from explainers.plan import Plan, Step

_SAYS_SO = pattern(
    r"server does not support SSL\b|SSL is not enabled on the server|server refused TLS connection"
    r"|SSL is required,? but the server does not support it|No SSL[- ]enabled connection from this host",
    re.IGNORECASE,
)
_SERVER_AT = pattern(r"server at \"([\w.-]+)\"|\bhost=([\w.-]+)")
_INSISTS = r"require|verify[-_]ca|verify[-_]full|required|verify_identity"
_NAMED = pattern(r"(?:^PG|_|^)SSL_?MODE$", re.IGNORECASE)
_WHOLE = pattern(rf"(?:{_INSISTS})", re.IGNORECASE)
_WITHIN = pattern(rf"\b(ssl-?mode)=({_INSISTS})(?![\w-])", re.IGNORECASE)


def insists_on_tls(case: Case) -> Iterator[Finding]:
    """11: the log says that the server speaks no TLS, and a variable says that there must be."""
    for container, said in troubles(case):
        if not _SAYS_SO.search(said.text):
            continue
        for one in environment(case, container.spec).values():
            mode = _mode(one)
            if mode:
                yield _finding(case, container, one, mode, said)
                return


def _mode(one: Variable) -> str:
    """How a variable says that TLS must be: `sslmode=require`; empty where it says no such thing."""
    value = one.value or ""
    if _NAMED.search(one.name) and _WHOLE.fullmatch(value):
        return value
    found = _WITHIN.search(value)
    return found[0] if found else ""


def _finding(case: Case, container: Container, one: Variable, mode: str, said: Evidence) -> Finding:
    ref, host = case.workload_ref or case.target, _server(case, one, said.text)
    server = f"the server `{host}`" if host else "the server that it calls"
    clause = f"`{one.name}` ({mode}) has it insist on TLS, and {server} speaks none"
    origin = f" ({one.origin})" if one.origin else ""
    rows = (said, Evidence(f"container {container.name}", f"{one.name}: {mode}{origin}"))
    why = f"let {server} speak TLS, which needs a certificate, or let `{one.name}` not insist on it"
    plan = Plan((Step(Get(ref.type, ref.namespace, ref.name), why),), _without(case, container, one, mode, said))
    return Finding(11, ref, Layer.NEEDS, clause, rows, plan, about=cases.INSISTS_ON_TLS)


def _server(case: Case, one: Variable, said: str) -> str:
    """The host that the line names, else that of the variable, else the only one that is called."""
    if found := _SERVER_AT.search(said):
        return found[1] or found[2]
    known = addresses(case) if case.template else []
    hosts = {each.host for each in known if each.variable == one.name} or {each.host for each in known}
    return hosts.pop() if len(hosts) == 1 else ""


def _without(case: Case, container: Container, one: Variable, mode: str, said: Evidence) -> tuple[Step, ...]:
    """The variable asking for TLS only where it is spoken: that is for the owner to decide."""
    ref, old = case.workload_ref, one.value or ""
    if ref is None or has_password(old):
        return ()
    less = _less(mode, said.text)
    new = old.replace(mode, mode.replace(mode.rpartition("=")[2], less))
    why = f"if what is sent need not be kept from others on the way: `{less}` in place of `{mode.rpartition('=')[2]}`"
    if one.origin.startswith("ConfigMap "):
        body, back = ({"data": {one.key: each}} for each in (new, old))
        change = Patch(kinds.CONFIG_MAP, case.namespace, one.origin.partition(" ")[2], body, "merge", back)
        return (Step(change, why), *read_anew(case, "let the pods read the changed value", "the calls succeed"))
    if one.origin:
        return ()
    if ref.type == kinds.JOB:
        side = "initContainers" if container.init else "containers"
        fields = {side: [{"name": container.name, "env": [{"name": one.name, "value": new}]}]}
        return made_again(case, fields, f"{why}; {UNCHANGEABLE}", "it completes")
    if ref.kind not in CHANGEABLE:
        return ()
    other = SetEnv(
        ref.type, ref.namespace, ref.name, container.name, ((one.name, new),), (), ((one.name, old),), container.init
    )
    return steps_after(case, other, why, "the calls succeed after the restart")


def _less(mode: str, said: str) -> str:
    """The mode that takes TLS where it is spoken, in the words of the client; Go's `pq` has none."""
    if "is not enabled on the server" in said:
        return "disable"
    return "PREFERRED" if mode.rpartition("=")[2].isupper() else "prefer"


RULES: tuple[Rule, ...] = (insists_on_tls,)
