"""The Service that a complaint means which names only an IP address, or a proxy's own name for what is behind it, or
none at all."""

from collections.abc import Iterator
from dataclasses import replace

from explainers import kinds
from explainers.diagnosis.case import Case, names
from explainers.diagnosis.logs.connections import Connection, Failure
from explainers.diagnosis.views.addresses import addresses, service_of
from explainers.diagnosis.views.configuration import configuration
from explainers.diagnosis.views.mounted import sources
from explainers.diagnosis.views.pods import dicts, dig, table, text
from explainers.patterns import pattern

_PLACE = pattern(r"(?<![\w.-])([a-z](?:[a-z0-9.-]*[a-z0-9])?):(\d{1,5})\b")
_WEB = ("http", "https")
_PROXY = pattern(r"\bupstreams?\b")
"""nginx says so of what it passes requests to, whatever its configuration calls that."""


def named(case: Case, line: Connection) -> Connection:
    """A complaint with the host that it means. Some languages name only the IP address that they dial: the Service that
    has it is meant. A proxy dials addresses of pods, or names what only its mounted configuration explains."""
    if not line.host and line.ip:
        for service in case.namespace_services:
            if line.ip in (text(service, "spec", "clusterIP"), *(dig(service, "spec", "clusterIPs", default=[]) or [])):
                return replace(line, host=text(service, "metadata", "name"))
    if not line.host and not line.ip and line.failure is Failure.ANSWERED:
        return _by_url(case, line)
    if _PROXY.search(line.line) and (line.ip or line.host not in names(case.namespace_services)):
        return _by_files(case, line)
    return line


def _by_url(case: Case, line: Connection) -> Connection:
    """An answer by HTTP is that of the only host whose URLs the template has."""
    urls = {(one.host, one.port) for one in addresses(case) if one.scheme in _WEB} if case.template else set()
    hosts, ports = {host for host, _ in urls}, {port for _, port in urls}
    if len(hosts) != 1:
        return line
    return replace(line, host=hosts.pop(), port=ports.pop() if len(ports) == 1 else 0)


def _by_files(case: Case, line: Connection) -> Connection:
    """The only Service of the namespace that mounted files tell to call on the port that the line names."""
    there = names(case.namespace_services)
    told = {
        (host, int(port))
        for words in _files(case) for host, port in _PLACE.findall(words)
        if (meant := service_of(host, case.namespace)) and meant[1] == case.namespace and meant[0] in there
        and line.port in (0, int(port))
    }  # fmt: skip
    hosts = {host for host, _ in told}
    if len(hosts) != 1:
        return line
    ports = {port for _, port in told}
    return replace(line, host=hosts.pop(), port=line.port or (ports.pop() if len(ports) == 1 else 0))


def _files(case: Case) -> Iterator[str]:
    """The texts of the ConfigMaps that are mounted."""
    volumes = dicts(table(case.template, "spec"), "volumes")
    maps = [one.reference for volume in volumes for one in sources(volume) if one.kind == kinds.CONFIG_MAP.name]
    for answer in configuration(case, maps).values():
        yield from (value for value in table(answer.object, "data").values() if isinstance(value, str))
