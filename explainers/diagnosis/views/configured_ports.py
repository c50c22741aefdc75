"""Where the files that a container mounts from ConfigMaps tell its program to listen: `listen 8080;`.

Source: https://nginx.org/en/docs/http/ngx_http_core_module.html#listen, https://httpd.apache.org/docs/2.4/bind.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.configuration import configuration
from explainers.diagnosis.views.pods import Container, Json, dicts, table, text
from explainers.diagnosis.views.references import Reference, references
from explainers.patterns import pattern

MOST_FILES = 4
"""Mounted ConfigMaps that are read, at most."""
_LISTEN = pattern(r"^[ \t]*listen[ \t]+(?:[\w.*-]+:|\[[\da-f:]*\]:)?(\d{2,5})\b(?![.:\w])", re.I | re.M)
_FOR_ITSELF = pattern(
    r"^([ \t]*listen[ \t]+)((?:127(?:\.\d{1,3}){3}|localhost|\[::1\]):)(\d{2,5})\b(?![.:\w])", re.I | re.M
)


@dataclass(frozen=True)
class Written:
    """A ConfigMap whose key `key` tells to listen on these ports, in its order; `object` is the ConfigMap. `inner` are
    the ports that it opens on the loopback address only, each with how that is written."""

    name: str
    key: str
    ports: tuple[int, ...]
    object: Json
    inner: dict[int, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return str(table(self.object, "data")[self.key])


def mounted_maps(case: Case, container: Container) -> dict[str, Json]:
    """The ConfigMaps that a container mounts, by name, with the keys it mounts in their `data`. Raises Missing."""
    volumes = {f"volume `{text(one, 'name')}`" for one in dicts(container.spec, "volumeMounts")}
    uses = [one for one in references(container.pod.spec) if one.kind == "ConfigMap" and one.place in volumes]
    read = configuration(case, uses, MOST_FILES)
    return {name: _mounted(answer.object, name, uses) for (_, name), answer in read.items() if answer.ok}


def _mounted(thing: Json, name: str, uses: list[Reference]) -> Json:
    keys = {one.key for one in uses if one.name == name}
    data = table(thing, "data")
    return thing if "" in keys else {**thing, "data": {key: data[key] for key in data if key in keys}}


def listens(maps: dict[str, Json]) -> Iterator[Written]:
    """The files among them that say where to listen."""
    for name, thing in maps.items():
        for key, value in table(thing, "data").items():
            every = [int(one) for one in _LISTEN.findall(str(value))]
            inner = [(int(port), f"{host}{port}") for _, host, port in _FOR_ITSELF.findall(str(value))]
            ports = _without(every, [port for port, _ in inner])
            if ports or inner:
                yield Written(name, key, ports, thing, {port: told for port, told in inner if port not in ports})


def _without(every: list[int], inner: list[int]) -> tuple[int, ...]:
    """The ports that are told once more than for the loopback address."""
    return tuple(dict.fromkeys(one for one in every if every.count(one) > inner.count(one)))


def listening_on(told: str, old: int, new: int) -> str:
    """A text with the other port where it says to listen."""

    def other(found: re.Match[str]) -> str:
        return found[0][: found.start(1) - found.start()] + str(new) if int(found[1]) == old else found[0]

    return _LISTEN.sub(other, told)


def listening_for_all(told: str, port: int) -> str:
    """A text without the loopback address where it says to listen on this port."""
    return _FOR_ITSELF.sub(lambda found: f"{found[1]}{found[3]}" if int(found[3]) == port else found[0], told)
