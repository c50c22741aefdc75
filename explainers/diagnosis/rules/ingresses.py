"""Ingresses: a backend that is not there (classes 20, 21, 28), or the fault of the service behind it.

An Ingress only passes requests on: its services are diagnosed like any target, and what is wrong there is its cause.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from explainers import kinds
from explainers.diagnosis.case import Case, Rule, names
from explainers.diagnosis.facts import at_once
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.views.pods import Json, dicts, dig, table, text
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.patches import Patch
from explainers.operations.reads import Get
from explainers.plan import Plan, Step

MOST = 5
"""Services behind one Ingress that are looked into, at most."""
SCALED_TO_ZERO = 4


@dataclass(frozen=True)
class Backend:
    """Where an Ingress sends what: `place` is the JSON pointer of the backend, `route` its host and path."""

    service: str
    port: int | str
    place: str
    route: str
    default: bool = False


def backends(ingress: Json) -> list[Backend]:
    """The services that an Ingress names, in its order; other resources as backends are left out."""
    found = [_backend(table(ingress, "spec", "defaultBackend"), "/spec/defaultBackend", "everything else", True)]
    for i, rule in enumerate(dicts(ingress, "spec", "rules")):
        for j, path in enumerate(dicts(rule, "http", "paths")):
            route = f"{text(rule, 'host') or '*'}{text(path, 'path')}"
            found.append(_backend(table(path, "backend"), f"/spec/rules/{i}/http/paths/{j}/backend", route))
    return [one for one in found if one.service]


def _backend(backend: Json, place: str, route: str, default: bool = False) -> Backend:
    port = dig(backend, "service", "port", "number") or text(backend, "service", "port", "name")
    return Backend(text(backend, "service", "name"), port, f"{place}/service", route, default)


def behind_ingress(case: Case) -> Iterator[Finding]:
    """20, 21, 28 and every class of the services behind: what an Ingress passes requests to."""
    if case.target.kind != kinds.INGRESS.name:
        return
    found = {one.service: one for one in reversed(backends(case.object))}
    case.facts.want(*(Get(kinds.SERVICE, case.namespace, name) for name in found))
    yield from at_once(partial(_judged, case, backend) for backend in list(found.values())[::-1][:MOST])


def _judged(case: Case, backend: Backend) -> Iterator[Finding]:
    answer = case.get(kinds.SERVICE, backend.service)
    if answer.absent:
        yield _no_service(case, backend)
        return
    ports = dicts(answer.object, "spec", "ports")
    if answer.ok and ports and not any(backend.port in (one.get("port"), one.get("name")) for one in ports):
        yield _no_port(case, backend, ports)
    if answer.ok:
        yield from _of_service(case, backend)


def _no_service(case: Case, backend: Backend) -> Finding:
    there = names(case.namespace_services)
    near = nearest_one(backend.service, there)
    clause = f"it sends `{backend.route}` to service `{backend.service}`, which does not exist"
    seen = (
        Evidence(str(case.target), f"{backend.route} goes to {backend.service}:{backend.port}"),
        Evidence(f"services in {case.namespace}", f"{', '.join(sorted(there)[:6]) or 'none'}; no {backend.service}"),
    )
    number = 28 if backend.default else 20
    if not near:
        return Finding(number, case.target, Layer.INGRESS, clause, seen)
    plan = _replace(case, f"{backend.place}/name", near, backend.service, f"send it to `{near}`")
    return Finding(number, case.target, Layer.INGRESS, f"{clause}; the nearest is `{near}`", seen, plan)


def _no_port(case: Case, backend: Backend, ports: list[Json]) -> Finding:
    told = ", ".join(f"`{one.get('port')}`" + (f" ({one['name']})" if one.get("name") else "") for one in ports)
    clause = (
        f"it sends `{backend.route}` to port `{backend.port}` of service `{backend.service}`, which has only {told}"
    )
    seen = (
        Evidence(str(case.target), f"{backend.route} goes to {backend.service}:{backend.port}"),
        Evidence(f"service {backend.service}", f"ports {told}".replace("`", "")),
    )
    was = {"number" if isinstance(backend.port, int) else "name": backend.port}
    why = f"send it to a port that `{backend.service}` has"
    plan = _replace(case, f"{backend.place}/port", {"number": ports[0].get("port")}, was, why)
    return Finding(21, case.target, Layer.INGRESS, clause, seen, plan)


def _replace(case: Case, path: str, new: Any, old: Any, why: str) -> Plan:
    body, back = ([{"op": "replace", "path": path, "value": value}] for value in (new, old))
    change = Patch(kinds.INGRESS, case.namespace, case.target.name, body, "json", back)
    return Plan((Step(change, why, "the ingress controller takes it over within a few seconds"),))


def _of_service(case: Case, backend: Backend) -> Iterator[Finding]:
    from explainers.diagnosis.engine import findings_of  # the engine runs rules, this rule runs the engine
    from explainers.diagnosis.health import health

    inner = case.follow(Ref("Service", case.namespace, backend.service))
    found, state = findings_of(inner), health(inner)
    causes = [
        one
        for one in found
        if one.confidence is not Confidence.POSSIBLE and (not one.benign or (one.number == SCALED_TO_ZERO))
    ]
    if causes:
        how = "has a fault" if state.good else state.state
        row = Evidence(str(case.target), f"{backend.route} goes to {backend.service}:{backend.port}")
        clause = f"service `{backend.service}` behind it {how}: {causes[0].clause}"
        yield replace(causes[0], clause=clause, evidence=(row, *causes[0].evidence), benign=False)


RULES: tuple[Rule, ...] = (behind_ingress,)
