"""Servers that answer only requests for names of their own: the kubelet asks by the pod's address, which is none.

Sources: https://docs.djangoproject.com/en/stable/ref/settings/#allowed-hosts and
https://guides.rubyonrails.org/configuring.html#actiondispatch-hostauthorization
"""

import re

from explainers import kinds
from explainers.diagnosis.case import Case, names
from explainers.diagnosis.views.environment import environment
from explainers.diagnosis.views.pods import Container, dicts, text
from explainers.patterns import pattern

_REFUSES = pattern(r"Invalid HTTP_HOST header|DisallowedHost|Blocked hosts?\b|This host \(|invalid host header", re.I)
_VARIABLE = pattern(r"(?:^|_)(?:ALLOWED_?HOSTS?|HOSTS_ALLOWED|VIRTUAL_HOST|SERVER_NAMES?)$", re.I)
_NAME = pattern(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")
REFUSED = frozenset({400, 403, 421})
"""Statuses of a request whose Host header is none that the server takes."""


def refuses_host(log: str) -> bool:
    """Whether a program says that it was asked by a name that it does not answer to."""
    return bool(_REFUSES.search(log))


def host_taken(case: Case, container: Container) -> str:
    """A name that the program answers to: one that its environment allows, else that of an Ingress which leads to it;
    empty where neither tells. Raises Missing until that is read."""
    for name, variable in environment(case, container.spec).items():
        if _VARIABLE.search(name):
            written = [one.strip(" \"'[]()").removeprefix(".").lower() for one in (variable.value or "").split(",")]
            if found := next((one for one in written if _NAME.fullmatch(one) and one != "localhost"), ""):
                return found
    return _of_ingress(case)


def _of_ingress(case: Case) -> str:
    served = set(names(case.services))
    for ingress in case.find(kinds.INGRESS).items:
        for rule in dicts(ingress, "spec", "rules"):
            leads = {text(one, "backend", "service", "name") for one in dicts(rule, "http", "paths")}
            if served & leads and _NAME.fullmatch(text(rule, "host")):
                return text(rule, "host")
    return ""
