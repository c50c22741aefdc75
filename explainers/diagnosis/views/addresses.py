"""The addresses that a workload is told to call: hosts and ports in its environment and its arguments.

Read from the pod template: literal values, values from ConfigMaps (by key and `envFrom`), command and arguments.
Secrets stay unread. Cluster names follow
https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.configuration import configuration
from explainers.diagnosis.views.pods import Json, dicts, dig, table, text
from explainers.diagnosis.views.references import references
from explainers.patterns import pattern

DEFAULT_PORTS = {
    "http": 80, "https": 443, "ws": 80, "wss": 443, "redis": 6379, "rediss": 6379, "postgres": 5432,
    "postgresql": 5432, "mysql": 3306, "mariadb": 3306, "amqp": 5672, "amqps": 5671, "mongodb": 27017,
    "nats": 4222, "ftp": 21, "ldap": 389, "ldaps": 636, "smtp": 25, "memcached": 11211, "grpc": 443,
}  # fmt: skip

_LABEL = r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL})*\.?"
_URL = pattern(rf"\b([a-z][a-z0-9+.:-]*)://(?:[^\s/@'\"]*@)?({_HOST})(?::(\d{{1,5}}))?(?![\w.:@-])", re.I)
_MORE = pattern(rf",({_HOST})(?::(\d{{1,5}}))?(?=[,/?]|$)", re.I)
_WORDS = pattern(r"[\s'\"]+")
_HOST_PORT = pattern(rf"^({_HOST}):(\d{{1,5}})(?:/.*)?$", re.I)
_KEYWORDS = pattern(
    rf"(?:^|[\s;])(?:host|server|data source|addr)\s*=\s*(?:tcp:)?({_HOST})(?:,(\d+))?(?=[\s;]|$)", re.I
)
_AT = pattern(rf"@(?://|(?:tcp|udp)?\()?({_HOST}):(\d{{1,5}})(?=[:/)]|$)", re.I)
_KEYWORD_PORT = pattern(r"(?:^|[\s;])port\s*=\s*(\d{1,5})", re.I)
_HOST_NAMED = pattern(r"(?:^|[_.-])?(?:HOST|HOSTNAME|ADDR|ADDRESS|SERVER|SERVERS|ENDPOINT|UPSTREAM|BROKERS?)$", re.I)
_FLAG = pattern(r"^--?[\w.-]+=(.+)$", re.S)
_REFERENCE = pattern(r"\$\(([A-Za-z_][\w.-]*)\)")
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


def _addresses(case: Case) -> list[Address]:
    spec = table(case.template, "spec")
    containers = [*dicts(spec, "initContainers"), *dicts(spec, "containers")]
    maps = _config_maps(case, containers)
    found = [address for container in containers for address in _of_container(container, maps)]
    return list(dict.fromkeys(address for address in found if address.host not in _SELF))


def service_of(host: str, namespace: str) -> tuple[str, str] | None:
    """The (service, namespace) that a host name means to a pod of `namespace`; None for names outside the cluster.

    Short (`api`), qualified (`api.shop`), full (`api.shop.svc.cluster.local`) and per-pod names
    (`pg-0.pg`, `pg-0.pg.shop.svc`) are understood.
    """
    labels = host.rstrip(".").lower().split(".")
    if not all(labels) or all(label.isdecimal() for label in labels):
        return None
    if "svc" in labels[1:]:
        labels = labels[: labels.index("svc", 1)]
        return (labels[-2], labels[-1]) if len(labels) > 1 else (labels[0], namespace)
    of_pod = len(labels) > 1 and re.search(r"-\d+$", labels[0]) is not None
    match labels:
        case [name]:
            return name, namespace
        case [_, service] if of_pod:
            return service, namespace
        case [name, where] if where not in _OUTSIDE:
            return name, where
        case [_, service, where] if of_pod and where not in _OUTSIDE:
            return service, where
    return None


def in_text(value: str, variable: str = "") -> list[tuple[str, int, str]]:
    """(host, port, scheme) of every address in one value; a bare name counts only in a variable named for hosts."""
    found = [
        (host, int(port or 0) or DEFAULT_PORTS.get(_last(scheme), 0), _last(scheme))
        for scheme, host, port in _URL.findall(value)
    ]
    if found:
        lists = [word for word in _WORDS.split(value) if "://" in word]  # not the rest of a script
        more = [pair for word in lists for pair in _MORE.findall(word)]
        return found + [(host, int(port or 0) or found[0][1], found[0][2]) for host, port in more]
    keyword = _KEYWORDS.search(value)
    if keyword and "\n" not in value:  # else it is a script, and a variable of that
        port = _KEYWORD_PORT.search(value)
        return [(keyword[1], int(keyword[2] or (port[1] if port else 0)), "")]
    dialled = _AT.search(value)
    if dialled:  # `app:…@tcp(mysql:3306)/shop` of Go's driver, `jdbc:oracle:thin:@//db:1521/SHOP`
        return [(dialled[1], int(dialled[2]), "")]
    pieces = [piece.strip() for piece in value.split(",")]
    pairs = [match for piece in pieces if (match := _HOST_PORT.match(piece))]
    if pairs:
        return [(match[1], int(match[2]), "") for match in pairs if re.search("[a-z]", match[1], re.I)]
    if _HOST_NAMED.search(variable):
        return [(piece, 0, "") for piece in pieces if re.fullmatch(_HOST, piece, re.I) and not piece.isdecimal()]
    return []


def _last(scheme: str) -> str:
    """`postgresql` of `jdbc:postgresql`, `postgresql` of `postgresql+psycopg2`."""
    return scheme.lower().split(":")[-1].split("+")[0]


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
        flag = _FLAG.match(word)
        naming = word.split("=")[0].lstrip("-") if flag else ""
        for host, port, scheme in in_text(_expanded(flag[1] if flag else word, values), naming.replace("-", "_")):
            yield Address(host, port, scheme, name, word)


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
