"""Certificates that a client does not trust (class 26): which one, of which Secret, and whether it was renewed since.

Nobody reads a certificate for that: the client says what is wrong with it, and when the Secret was last written stands
in its managed fields. A server goes on showing the certificate that it read when it started.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from explainers import kinds
from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.logs.connections import Failure
from explainers.diagnosis.logs.trust import Doubt, doubt, ended, valid_for
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans.config import keys_of
from explainers.diagnosis.rules.stale import changed_at
from explainers.diagnosis.views.calls import Refusal, answered
from explainers.diagnosis.views.configuration import configuration
from explainers.diagnosis.views.pods import Pod, table, text
from explainers.diagnosis.views.references import references
from explainers.diagnosis.when import ago
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.byhand import ReadSecretKey
from explainers.operations.reads import Get, GetMetadata
from explainers.operations.rollouts import Restart
from explainers.operations.workloads import workload
from explainers.plan import Plan, Step

MOST = 3
"""Secrets of the called program that are looked at, at most."""
_CERTIFICATES = (".crt", ".pem", ".cer")
_ISSUED = "cert-manager.io/certificate-name"


@dataclass(frozen=True)
class Shown:
    """The Secret that holds the certificate of what is called, and what is known of it."""

    ref: Ref
    issued: str
    """The cert-manager Certificate that it comes from, or empty."""
    written: datetime | None
    read_before: bool
    """Whether the called program's containers have been running since before that."""
    key: str
    """The key that holds the certificate."""


def not_trusted(case: Case) -> Iterator[Finding]:
    """26: what is called answers, and its certificate is not accepted."""
    refusal = answered(case, Failure.TRUST)
    kind = doubt(refusal.line) if refusal else None
    if refusal is None or kind is None:
        return
    by = f"`{refusal.service}`" if refusal.service else "what it calls"
    seen = [Evidence(refusal.source, refusal.line)]
    called = case.follow(Ref(kinds.SERVICE.name, refusal.namespace, refusal.service)) if refusal.service else None
    shown = _shown(called) if called else None
    if called is None or shown is None:
        mine = case.workload_ref or case.target
        look = Step(
            Get(mine.type, mine.namespace, mine.name),
            f"see what it calls, and which issuers it is given; {_TODO[kind]}",
        )
        clause = _wrong(kind, f"the certificate of {by}", refusal)
        ref = called.target if called else mine
        yield Finding(26, ref, Layer.DEPENDENCY, clause, tuple(seen), Plan((look,)), Confidence.LIKELY)
        return
    clause = _wrong(kind, f"the certificate of {by}, from the Secret `{shown.ref.name}`,", refusal)
    plan = _renew(shown, f"{_TODO[kind]}, and what shows it a restart", called.workload_ref)
    if shown.written:
        seen.append(Evidence(str(shown.ref), "its data was last written", ago(case.now, shown.written)))
    if shown.written and shown.read_before:
        clause += f"; the Secret was renewed {ago(case.now, shown.written)}, after {by} had read it"
        plan = _again(called, shown)
    since = None if kind in (Doubt.EXPIRED, Doubt.EARLY) and not shown.read_before else shown.written
    yield Finding(26, shown.ref, Layer.DEPENDENCY, clause, tuple(seen), plan, Confidence.LIKELY, since)


_TODO = {
    Doubt.EXPIRED: "it needs a new certificate",
    Doubt.EARLY: "compare its first day with the clock of the node",
    Doubt.OTHER_NAME: "it needs a certificate for the name that is called, or the call another name",
    Doubt.ISSUER: "its clients need the certificate of the issuer",
}


def _wrong(kind: Doubt, certificate: str, refusal: Refusal) -> str:
    match kind:
        case Doubt.EXPIRED:
            when = ended(refusal.line)
            return f"{certificate} has expired" + (f" ({when})" if when else "")
        case Doubt.EARLY:
            return f"{certificate} is not valid yet"
        case Doubt.OTHER_NAME:
            names = valid_for(refusal.line)
            meant = f", `{names}`," if names else ""
            return f"{certificate} is for another name{meant} than `{refusal.address.host}`"
        case Doubt.ISSUER:
            return f"{certificate} comes from an issuer that its client does not know"


def _shown(called: Case) -> Shown | None:
    """The likeliest Secret among those that the called program's pods mount; None when they mount no certificate."""
    pod = next(iter(called.pods), None)
    if pod is None:
        return None
    uses = [one for one in references(pod.spec) if one.kind == kinds.SECRET.name]
    for (kind, name), answer in configuration(called, uses, MOST).items():
        held = sorted(key for key in keys_of(answer.object) if key.endswith(_CERTIFICATES))
        if answer.ok and held:
            key = next((one for one in held if not one.startswith("ca")), held[0])
            written = changed_at(answer.object)
            notes = table(answer.object, "metadata", "annotations")
            older = _older(pod, written)
            return Shown(Ref(kind, called.namespace, name), text(notes, _ISSUED), written, older, key)
    return None


def _older(pod: Pod, written: datetime | None) -> bool:
    return written is not None and any(one.running_since and one.running_since < written for one in pod.main_containers)


def _renew(shown: Shown, then: str, server: Ref | None = None) -> Plan:
    """Where the certificate comes from; without cert-manager also how its last day is read by hand: a Secret's values
    are not for us to read."""
    namespace, name = shown.ref.namespace, shown.ref.name
    look = GetMetadata(kinds.SECRET, namespace, name)
    if shown.issued:
        return Plan((Step(look, f"cert-manager makes it from the Certificate `{shown.issued}`; {then}"),))
    why = f"see who wrote it and when; {then}"
    if server:
        shows = ReadSecretKey(namespace, name, shown.key).line()
        why += f" of `{server}`. Its days: `{shows} | openssl x509 -noout -subject -dates`"
    return Plan((Step(look, why),))


def _again(called: Case, shown: Shown) -> Plan:
    ref, look = called.workload_ref, _renew(shown, "if clients still refuse it, it is not what they need")
    if ref is None or not workload(ref.type):
        return look
    again = Restart(ref.type, ref.namespace, ref.name, called.now)
    return Plan((Step(again, "make new pods, which read the new certificate", "its clients trust it"), *look.steps))


RULES: tuple[Rule, ...] = (not_trusted,)
