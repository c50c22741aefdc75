"""Calls by plain HTTP of a port that speaks TLS (class 11): each is answered with 400.

The caller's log says no more than that, so the port must show that it is one of TLS: by what the server tells of it, or
by its name, its number, or the configuration that opens it.
"""

import json
import re
from collections.abc import Iterator

from explainers import kinds
from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.classes import cases
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.views.addresses import Address, addresses, service_of
from explainers.diagnosis.views.calls import Call
from explainers.diagnosis.views.configured_ports import mounted_maps
from explainers.diagnosis.views.pods import Json, Pod, dicts, table, text
from explainers.diagnosis.views.ports import declared, resolved, service_ports
from explainers.diagnosis.views.troubles import troubles
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.reads import Get
from explainers.patterns import Pattern, pattern
from explainers.plan import Plan, Step

_SAYS_SO = pattern(r"plain HTTP request was sent to HTTPS port|sent an HTTP request to an HTTPS server", re.IGNORECASE)
"""nginx and Go, in the body of their answer."""
_BAD = pattern(r"(?<![\d.:])400\b.{0,3}Bad Request|HTTP Error 400\b|status(?:[ _]?code)?\W{1,3}400\b", re.IGNORECASE)
_CALLED = pattern(r"\bhttp://(?P<host>[a-z0-9][\w.-]*)(?::(?P<port>\d{1,5}))?", re.IGNORECASE)
_HTTP, _HTTPS = 80, 443
_TLS = pattern(r"https|tls|ssl", re.IGNORECASE)


def speaks_tls(case: Case) -> Iterator[Finding]:
    """11: the log is nothing but 400, and what is called is a port of TLS."""
    for _, said in troubles(case):
        told = _SAYS_SO.search(said.text) is not None
        address = _meant(case, said.text) if told or _BAD.search(said.text) else None
        meant = service_of(address.host, case.namespace) if address else None
        if address is None or meant is None or not case.service(*meant).ok:
            continue
        name, namespace = meant
        sign = _sign(case, Ref(kinds.SERVICE.name, namespace, name), address.port or _HTTP)
        if sign or told:
            yield _finding(case, Call(address, name, namespace), said, sign)
            return


def _meant(case: Case, line: str) -> Address | None:
    """The address that is called by plain HTTP: that of the line, as it is written for the container if it is there."""
    found = _CALLED.search(line)
    known = [one for one in addresses(case) if one.scheme == "http"]
    if found is None:
        return known[0] if len({one.host for one in known}) == 1 else None
    host = found["host"].lower()
    same = next((one for one in known if one.host == host), None)
    return same or Address(host, int(found["port"] or _HTTP), "http", "", line)


def _sign(case: Case, ref: Ref, called: int) -> Evidence | None:
    """What shows that the port behind a Service to which calls go is one of TLS."""
    inner = case.follow(ref)
    port = next((one for one in service_ports(inner.object) if one.port == called), None)
    if port is None or not inner.template:
        return None
    pod = next((one for one in inner.pods if one.whole), Pod(inner.template))
    target = resolved(port, pod.spec)
    names = [one.name for one in declared(pod.spec) if one.number == target]
    protocol = text(dicts(inner.object, "spec", "ports")[port.index], "appProtocol")
    named = next((one for one in (port.name, str(port.target), protocol, *names) if _TLS.search(one)), "")
    where = Evidence(f"service {ref.name}", f"port {called} leads to {target}{f' ({named})' if named else ''}")
    opened = _opened(inner, pod, target)
    return opened or (where if named or target % 1000 == _HTTPS else None)


def _opened(inner: Case, pod: Pod, target: int) -> Evidence | None:
    """Where a mounted ConfigMap or a command line says `listen 8443 ssl`."""
    listens = pattern(rf"\blisten\s+(?:\S+:)?{target}\s+(?:\w+\s+)*ssl\b")
    for container in pod.main_containers:
        for name, thing in mounted_maps(inner, container).items():
            if found := _found(listens, table(thing, "data")):
                return Evidence(f"configmap {name}", found)
        if found := _found(listens, {key: container.spec.get(key) for key in ("command", "args")}):
            return Evidence(str(inner.workload_ref or inner.target), f"container {container.name}: {found}")
    return None


def _found(listens: Pattern, said: Json) -> str:
    found = listens.search(json.dumps(said))
    return found[0] if found else ""


def _finding(case: Case, call: Call, said: Evidence, sign: Evidence | None) -> Finding:
    address, ref = call.address, case.workload_ref or case.target
    where = f"{address.host}:{address.port}" if address.port else address.host
    by = f"`{address.variable}` has it call" if address.variable else "it calls"
    shows = f" ({sign.text})" if sign else ""
    clause = f"{by} `{where}` by plain HTTP and is answered with 400: what answers there speaks TLS{shows}"
    why = (
        f"where `{where}` is called: `https://` has to stand there, with the CA of its certificate trusted; or let the "
        "service lead to a port of plain HTTP"
    )
    rows = (said, *call.evidence, *((sign,) if sign else ()))
    plan = Plan((Step(Get(ref.type, ref.namespace, ref.name), why),))
    return Finding(11, ref, Layer.NEEDS, clause, rows, plan, Confidence.LIKELY, about=cases.SPEAKS_TLS)


RULES: tuple[Rule, ...] = (speaks_tls,)
