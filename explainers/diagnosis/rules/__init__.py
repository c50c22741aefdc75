"""The rules: one module a family, each a tuple of pure functions from a case to findings."""

from explainers.diagnosis.case import Rule
from explainers.diagnosis.rules import (
    accounts,
    addresses,
    admission,
    aliases,
    complaints,
    config,
    crashes,
    dependencies,
    dns,
    endpoints,
    evictions,
    host_aliases,
    images,
    ingresses,
    jobs,
    leaving,
    loopback,
    mounts,
    network,
    ports,
    probes,
    scheduling,
    services,
    starting,
    storage,
    workloads,
    young,
)

_FAMILIES = (
    ingresses, services, endpoints, ports, loopback, aliases, addresses, complaints, network, host_aliases, dns, images,
    config, crashes, probes, starting, mounts, evictions, leaving, dependencies, scheduling, storage, admission,
    workloads, jobs, accounts, young,
)  # fmt: skip

RULES: tuple[Rule, ...] = tuple(rule for family in _FAMILIES for rule in family.RULES)
