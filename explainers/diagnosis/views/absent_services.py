"""Hosts of commands that no Service has: what a program that says nothing was told to call."""

from collections.abc import Sequence

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.address_texts import in_text
from explainers.diagnosis.views.addresses import service_of
from explainers.diagnosis.views.pods import dicts, table, words
from explainers.document import Evidence

_SELF = "localhost"
MOST = 3
"""Names that are looked up, at most."""


def absent_services(case: Case, commands: Sequence[str]) -> list[str]:
    """The hosts in these commands that mean a Service which is known not to exist. Raises Missing until it is read."""
    hosts = list(dict.fromkeys(host.rstrip(".").lower() for one in commands for host, _, _ in in_text(one)))
    spec = table(case.template, "spec")
    given = {name.lower() for alias in dicts(spec, "hostAliases") for name in words(alias, "hostnames")}
    meant = [(host, service_of(host, case.namespace)) for host in hosts if host not in given and host != _SELF]
    return [host for host, service in meant[:MOST] if service and case.service(*service).absent]


def told_absent(case: Case, hosts: Sequence[str]) -> tuple[Evidence, ...]:
    """Evidence rows for them."""
    found = [(service_of(host, case.namespace) or (host, case.namespace)) for host in hosts]
    return tuple(Evidence(f"service {name} in {namespace}", "does not exist") for name, namespace in found)
