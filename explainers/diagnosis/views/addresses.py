"""The addresses that a workload is told to call: hosts and ports in its environment and its arguments.

Read from the pod template: literal values, values from ConfigMaps (by key and `envFrom`), command and arguments.
Secrets stay unread. Cluster names follow
https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.address_texts import DEFAULT_PORTS, in_text, rewritten
from explainers.diagnosis.views.configuration import configuration
from explainers.diagnosis.views.pods import Json, dicts, dig, table, text
from explainers.diagnosis.views.references import references
from explainers.patterns import pattern

_FLAG = pattern(r"^--?[\w.-]+=(.+)$", re.S)
_REFERENCE = pattern(r"\$\(([A-Za-z_][\w.-]*)\)")
_NO_HOST = pattern(r"USER|PASS|DATABASE|DB_?NAME|SCHEMA|TABLE|SECRET|TOKEN|ROLE", re.I)
"""Names of variables that hold something else, which may be called like the host."""
_OUTSIDE = frozenset({"com", "org", "net", "io", "edu", "gov", "co"})
_SELF = frozenset({"localhost", "localhost.localdomain"})


@dataclass(frozen=True)
class Address:
    """One address and where it is written. `port` is 0 where none is given or implied; `value` is the whole text.

    `variable` is the environment variable (empty for arguments), `port_variable` the one that holds the port when it
    stands apart; `config_map` and `key` say which ConfigMap entry the value comes from, empty for literals, and
    `port_origin` the same of the port that stands apart.
    """

    host: str
    port: int
    scheme: str
    container: str
    value: str
    variable: str = ""
    port_variable: str = ""
    config_map: str = ""
    key: str = ""
    port_origin: tuple[str, str] = ("", "")

    @property
    def where(self) -> str:
        """The place to name in a sentence: the variable, or `arguments`."""
        return self.variable or "arguments"


@dataclass(frozen=True)
class _Value:
    text: str
    config_map: str = ""
    key: str = ""


def addresses(case: Case) -> list[Address]:
    """What the target's template says to call, in the order of containers; raises Missing while ConfigMaps are read."""
    return case.once(_addresses)


def of_its_own_pod(case: Case) -> list[Address]:
    """The addresses among those that it is told to call which lead back into the same pod."""
    return [one for one in case.once(_every) if one.host in _SELF or one.host.startswith("127.")]


def _addresses(case: Case) -> list[Address]:
    return [address for address in case.once(_every) if address.host not in _SELF]


def _every(case: Case) -> list[Address]:
    spec = table(case.template, "spec")
    containers = [*dicts(spec, "initContainers"), *dicts(spec, "containers")]
    maps = _config_maps(case, containers)
    found = [address for container in containers for address in _of_container(container, maps)]
    return list(dict.fromkeys(found))


def named_outright(case: Case, host: str) -> list[Address]:
    """The variables whose whole value is a host name, whatever they are called; raises Missing while ConfigMaps are
    read. Only what something else tells to be a host can be found so: a user or a database may be called the same."""
    spec = table(case.template, "spec")
    containers = [*dicts(spec, "initContainers"), *dicts(spec, "containers")]
    maps = _config_maps(case, containers)
    return [
        Address(host, 0, "", text(one, "name"), value.text, variable, "", value.config_map, value.key)
        for one in containers
        for variable, value in _environment(one, maps).items()
        if value.text.lower() == host and not _NO_HOST.search(variable)
    ]


def service_of(host: str, namespace: str) -> tuple[str, str] | None:
    """The (service, namespace) that a host name means to a pod of `namespace`; None for names outside the cluster.

    Short (`api`), qualified (`api.shop`), full (`api.shop.svc.cluster.local`) and per-pod names
    (`pg-0.pg`, `pg-0.pg.shop.svc`) are understood.
    """
    labels = host.rstrip(".").lower().split(".")
    found = _service_at(labels)
    if found is None:
        return None
    service, where = found
    return labels[service], labels[where] if where else namespace


def renamed(host: str, service: str = "", namespace: str = "") -> str:
    """The host name with another service or namespace in its place; the same one where it names none."""
    labels = host.split(".")
    found = _service_at(host.rstrip(".").lower().split("."))
    if found is None:
        return host
    if service:
        labels[found[0]] = service
    if namespace and found[1]:
        labels[found[1]] = namespace
    return ".".join(labels)


def _service_at(labels: Sequence[str]) -> tuple[int, int] | None:
    """Which label of a host name is the service and which the namespace, 0 where it names none."""
    if not all(labels) or all(label.isdecimal() for label in labels):
        return None
    if "svc" in labels[1:]:
        last = labels.index("svc", 1) - 1
        return (last - 1, last) if last else (0, 0)
    of_pod = len(labels) > 1 and re.search(r"-\d+$", labels[0]) is not None
    match labels:
        case [_]:
            return 0, 0
        case [_, _] if of_pod:
            return 1, 0
        case [_, where] if where not in _OUTSIDE:
            return 0, 1
        case [_, _, where] if of_pod and where not in _OUTSIDE:
            return 1, 2
    return None


def _of_container(container: Json, maps: Mapping[str, Json]) -> Iterator[Address]:
    name, values = text(container, "name"), _environment(container, maps)
    for variable, value in values.items():
        for host, port, scheme in in_text(_expanded(value.text, values), variable):
            apart = "" if port and scheme not in DEFAULT_PORTS else _port_variable(variable, values)
            known = port or (int(values[apart].text) if apart else 0)
            place = values[apart] if apart and not port else _Value("")
            yield Address(
                host, known, scheme, name, value.text, variable, apart if not port else "", value.config_map, value.key,
                (place.config_map, place.key),
            )  # fmt: skip
    for word in [*_words(container, "command"), *_words(container, "args")]:
        flag, said = _flagged(word)
        for host, port, scheme in in_text(_expanded(said, values), _naming(flag)):
            yield Address(host, port, scheme, name, word)


def corrected(address: Address, host: str, port: int) -> str:
    """The whole text of an address with another host or port in its place; what is empty or 0 stays."""
    if address.variable and address.value.lower() == address.host and not port:
        return host or address.value
    flag, said = ("", address.value) if address.variable else _flagged(address.value)
    where = address.variable or _naming(flag)
    return flag + rewritten(said, where, address.host, address.port, host, port)


def _flagged(word: str) -> tuple[str, str]:
    """`--redis=` and `cache:6379` of one word of a command line; nothing and the word where it is no such flag."""
    flag = _FLAG.match(word)
    return (word[: flag.start(1)], flag[1]) if flag else ("", word)


def _naming(flag: str) -> str:
    """A flag as the variable that would hold the same: `--redis-host=` tells that its value is a host."""
    return flag.strip("-=").replace("-", "_")


def _words(container: Json, field: str) -> list[str]:
    found = dig(container, field)
    return [word for word in found if isinstance(word, str)] if isinstance(found, list) else []


def _port_variable(variable: str, values: Mapping[str, _Value]) -> str:
    """The variable beside `DB_HOST` that holds its port: `DB_PORT`; `PGPORT` for `PGHOST`."""
    stem = re.sub(r"(?:HOSTNAME|HOST|ADDRESS|ADDR|SERVERS?|ENDPOINT|UPSTREAM|URL)$", "", variable, flags=re.I)
    beside = [f"{stem}PORT", f"{stem}port", f"{variable}_PORT", f"{stem}SERVICE_PORT"]
    return next((name for name in beside if name in values and values[name].text.isdecimal()), "")


def _environment(container: Json, maps: Mapping[str, Json]) -> dict[str, _Value]:
    """The variables of a container as far as they can be read: explicit entries win over `envFrom`."""
    values: dict[str, _Value] = {}
    for source in dicts(container, "envFrom"):
        origin, prefix = text(source, "configMapRef", "name"), text(source, "prefix")
        for key, value in maps.get(origin, {}).items():
            if isinstance(value, str):
                values[prefix + key] = _Value(value, origin, key)
    for entry in dicts(container, "env"):
        origin, key = (
            text(entry, "valueFrom", "configMapKeyRef", "name"),
            text(entry, "valueFrom", "configMapKeyRef", "key"),
        )
        if origin:
            values[text(entry, "name")] = _Value(text(maps.get(origin, {}), key), origin, key)
        else:
            values[text(entry, "name")] = _Value(text(entry, "value"))
    return values


def _expanded(value: str, values: Mapping[str, _Value]) -> str:
    """`$(NAME)` replaced as the kubelet does; what is not known stays."""
    return _REFERENCE.sub(lambda match: values[match[1]].text if match[1] in values else match[0], value)


def _config_maps(case: Case, containers: list[Json]) -> dict[str, Json]:
    """The data of every ConfigMap that feeds an environment, read together."""
    uses = [one for one in references({"containers": containers}) if one.kind == "ConfigMap"]
    return {name: table(answer.object, "data") for (_, name), answer in configuration(case, uses).items()}
