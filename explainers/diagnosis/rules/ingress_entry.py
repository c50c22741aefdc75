"""Ingresses that nobody serves, or not as they say: class, certificate, the same route twice (classes 22–25, 27)."""

from collections.abc import Iterator
from datetime import timedelta

from explainers import kinds
from explainers.diagnosis.case import Case, Rule, names
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.plans.config import keys_of
from explainers.diagnosis.views.named import named
from explainers.diagnosis.views.pods import Json, dicts, dig, table, text, words
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.patches import Patch
from explainers.operations.reads import Get, GetMetadata, List
from explainers.plan import Plan, Step

_OLD = "kubernetes.io/ingress.class"
"""The annotation that named the class before there was a field for it; controllers still honour it."""
_DEFAULT = "ingressclass.kubernetes.io/is-default-class"
_ISSUERS = ("cert-manager.io/issuer", "cert-manager.io/cluster-issuer", "kubernetes.io/tls-acme")
_READ = {"tls.crt", "tls.key"}
TAKEN_UP = timedelta(minutes=2)
"""So long a controller may take to write its address into an Ingress."""
_CLASSES = Step(List(kinds.INGRESS_CLASS, ""), "see which controller should take it up, then look for its pods")
_PODS = Step(List(kinds.POD, "", metadata_only=True), "see whether the pods of an ingress controller are among them")


def nobody_serves(case: Case) -> Iterator[Finding]:
    """22: the class does not exist, or none is named and none is the default. 23, as a remark: one may serve it, and
    no controller has written an address.

    An address shows that somebody serves it. The old annotation needs no IngressClass, and where a cluster has none at
    all, its controller may take what names none. Whom nobody serves no request reaches, so this lies below whatever
    else is wrong on its way.
    """
    if case.target.kind != kinds.INGRESS.name or not case.object:
        return
    ingress = case.object
    wanted, old = text(ingress, "spec", "ingressClassName"), text(ingress, "metadata", "annotations", _OLD)
    if dicts(ingress, "status", "loadBalancer", "ingress"):
        return
    if old and not wanted:
        yield from _untaken(case, f"no controller of the class `{old}`", _PODS)
        return
    every = case.find(kinds.INGRESS_CLASS)
    there = sorted(names(every.items))
    if not every.ok:
        return
    if wanted and wanted not in there:
        yield _no_class(case, wanted, there)
    elif not wanted and not there:
        yield from _untaken(case, "it names no ingress class, this cluster has none, and no controller", _PODS)
    elif not wanted and not any(_is_default(one) for one in every.items):
        yield _unnamed(case, there)
    else:
        yield from _untaken(case, f"no controller of {f'the class `{wanted}`' if wanted else 'the default class'}")


def _is_default(one: Json) -> bool:
    return text(one, "metadata", "annotations", _DEFAULT) == "true"


def _told(there: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in there[:4]) if there else "none"


def _no_class(case: Case, wanted: str, there: list[str]) -> Finding:
    near = nearest_one(wanted, there) or (there[0] if len(there) == 1 else "")
    clause = (
        f"it asks for the ingress class `{wanted}`, which does not exist, so no controller serves it "
        f"(there is {_told(there)})"
    )
    seen = (
        Evidence(str(case.target), f"spec.ingressClassName {wanted}"),
        Evidence("ingressclasses", f"{', '.join(there[:6]) or 'none'}; no {wanted}"),
    )
    return Finding(22, case.target, Layer.CLUSTER, clause, seen, _named(case, near, wanted))


def _unnamed(case: Case, there: list[str]) -> Finding:
    clause = (
        f"it names no ingress class and none is the default, so no controller takes it up (there is {_told(there)})"
    )
    seen = (
        Evidence(str(case.target), "spec.ingressClassName is not set"),
        Evidence("ingressclasses", f"{', '.join(there[:6]) or 'none'}; none is the default"),
    )
    plan = _named(case, there[0] if len(there) == 1 else "", None)
    return Finding(22, case.target, Layer.CLUSTER, clause, seen, plan, Confidence.LIKELY)


def _named(case: Case, name: str, was: str | None) -> Plan:
    look = Step(List(kinds.INGRESS_CLASS, ""), "see the classes that this cluster has, and their controllers")
    if not name:
        return Plan((look,))
    body, back = ({"spec": {"ingressClassName": value}} for value in (name, was))
    change = Patch(kinds.INGRESS, case.namespace, case.target.name, body, "merge", back)
    return Plan((Step(change, f"have the controller of `{name}` serve it", "it gets an address within a minute"), look))


def _untaken(case: Case, nobody: str, look: Step = _CLASSES) -> Iterator[Finding]:
    made = moment(dig(case.object, "metadata", "creationTimestamp"))
    if made is None or case.now - made < TAKEN_UP:
        return
    clause = f"{nobody} has written an address into it: see whether one runs"
    seen = (Evidence(str(case.target), "status.loadBalancer is empty", ago(case.now, made)),)
    yield Finding(23, case.target, Layer.INGRESS, clause, seen, Plan((look,)), Confidence.POSSIBLE, made, benign=True)


def no_certificate(case: Case) -> Iterator[Finding]:
    """24: the Secret with the certificate does not exist; 25: it has other keys than controllers read. They then show a
    certificate of their own, which no client trusts. Requests get through for all that, so what stops them goes first.
    """
    if case.target.kind != kinds.INGRESS.name:
        return
    entries = {name: one for one in dicts(case.object, "spec", "tls") if (name := text(one, "secretName"))}
    answers = case.ask(*(GetMetadata(kinds.SECRET, case.namespace, name) for name in entries))
    for (name, entry), answer in zip(entries.items(), answers, strict=True):
        if answer.absent:
            yield _without_secret(case, name, entry)
        elif answer.ok and (keys := keys_of(answer.object)) and not keys >= _READ:
            yield _other_keys(case, name, entry, keys)


def _other_keys(case: Case, name: str, entry: Json, keys: set[str]) -> Finding:
    lacks = " and ".join(f"`{key}`" for key in sorted(_READ - keys))
    clause = (
        f"the Secret `{name}` with the certificate for {_hosts(entry)} has no {lacks}, where controllers look for it, "
        "so clients get one that they do not trust"
    )
    seen = (
        Evidence(str(case.target), f"spec.tls names the Secret {name}"),
        Evidence(f"secret {name}", f"its keys: {', '.join(sorted(keys))}"),
    )
    look = GetMetadata(kinds.SECRET, case.namespace, name)
    why = "see who wrote it; it has to be made anew as a Secret of the type `kubernetes.io/tls`"
    secret = Ref(kinds.SECRET.name, case.namespace, name)
    return Finding(25, secret, Layer.INGRESS, clause, seen, Plan((Step(look, why),)))


def _hosts(entry: Json) -> str:
    return ", ".join(f"`{host}`" for host in words(entry, "hosts")[:3]) or "its hosts"


def _without_secret(case: Case, name: str, entry: Json) -> Finding:
    near = nearest_one(name, named(case, kinds.SECRET) or ())
    notes = table(case.object, "metadata", "annotations")
    issuer = next((key for key in _ISSUERS if key in notes), "")
    waits = f"; `{issuer}` asks for one to be made, which has not happened" if issuer else ""
    instead = f"; the nearest is `{near}`" if near and not issuer else ""
    clause = (
        f"the certificate for {_hosts(entry)} should be in the Secret `{name}`, which does not exist, so clients get "
        f"one that they do not trust{waits}{instead}"
    )
    seen = (
        Evidence(str(case.target), f"spec.tls names the Secret {name}"),
        Evidence(f"secret {name}", f"does not exist in {case.namespace}"),
    )
    secret = Ref(kinds.SECRET.name, case.namespace, name)
    return Finding(24, secret, Layer.INGRESS, clause, seen, _certificate(case, name, near, issuer))


def _certificate(case: Case, name: str, near: str, issuer: str) -> Plan:
    if near and not issuer:
        entries = dicts(case.object, "spec", "tls")
        place = next(i for i, one in enumerate(entries) if text(one, "secretName") == name)
        path = f"/spec/tls/{place}/secretName"
        body, back = ([{"op": "replace", "path": path, "value": value}] for value in (near, name))
        change = Patch(kinds.INGRESS, case.namespace, case.target.name, body, "json", back)
        return Plan((Step(change, f"use `{near}`, if that is what was meant", "clients see its certificate"),))
    if issuer:
        look = Get(kinds.INGRESS, case.namespace, case.target.name)
        return Plan(
            (Step(look, "see the issuer's annotation, then the Certificate and Order that it should have led to"),)
        )
    look_in = List(kinds.SECRET, case.namespace, fields="type=kubernetes.io/tls", metadata_only=True)
    return Plan((Step(look_in, "see which certificates there are; else make a Secret of that type and name"),))


def same_route(case: Case) -> Iterator[Finding]:
    """27: another Ingress of the namespace claims the same host and path; which one wins is up to the controller."""
    if case.target.kind != kinds.INGRESS.name or not case.object:
        return
    mine = _routes(case.object)
    for other in sorted(case.find(kinds.INGRESS).items, key=lambda one: text(one, "metadata", "name")):
        name = text(other, "metadata", "name")
        if name == case.target.name or _class_of(other) != _class_of(case.object):
            continue
        theirs = _routes(other)
        clash = next((route for route in mine if route in theirs and mine[route] != theirs[route]), None)
        if clash:
            yield _clash(case, name, clash, mine[clash], theirs[clash])


def _class_of(ingress: Json) -> str:
    return text(ingress, "spec", "ingressClassName") or text(ingress, "metadata", "annotations", _OLD)


def _routes(ingress: Json) -> dict[tuple[str, str, str], str]:
    """The service behind each host, path and path type."""
    return {
        (text(rule, "host"), text(path, "path") or "/", text(path, "pathType")): text(
            path, "backend", "service", "name"
        )
        for rule in dicts(ingress, "spec", "rules")
        for path in dicts(rule, "http", "paths")
    }


def _clash(case: Case, other: str, route: tuple[str, str, str], mine: str, theirs: str) -> Finding:
    shown = f"{route[0] or '*'}{route[1]}"
    clause = (
        f"the ingress `{other}` claims `{shown}` too and sends it to `{theirs}` instead of `{mine}`: "
        "which of the two wins is up to the controller"
    )
    seen = (
        Evidence(str(case.target), f"{shown} goes to {mine}"),
        Evidence(f"ingress {other}", f"{shown} goes to {theirs}"),
    )
    look = Step(Get(kinds.INGRESS, case.namespace, other), "see whose route it is, then take it out of the other one")
    return Finding(27, case.target, Layer.INGRESS, clause, seen, Plan((look,)), Confidence.LIKELY)


RULES: tuple[Rule, ...] = (nobody_serves, no_certificate, same_route)
