"""Ingresses: a backend that is not there (classes 20, 21, 28), or the fault of the service behind it.

An Ingress only passes requests on: its services are diagnosed like any target, and what is wrong there is its cause.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from explainers import kinds
from explainers.diagnosis.case import Case, Rule, names
from explainers.diagnosis.consequences import told_causes
from explainers.diagnosis.facts import at_once
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.views.named import some_of
from explainers.diagnosis.views.pods import Json, dicts, dig, table, text
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.patches import Patch
from explainers.operations.reads import Get
from explainers.plan import Plan, Step

MOST = 5
"""Services behind one Ingress that are looked into, at most."""


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


def backend_absent(case: Case) -> Iterator[Finding]:
    """20, 21, 28: a Service that does not exist, or has no such port. No probe of what is behind has to tell that."""
    read = {one.service for one in _backends(case)}
    if not read:
        return
    alike: dict[tuple[str, int | str], list[Backend]] = {}
    for one in backends(case.object):
        if one.service in read:
            absent = case.get(kinds.SERVICE, one.service).absent
            alike.setdefault((one.service, "" if absent else one.port), []).append(one)
    for same in alike.values():
        answer, port = case.get(kinds.SERVICE, same[0].service), same[0].port
        ports = dicts(answer.object, "spec", "ports")
        if answer.absent:
            yield _no_service(case, same)
        elif answer.ok and ports and not any(port in (one.get("port"), one.get("name")) for one in ports):
            yield _no_port(case, same, ports)


def behind_ingress(case: Case) -> Iterator[Finding]:
    """Every class of the services behind: what an Ingress passes requests to."""
    there = [one for one in _backends(case) if case.get(kinds.SERVICE, one.service).ok]
    yield from at_once(partial(_of_service, case, backend) for backend in there)


def _backends(case: Case) -> list[Backend]:
    """The first backend of each Service of an Ingress that was asked about; the Services are read together."""
    if case.target.kind != kinds.INGRESS.name:
        return []
    found = {one.service: one for one in reversed(backends(case.object))}
    first = list(found.values())[::-1][:MOST]
    case.ask(*(Get(kinds.SERVICE, case.namespace, one.service) for one in first))
    return first


def _routes(same: list[Backend]) -> str:
    more = len(same) - 1
    return f"`{same[0].route}`" + (f" and {more} other route{'s' if more > 1 else ''}" if more else "")


def _no_service(case: Case, same: list[Backend]) -> Finding:
    backend = same[0]
    there = names(case.namespace_services)
    near = nearest_one(backend.service, there)
    clause = f"it sends {_routes(same)} to service `{backend.service}`, which does not exist"
    seen = (
        Evidence(str(case.target), f"{backend.route} goes to {backend.service}:{backend.port}"),
        Evidence(f"services in {case.namespace}", f"{some_of(sorted(there))}; no {backend.service}"),
    )
    number = 28 if backend.default else 20
    if not near:
        return Finding(number, case.target, Layer.INGRESS, clause, seen)
    changes = [(f"{one.place}/name", near, backend.service) for one in same]
    plan = _replace(case, changes, f"send it to `{near}`")
    return Finding(number, case.target, Layer.INGRESS, f"{clause}; the nearest is `{near}`", seen, plan)


def _no_port(case: Case, same: list[Backend], ports: list[Json]) -> Finding:
    backend = same[0]
    told = ", ".join(f"`{one.get('port')}`" + (f" ({one['name']})" if one.get("name") else "") for one in ports)
    clause = f"it sends {_routes(same)} to port `{backend.port}` of service `{backend.service}`, which has only {told}"
    seen = (
        Evidence(str(case.target), f"{backend.route} goes to {backend.service}:{backend.port}"),
        Evidence(f"service {backend.service}", f"ports {told}".replace("`", "")),
    )
    was, has = {"number" if isinstance(backend.port, int) else "name": backend.port}, {"number": ports[0].get("port")}
    changes = [(f"{one.place}/port", has, was) for one in same]
    plan = _replace(case, changes, f"send it to a port that `{backend.service}` has")
    return Finding(21, case.target, Layer.INGRESS, clause, seen, plan)


def _replace(case: Case, changes: list[tuple[str, Any, Any]], why: str) -> Plan:
    """Put something else at each of these places: what is new there, and what was."""
    body = [{"op": "replace", "path": path, "value": new} for path, new, _ in changes]
    back = [{"op": "replace", "path": path, "value": old} for path, _, old in changes]
    change = Patch(kinds.INGRESS, case.namespace, case.target.name, body, "json", back)
    return Plan((Step(change, why, "the ingress controller takes it over within a few seconds"),))


def _of_service(case: Case, backend: Backend) -> Iterator[Finding]:
    from explainers.diagnosis.engine import findings_of  # the engine runs rules, this rule runs the engine
    from explainers.diagnosis.health import health

    inner = case.follow(Ref("Service", case.namespace, backend.service))
    found, state = findings_of(inner), health(inner)
    causes = told_causes(found)
    how = "has a fault" if state.good else state.state
    row = Evidence(str(case.target), f"{backend.route} goes to {backend.service}:{backend.port}")
    for one in causes:
        if one is causes[0] or (one.confidence is Confidence.SURE and one.layer == causes[0].layer):
            clause = f"service `{backend.service}` behind it {how}: {one.clause}"
            yield replace(one, clause=clause, evidence=(row, *one.evidence), benign=False)


RULES: tuple[Rule, ...] = (backend_absent, behind_ingress)
