"""Corrections of an address where it is written: environment variable, ConfigMap entry or argument."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.plans import mounted
from explainers.diagnosis.plans.again import read_anew
from explainers.diagnosis.plans.made_again import UNCHANGEABLE, made_again
from explainers.diagnosis.plans.remedies import back_step
from explainers.diagnosis.views.addresses import Address, addresses, corrected, service_of
from explainers.diagnosis.views.configuration import configuration
from explainers.diagnosis.views.pods import Json, dicts, dig, table, text
from explainers.diagnosis.views.references import references
from explainers.diagnosis.views.revisions import Revisions, recent_change
from explainers.diagnosis.views.template import CHANGEABLE, steps_after
from explainers.operations.apply import Apply
from explainers.operations.base import Change
from explainers.operations.patches import Patch
from explainers.operations.reads import Get, Rows
from explainers.operations.workloads import SetEnv
from explainers.plan import Plan, Step

HTTP = 80
_SIDES = ("initContainers", "containers")


def correct(case: Case, address: Address, host: str = "", port: int = 0, plain: bool = False) -> Plan:
    """Write another host or port where the old one stands, or `plain` HTTP for HTTPS; before that, the way back when it
    came with a change.

    A value that carries a password is not written out: then an alias of the old name leads to the right one, or the
    plan shows where to correct it by hand.
    """
    in_files = () if address.container else mounted.rewritten(case, address, host, port)
    if in_files:
        return Plan(in_files, _alias(case, address, host))
    apart = has_password(address.value) or (host and not address.container)
    steps = _beside(case, address, host) if apart else _rewritten(case, address, host, port, plain)
    change = came_with(case, address)
    back = back_step(case, case.workload_ref) if case.workload_ref and change else ()
    fresh = _taken_away(case, address, change) if change else ()
    if change and fresh and len(change.changes) > 1 and _same_program(change, address):
        return Plan(fresh, (*steps, *back))  # the way back takes more than this away
    return Plan(back, (*fresh, *steps)) if back else Plan(steps)


def _same_program(change: Revisions, address: Address) -> bool:
    """Whether a change has left the program as it was, so that this does not need what is new."""
    spec = table(change.template, "spec")
    every = [*dicts(spec, "initContainers"), *dicts(spec, "containers")]
    now = next((one for one in every if text(one, "name") == address.container), {})
    before = change.container_before(address.container)
    return all(now.get(key) == before.get(key) for key in ("image", "command", "args"))


def _taken_away(case: Case, address: Address, change: Revisions) -> tuple[Step, ...]:
    """Take a variable away again that a change has added."""
    ref, name = case.workload_ref, address.variable
    had = [text(one, "name") for one in dicts(change.container_before(address.container), "env")]
    if ref is None or not name or name in had or ref.kind not in CHANGEABLE:
        return ()
    init = address.container in [text(one, "name") for one in dicts(case.template, "spec", "initContainers")]
    was = None if has_password(address.value) else ((name, address.value),)
    gone = SetEnv(ref.type, ref.namespace, ref.name, address.container, (), (name,), was, init)
    why = f"take `{name}` away again, which revision {change.previous} did not have"
    return steps_after(case, gone, why, "the new pods call what they called before")


def correct_to_one_of(case: Case, address: Address, name: str, namespaces: Sequence[str]) -> Plan:
    """Services of this name are in several namespaces, and nobody knows which is meant: first see them all, then write
    one of these where the old host stands."""
    every = Step(Rows(kinds.SERVICE, "", fields=f"metadata.name={name}"), f"see which service `{name}` is meant")
    options = [(one, correct(case, address, f"{name}.{one}")) for one in namespaces]
    back = next((plan.steps for _, plan in options if plan.alternatives), ())
    steps = {step.operation: step for one, plan in reversed(options) for step in if_meant(one, plan)}
    return Plan((*back, every), tuple(reversed(steps.values())))


def if_meant(namespace: str, plan: Plan) -> tuple[Step, ...]:
    """The steps of a correction, each on condition that the Service of this namespace is the one."""
    steps = plan.alternatives or plan.steps
    return tuple(replace(step, why=f"if the one in `{namespace}` is meant, {step.why}") for step in steps)


def has_password(value: str) -> bool:
    """Whether a URL or a connection string carries a login."""
    return bool(
        re.search(r"://[^/\s@:]*:[^/\s@]+@|[^\s@/:][:/][^\s@/:]+@|\b(?:password|pwd|secret|token)\s*=", value, re.I)
    )


def _rewritten(case: Case, address: Address, host: str, port: int, plain: bool) -> tuple[Step, ...]:
    """The correction in place. A changed ConfigMap is read at the next start, so running pods are restarted."""
    old, new = _texts(address, host, 0 if plain and port == HTTP else port)
    new = re.sub(r"\bhttps://", "http://", new, count=1, flags=re.I) if plain else new
    change = _change(case, address, old, new) if old != new else None
    if change is None and old != new and (again := _in_a_new_job(case, address, old, new)):
        return again
    if change is None:
        named = _named_in(case, address) if host and old == new else None
        return _rewritten(case, named, host, 0, plain=False) if named and not has_password(named.value) else ()
    told = f"`{host or address.host}`" + (f" port {port}" if port else "") + (" by plain HTTP" if plain else "")
    before = f"`{_called(address, port)}`" if host or port else "HTTPS"
    why, expect = f"call {told} instead of {before}", "the calls succeed after the restart"
    if not (isinstance(change, Patch) and change.kind == kinds.CONFIG_MAP):
        return steps_after(case, change, why, expect)
    again = read_anew(case, "let the pods read the changed value", "new pods become ready")
    return (Step(change, why, expect), *again)


def _beside(case: Case, address: Address, host: str) -> tuple[Step, ...]:
    """What helps without writing the value: an alias of the wrong name, and a look at the place to correct."""
    ref = case.workload_ref or case.target
    file = None if address.container else mounted.files_with(case, address.host)
    config_map = address.config_map or (file.config_map if file else "")
    where = Get(kinds.CONFIG_MAP, case.namespace, config_map) if config_map else Get(ref.type, ref.namespace, ref.name)
    why = "; it carries a password, so not here" if address.container else ", or where else the program reads it"
    look = Step(where, f"correct `{address.variable or address.host}` there{why}")
    return (*_alias(case, address, host), look)


def _alias(case: Case, address: Address, host: str) -> tuple[Step, ...]:
    """Let the wrong name lead to the right one. A Service of that name is not made an alias."""
    meant, called = service_of(host, case.namespace), service_of(address.host, case.namespace)
    if not host or meant is None or called is None or called[1] != case.namespace or not case.service(*called).absent:
        return ()
    manifest = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": called[0], "namespace": case.namespace},
        "spec": {"type": "ExternalName", "externalName": f"{meant[0]}.{meant[1]}.svc.cluster.local"},
    }
    alias = Apply(kinds.SERVICE, case.namespace, manifest, creates=True)
    why = f"let the name `{called[0]}` lead to `{meant[0]}` until the value is corrected"
    return (Step(alias, why, "the name resolves at once"),)


def came_with(case: Case, address: Address) -> Revisions | None:
    """The recent change that brought this value; None when the revision before had it too."""
    found = recent_change(case) if case.workload_ref and address.container and not address.config_map else None
    if found is None:
        return None
    value, before = json.dumps(address.value), found.container_before(address.container)
    brought = bool(before) and value not in json.dumps(before) and value in json.dumps(found.template)
    return found if brought else None


def _called(address: Address, port: int) -> str:
    return f"{address.host}:{address.port}" if port and address.port else address.host


def _texts(address: Address, host: str, port: int) -> tuple[str, str]:
    """The text to replace and its replacement: the whole value, or the value of the variable for the port alone."""
    if port and address.port_variable:
        return str(address.port), str(port)
    return address.value, corrected(address, host, port)


def _named_in(case: Case, address: Address) -> Address | None:
    """The variable that a value takes the host from: `DB_HOST` for `postgres://$(DB_HOST):5432/shop`."""
    named = set(re.findall(r"\$\(([\w.-]+)\)", address.value))
    same = [one for one in addresses(case) if (one.container, one.host) == (address.container, address.host)]
    return next((replace(one, port=0) for one in same if one.variable in named), None)


def _change(case: Case, address: Address, old: str, new: str) -> Change | None:
    of_port = old.isdecimal() and bool(address.port_variable)
    variable = address.port_variable if of_port else address.variable
    config_map, key = address.port_origin if of_port else (address.config_map, address.key)
    if config_map and not _immutable(case, config_map):
        body, back = ({"data": {key: each}} for each in (new, old))
        return Patch(kinds.CONFIG_MAP, case.namespace, config_map, body, "merge", back)
    workload = case.workload_ref
    if workload is None or workload.kind in ("Job", "Pod"):
        return None  # their pod templates cannot be changed
    if variable:
        init = address.container in {text(one, "name") for one in dicts(case.template, "spec", "initContainers")}
        values, was = ((variable, new),), None if config_map else ((variable, old),)
        return SetEnv(workload.type, case.namespace, workload.name, address.container, values, (), was, init)
    return _argument(case, address, old, new)


def _in_a_new_job(case: Case, address: Address, old: str, new: str) -> tuple[Step, ...]:
    """The Job made again with the other value, where that is written in its template."""
    of_port = old.isdecimal() and bool(address.port_variable)
    variable = address.port_variable if of_port else address.variable
    if (address.port_origin[0] if of_port else address.config_map) or not address.container:
        return ()
    spec = table(case.template, "spec")
    side = next((one for one in _SIDES if address.container in [text(each, "name") for each in dicts(spec, one)]), "")
    held = next((one for one in dicts(spec, side) if text(one, "name") == address.container), {}) if side else {}
    fields: Json = {"env": [{"name": variable, "value": new}]}
    if not variable:
        lists = {part: dig(held, part, default=[]) for part in ("command", "args")}
        fields = {part: [new if one == old else one for one in said] for part, said in lists.items() if old in said}
    what = f"`{variable}`" if variable else "its arguments"
    why = f"make the Job again with {what} corrected: {UNCHANGEABLE}"
    return made_again(case, {side: [{"name": address.container, **fields}]}, why, "it completes") if fields else ()


def _immutable(case: Case, config_map: str) -> bool:
    """Whether a ConfigMap that feeds an environment can only be made anew."""
    spec: Json = table(case.template, "spec")
    every = references({"containers": [*dicts(spec, "initContainers"), *dicts(spec, "containers")]})
    read = configuration(case, [one for one in every if (one.kind, one.name) == ("ConfigMap", config_map)])
    return any(answer.object.get("immutable") is True for answer in read.values())


def _argument(case: Case, address: Address, old: str, new: str) -> Change | None:
    """A JSON patch of the one word of the command or the arguments that carries the address."""
    workload = case.workload_ref
    for path, word in _words(case, address.container):
        if word == old and workload:
            body, back = ([{"op": "replace", "path": path, "value": each}] for each in (new, old))
            return Patch(workload.type, case.namespace, workload.name, body, "json", back)
    return None


def _words(case: Case, container: str) -> Iterator[tuple[str, str]]:
    """Each word of a container's command and arguments with its JSON pointer in the workload."""
    template = "/spec/jobTemplate/spec/template" if text(case.workload, "kind") == "CronJob" else "/spec/template"
    spec: Json = table(case.template, "spec")
    for field in ("initContainers", "containers"):
        for index, one in enumerate(dicts(spec, field)):
            if text(one, "name") != container:
                continue
            for part in ("command", "args"):
                for place, word in enumerate(dig(one, part, default=[])):
                    if isinstance(word, str):
                        yield f"{template}/spec/{field}/{index}/{part}/{place}", word
