"""Ports that only root may listen on (class 68); used by rules/crashes.py.

Ports below `net.ipv4.ip_unprivileged_port_start`, 1024 by default, take the capability NET_BIND_SERVICE, and Kubernetes
gives a user other than root no added capability.
Sources: https://man7.org/linux/man-pages/man7/ip.7.html,
https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/
"""

import re

from explainers.diagnosis.logs.lines import clean, lines_of
from explainers.diagnosis.logs.tongues import reader
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans import binding
from explainers.diagnosis.rules.files import run_as
from explainers.diagnosis.views.endings import Ending, last_log, source_of
from explainers.diagnosis.views.pods import dicts, number, words
from explainers.document import Evidence
from explainers.patterns import pattern

_DENIED = pattern(r"permission denied|EACCES|AccessDenied|access denied", re.IGNORECASE)
_BINDS = pattern(r"\b(?:bind(?:ing)?|listen\w*|make_sock|create (?:server )?socket|sockets?)\b", re.IGNORECASE)
_CALLS = pattern(r"\b\w*bind\(", re.IGNORECASE)
_PORT = pattern(
    r"(?:(?:^|[\s\w.\]*])(?<!\d\d:\d\d):|\bport[ =:]{1,2}|\('[\d.]*', )([1-9]\d{0,4})(?![\w.]|:[\d:])", re.IGNORECASE
)
_FILE = pattern(r"\bunix\b|\.sock\w*\b|(?<![\w.:/])/(?:var|run|tmp)/", re.IGNORECASE)
"""A socket that is a file: rules/files.py."""
FREE = 1024
_LAST = 40
"""Lines at the end of a log that are looked at."""


def refused(ending: Ending) -> Finding | None:
    """68: the kernel does not let it listen on a port below 1024."""
    found = _said(ending)
    if not found:
        return None
    line, port = found
    container, user, dropped = ending.container, run_as(ending.container), binding.lacks_low_ports(ending.container)
    who = "" if user else "; its template names no user, so that of its image counts"
    if user not in ("", "0"):
        who = f", and it runs as user {user}"
    elif dropped:
        who = ", and its `securityContext` drops that"
    clause = (
        f"container `{container.name}` may not listen on port {port}: below {FREE} that takes the capability "
        f"NET_BIND_SERVICE, which only root has{who}"
    )
    rows = (*ending.evidence, Evidence(source_of(ending.case, container, line), line))
    sure = Confidence.SURE if dropped or user not in ("", "0") else Confidence.LIKELY
    return Finding(68, ending.blame, Layer.CONTAINER, clause, rows, binding.below_1024(ending, port), sure)


def _said(ending: Ending) -> tuple[str, int] | None:
    """The line that says so, and the port: the line's, else the only one that the container is known to use."""
    log = last_log(ending.case, ending.container).text
    read = reader(log)
    lines = [clean(one) for one in lines_of(log)[-_LAST:]]
    frames = any(_CALLS.search(one) for one in lines)
    for line in reversed(lines):
        said = read(line)
        if not _DENIED.search(said) or _FILE.search(said) or not (_BINDS.search(said) or (frames and "/" not in said)):
            continue
        named = {int(one) for one in _PORT.findall(said)}
        low = sorted(one for one in named or _declared(ending) if 0 < one < FREE)
        if len(low) == 1:
            return line, low[0]
    return None


def _declared(ending: Ending) -> set[int]:
    """The ports that it declares or is told in its command."""
    told = [*words(ending.container.spec, "command"), *words(ending.container.spec, "args")]
    numbers = [one for word in told for one in ([word] if word.isdigit() else _PORT.findall(word)) if len(one) < 6]
    return {number(one, "containerPort") for one in dicts(ending.container.spec, "ports")} | {*map(int, numbers)}
