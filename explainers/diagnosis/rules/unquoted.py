"""Passwords in URLs with characters that end an address (class 52): what stands behind them is taken for the host."""

import re
from collections.abc import Iterator
from dataclasses import replace

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.classes import cases
from explainers.diagnosis.logs.connections import Failure
from explainers.diagnosis.logs.lines import clean, lines_of
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans.remedies import read_spec
from explainers.diagnosis.rules.addresses import writer
from explainers.diagnosis.views.address_texts import unquoted
from explainers.diagnosis.views.addresses import Address, addresses
from explainers.diagnosis.views.calls import Call, lasting_complaints, log_name, shown, torn_from
from explainers.diagnosis.views.endings import Ending, in_trouble, last_log, source_of
from explainers.document import Evidence
from explainers.patterns import pattern
from explainers.plan import Plan
from explainers.redaction import HIDDEN

LAST = 30
"""Lines at the end of a log that are searched."""
_UNREADABLE = pattern(
    r"\b(?:invalid|malformed|bad|unparsable)\b.{0,40}\b(?:port|ur[il]|dsn|userinfo|authority|connection string)\b"
    r"|\b(?:ur[il]|dsn|port|connection string)\b.{0,40}\b(?:invalid|malformed|could not be (?:parsed|cast))\b"
    r"|\b(?:could not|cannot|can't|failed to|unable to) parse\b.{0,60}\b(?:ur[il]|dsn|connection string|port)\b",
    re.IGNORECASE,
)


def not_encoded(case: Case) -> Iterator[Finding]:
    """52: the log complains of a host that is a piece of a password, or that an address cannot be read."""
    known = [one for one in addresses(case) if unquoted(one.value)] if case.template else []
    if not known:
        return
    for line, source in lasting_complaints(case):
        if torn := torn_from(line, known):
            said = re.sub(rf"(?<!\w){re.escape(line.host)}(?!\w)", HIDDEN, line.line, flags=re.IGNORECASE)
            yield _finding(case, torn, Evidence(source, said), Confidence.SURE)
            return
        if line.failure is Failure.NXDOMAIN:
            return
    if quoted := _unreadable(case):
        yield _finding(case, known[0], quoted, Confidence.LIKELY)


def ended(ending: Ending) -> Finding | None:
    """The same as the cause of an end, so that nothing else quotes the log, which has a piece of the password."""
    return next(not_encoded(ending.case), None) if ending.code else None


def _unreadable(case: Case) -> Evidence | None:
    """The line by which a program in trouble says that it cannot read an address; what it quotes is not told."""
    for pod in case.unready_pods[:1]:
        for container in (one for one in pod.containers if one.ran and not one.ready):
            ended = bool(container.last_end) and in_trouble(case, container)
            log = (last_log(case, container) if ended else case.log(container)).text
            for line in reversed(lines_of(log)[-LAST:]):
                if found := _UNREADABLE.search(line):
                    source = source_of(case, container, clean(line)) if ended else log_name(container)
                    return Evidence(source, f"… {clean(found[0])} …")
    return None


def _finding(case: Case, address: Address, said: Evidence, sure: Confidence) -> Finding:
    where = f"`{address.variable}`" if address.variable else f"the arguments of container `{address.container}`"
    clause = (
        f"the password in {where} has a character that ends an address, such as `@`, `/`, `#` or `?`, so what stands "
        f"behind it is taken for the host; the host is `{address.host}`"
    )
    call, ref = Call(address, address.host, case.namespace), writer(case, Call(address, "", case.namespace))
    why = f"write the password in {where} percent-encoded there: `%40` for `@`, `%2F` for `/`, `%23` for `#`"
    plan = Plan((replace(read_spec(ref), why=why),))
    place = call.evidence or [Evidence(f"container {address.container}", f"its arguments have {shown(address)}")]
    return Finding(52, ref, Layer.NEEDS, clause, (said, *place), plan, sure, about=cases.PERCENT)


RULES: tuple[Rule, ...] = (not_encoded,)
