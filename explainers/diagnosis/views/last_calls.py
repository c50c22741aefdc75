"""What a program could not reach for whose sake it ended, also where its last word names no address.

Programs try a call again and again and say each time what they dial; when they give up they say only what it was for.
"""

import re

from explainers.diagnosis.case import names
from explainers.diagnosis.logs.connections import Connection, Failure, failed_connections
from explainers.diagnosis.logs.lines import Telling
from explainers.diagnosis.views.addresses import addresses
from explainers.diagnosis.views.endings import Ending, last_log
from explainers.diagnosis.views.proxied import named
from explainers.patterns import pattern

_NOT_REACHED = pattern(
    r"unreach|\bnot reach|\bcan(?:not|'t) (?:reach|contact|call)|unavailable|not available|\bg(?:iving|ave) up\b"
    r"|connect|\bno (?:answer|response)\b|timed? ?out|\bis (?:away|down|gone)\b|\bretries\b|\battempts\b|\btries\b"
    r"|\bfail(?:ed|ure)? to (?:reach|contact|call)|\blost\b",
    re.IGNORECASE,
)
"""How programs say that they have called in vain."""


def called(ending: Ending) -> Connection | None:
    """The failed connection that the telling line of the run that ended last is about: its own, the one that was told
    of before and has the host that it names or came right before it, or the one thing of its namespace, or of what its
    template says to call, that it names."""
    told = ending.told
    if told is None or not told.weight:
        return None
    case = ending.case
    failed = [one for one in failed_connections(last_log(case, ending.container).text) if one.index <= told.index]
    own = next((one for one in failed if one.index == told.index), None)
    if own and (own.host or own.ip):
        return named(case, own)
    if not _NOT_REACHED.search(told.english):
        return None
    meant = [named(case, one) for one in failed if one.host or one.ip]
    near = (one for one in meant if _names(told, one.host) or one.index == told.index - 1)
    return next(near, None) or _by_name(ending, told)


def _by_name(ending: Ending, told: Telling) -> Connection | None:
    case = ending.case
    known = {one.host: one.port for one in addresses(case)} if case.template else {}
    itself = {ending.blame.name, ending.container.name}
    hosts = [host for host in known if _names(told, host)]
    hosts = hosts or [name for name in names(case.namespace_services) if name not in itself and _names(told, name)]
    if len({host.split(".")[0] for host in hosts}) != 1:
        return None
    return Connection(Failure.FAILED, hosts[0], known.get(hosts[0], 0), "", told.line, told.index)


def _names(told: Telling, host: str) -> bool:
    """Whether a line has a host, or the first part of its name, as a word."""
    words = [re.escape(one) for one in (host, host.split(".")[0]) if one]
    return bool(words) and re.search(rf"(?<![\w-])(?:{'|'.join(words)})(?![\w-])", told.line, re.IGNORECASE) is not None
