"""The rules: one module a family, each a tuple of pure functions from a case to findings."""

from explainers.diagnosis.case import Rule
from explainers.diagnosis.rules import (
    accounts,
    addresses,
    admission,
    aliases,
    certificates,
    changed_pods,
    complaints,
    config,
    crashes,
    dependencies,
    dns,
    endpoints,
    evictions,
    full_names,
    host_aliases,
    images,
    ingress_entry,
    ingresses,
    jobs,
    leaving,
    load_balancers,
    logins,
    loopback,
    lost_nodes,
    mounts,
    network,
    ports,
    probes,
    rejected,
    sandboxes,
    scheduling,
    services,
    stable_names,
    starting,
    storage,
    tokens,
    workloads,
    young,
)

_FAMILIES = (
    ingresses, ingress_entry, services, load_balancers, stable_names, endpoints, ports, loopback, aliases, addresses,
    full_names, complaints, network, host_aliases, dns, images, changed_pods, config, logins, certificates, crashes,
    probes, starting, sandboxes, mounts, evictions, rejected, leaving, lost_nodes, dependencies, scheduling, storage,
    admission, workloads, jobs, accounts, tokens, young,
)  # fmt: skip

RULES: tuple[Rule, ...] = tuple(rule for family in _FAMILIES for rule in family.RULES)
