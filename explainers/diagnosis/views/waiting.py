"""What an init container waits for: hosts in its script, its environment and its log."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from explainers.diagnosis.case import Case
from explainers.diagnosis.logs.connections import failed_connections
from explainers.diagnosis.views.address_texts import in_text, places
from explainers.diagnosis.views.addresses import addresses
from explainers.diagnosis.views.pods import Container, dicts, text, words
from explainers.patterns import pattern

_NAME = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*"
_TOOLS = (
    pattern(rf"\b(?:nc|ncat|netcat|telnet)\s+(?:-\S+(?:\s+\d+(?=\s))?\s+)*({_NAME})\s+(\d{{2,5}})"),
    pattern(rf"\b(?:nslookup|dig|host|ping|getent\s+(?:ahosts|hosts))\s+(?:[-+]\S+\s+)*({_NAME})()"),
    pattern(rf"/dev/tcp/({_NAME})/(\d{{2,5}})"),
    pattern(rf"(?:\s-h\s*|--host[= ])({_NAME})(?:.*?(?:\s-p\s*|--port[= ])(\d{{2,5}}))?"),
    pattern(rf"\b(?:wait-for(?:-it)?(?:\.sh)?|dockerize\s+-wait)\s+(?:\w+://)?({_NAME})(?::(\d{{2,5}}))?"),
    pattern(rf"\b(?:wget|curl)\s.*?(?<![\w.-])(?:\w+://)?({_NAME})(?::(\d{{2,5}}))?(?=[/\s\"';]|$)"),
    pattern(rf"(?<![\w./-])({_NAME}):(\d{{2,5}})(?!\d)"),
)
_VARIABLE = pattern(r"\$\{?([A-Za-z_]\w*)(?::?-([^}]*))?\}?|\$\(([A-Za-z_]\w*)\)")
_NOT_HOSTS = frozenset({"localhost", "sh", "true", "false", "dev", "null"})


@dataclass(frozen=True)
class Awaited:
    """One host that a container waits for. `port` is 0 where none is named; `variable` is the environment variable
    whose literal value is the host, empty when it stands elsewhere."""

    host: str
    port: int
    variable: str = ""

    def __str__(self) -> str:
        return f"{self.host}:{self.port}" if self.port else self.host


def awaited(case: Case, container: Container) -> list[Awaited]:
    """The hosts that an init container waits for, those that its log complains about first.

    Raises Missing until its log and the ConfigMaps of its environment are read.
    """
    values = {text(one, "name"): text(one, "value") for one in dicts(container.spec, "env")}
    literal = {value: name for name, value in values.items() if value}
    log = case.log(container).text
    found = [
        *((one.host, one.port) for one in failed_connections(log) if one.host),
        *in_script(container, values),
        *((one.host, one.port) for one in addresses(case) if one.container == container.name),
    ]
    ports: dict[str, int] = {}
    for host, port in found:
        if host not in _NOT_HOSTS and not host.replace(".", "").isdecimal():
            ports[host] = ports.get(host) or port
    return [Awaited(host, port, literal.get(host, "")) for host, port in ports.items()]


def in_script(container: Container, values: dict[str, str]) -> Iterator[tuple[str, int]]:
    """(host, port) as the command line names them to the usual tools, variables of the shell filled in."""
    written = [*words(container.spec, "command"), *words(container.spec, "args")]
    script = " ".join(_expanded(word, values) for word in written)
    for host, port, _ in in_text(script):
        yield host, port
    for tool in _TOOLS:
        for found in tool.finditer(script):
            yield found[1], int(found[2] or 0)


def other_host_in(script: str, host: str, right: str) -> str:
    """The script with another host where it waits for `host`, and the same name left alone where it is a program, a
    user or a database: `mysql -h mysql -u mysql`."""
    named = {found.span(1) for tool in _TOOLS for found in tool.finditer(script) if found[1] == host}
    named |= {one.host_at for one in places(script) if one.host == host}
    for start, end in sorted(named, reverse=True):
        script = script[:start] + right + script[end:]
    return script if named else re.sub(rf"(?<![\w.-]){re.escape(host)}(?![\w-])", lambda _: right, script)


def _expanded(word: str, values: dict[str, str]) -> str:
    return _VARIABLE.sub(lambda found: values.get(found[1] or found[3] or "") or found[2] or found[0], word)
