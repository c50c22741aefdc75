"""Where the files that a container mounts from ConfigMaps tell its program to listen: `listen 8080;`.

Source: https://nginx.org/en/docs/http/ngx_http_core_module.html#listen, https://httpd.apache.org/docs/2.4/bind.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.configuration import configuration
from explainers.diagnosis.views.pods import Container, Json, dicts, table, text
from explainers.diagnosis.views.references import Reference, references
from explainers.patterns import pattern

MOST_FILES = 4
"""Mounted ConfigMaps that are read, at most."""
_LISTEN = pattern(r"^[ \t]*listen[ \t]+(?:[\w.*-]+:|\[[\da-f:]*\]:)?(\d{2,5})\b(?![.:\w])", re.I | re.M)


@dataclass(frozen=True)
class Written:
    """A ConfigMap whose key `key` tells to listen on these ports, in its order; `object` is the ConfigMap."""

    name: str
    key: str
    ports: tuple[int, ...]
    object: Json

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
            if ports := tuple(dict.fromkeys(int(one) for one in _LISTEN.findall(str(value)))):
                yield Written(name, key, ports, thing)


def listening_on(told: str, old: int, new: int) -> str:
    """A text with the other port where it says to listen."""

    def other(found: re.Match[str]) -> str:
        return found[0][: found.start(1) - found.start()] + str(new) if int(found[1]) == old else found[0]

    return _LISTEN.sub(other, told)
