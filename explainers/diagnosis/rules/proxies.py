"""Calls that a proxy variable sends to a host outside the cluster which does not answer (class 38).

A proxy that is a Service of the cluster is looked at like any call. Which variables programs read:
https://docs.python.org/3/library/urllib.request.html#urllib.request.getproxies and
https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config
"""

import re
from collections.abc import Iterator, Sequence

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.classes import cases
from explainers.diagnosis.logs.connections import Connection, Failure
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans.proxies import around
from explainers.diagnosis.rules.addresses import writer
from explainers.diagnosis.views.addresses import Address, addresses, service_of
from explainers.diagnosis.views.calls import NAMES, Call, suspected_calls
from explainers.diagnosis.views.environment import environment
from explainers.diagnosis.views.pods import dicts, text
from explainers.document import Evidence
from explainers.patterns import pattern

_PROXY = pattern(r"(?P<scheme>https?|all)_proxy", re.IGNORECASE)
_BYPASS = pattern(r"no_proxy", re.IGNORECASE)
_HOW = {
    Failure.NXDOMAIN: "a name that does not exist",
    Failure.NO_DNS: "a name that cannot be looked up",
    Failure.REFUSED: "which refuses connections",
    Failure.TIMEOUT: "which does not answer",
}


def proxy_out_of_reach(case: Case) -> Iterator[Finding]:
    """38: the log says that the proxy is not reached; or that some name is not found, and only the proxy's can be."""
    for call in suspected_calls(case):
        said, proxy = call.complaint, call.address
        if said is None or call.name or not _PROXY.fullmatch(proxy.variable):
            continue
        inside = _called_inside(case, proxy)
        if said.host == proxy.host:
            yield _finding(case, call, said, inside, Confidence.SURE)
        elif inside and said.failure in NAMES and not said.host and _all_inside(case):
            yield _finding(case, call, said, inside, Confidence.LIKELY)


def _called_inside(case: Case, proxy: Address) -> list[Address]:
    """What the same container calls through this proxy though it is a Service, each host once."""
    kind, by_host = _PROXY.fullmatch(proxy.variable), dict[str, Address]()
    past = _bypassed(case, proxy.container)
    for one in addresses(case):
        through = one.scheme in ("http", "https") and kind and kind["scheme"].lower() in ("all", one.scheme)
        mine = one.container == proxy.container and not _PROXY.fullmatch(one.variable)
        if through and mine and not _passes(one.host, past) and _is_service(case, one.host):
            by_host.setdefault(one.host, one)
    return list(by_host.values())


def _all_inside(case: Case) -> bool:
    """Whether all that the target is told to call is there, but for proxies."""
    return all(_PROXY.fullmatch(one.variable) or _is_service(case, one.host) for one in addresses(case))


def _is_service(case: Case, host: str) -> bool:
    meant = service_of(host, case.namespace)
    return meant is not None and case.service(*meant).ok


def _bypassed(case: Case, container: str) -> list[str]:
    """What the container is told to call without a proxy."""
    spec = next((one for one in dicts(case.template, "spec", "containers") if text(one, "name") == container), {})
    told = [one.value or "" for one in environment(case, spec).values() if _BYPASS.fullmatch(one.name)]
    return [word.lower().lstrip("*.") for value in told for word in re.split(r"[,\s]+", value) if word]


def _passes(host: str, past: Sequence[str]) -> bool:
    return any(one == "" or host == one or host.endswith(f".{one}") for one in past)


def _finding(case: Case, call: Call, said: Connection, inside: Sequence[Address], sure: Confidence) -> Finding:
    proxy = call.address
    where = f"{proxy.host}:{proxy.port}" if proxy.port else proxy.host
    clause = f"`{proxy.variable}` sends its calls through `{where}`, {_HOW.get(said.failure, 'which is not reached')}"
    if inside:
        names = " and ".join(f"`{one.host}`" for one in inside)
        clause += f"; the calls to {names} go there too, though they stay in the cluster"
    services = (Evidence(f"service {one.host}", f"is there; {one.where} calls it") for one in inside)
    plan = around(case, proxy, [one.host for one in inside])
    evidence = (*call.evidence, *services)
    return Finding(38, writer(case, call), Layer.NEEDS, clause, evidence, plan, sure, about=cases.PROXY)


RULES: tuple[Rule, ...] = (proxy_out_of_reach,)
