"""Logins that are turned down (class 55): where the password comes from, and on which side it was changed.

Nobody reads a password for that: when the data of a Secret was last written stands in its managed fields.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from explainers import kinds
from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.logs.connections import Failure
from explainers.diagnosis.logs.lasting import not_worked_since
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans.logins import other_side, run_again, server_again
from explainers.diagnosis.plans.remedies import read_spec
from explainers.diagnosis.rules.login_users import other_user
from explainers.diagnosis.rules.protected import PROTECTED, protected
from explainers.diagnosis.rules.stale import changed_at
from explainers.diagnosis.rules.unset import login_as_written
from explainers.diagnosis.views.calls import Refusal, answered, log_name
from explainers.diagnosis.views.configuration import configuration
from explainers.diagnosis.views.environment import Variable
from explainers.diagnosis.views.passwords import Login, by_option, differ, login_in, set_anew, user_of
from explainers.diagnosis.views.pods import Json, Pod, dicts, dig, text
from explainers.diagnosis.views.references import Reference, references
from explainers.diagnosis.views.servers import OF_ROOT, PASSWORDS, made_with, place
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.reads import GetMetadata
from explainers.operations.rollouts import Restart
from explainers.operations.workloads import workload
from explainers.patterns import pattern
from explainers.plan import Plan, Step

MOST = 3
"""Secrets that are looked at, at most."""
MADE = timedelta(seconds=2)
_PASSWORD = pattern(r"pass|pwd|secret|token", re.I)
_NONE_SENT = pattern(r"\bNOAUTH\b|no password supplied|using password: NO\b|requires? authentication", re.I)
"""What is called says that no password came at all: Redis, libpq, MySQL, MongoDB."""
_BY_RULE = pattern(r"\bpg_hba\.conf (?:entry|rejects)\b([^\n]*)")
"""PostgreSQL asks for no password where its rules know nobody like this client.

Source: https://www.postgresql.org/docs/current/client-authentication-problems.html
"""
_USER = pattern(r"\buser \W?([\w.-]+)")
_ROOT = pattern(r"\buser\W{1,3}root\b", re.I)
_PLAIN = pattern(r"no encryption|SSL off", re.I)
_LOGIN = pattern(r"auth|cred|login|url|uri|dsn|conn|user", re.I)


@dataclass(frozen=True)
class Sent:
    """Where the password that is sent comes from: a Secret and when its data was written, or a variable."""

    words: str
    secret: Ref | None = None
    use: Reference | None = None
    written: datetime | None = None


def login_turned_down(case: Case) -> Iterator[Finding]:
    """55: what is called answers, and does not accept the password."""
    refusal = answered(case, Failure.AUTH)
    if refusal is None:
        return
    pod = next(iter(case.unready_pods or case.pods))
    if by_rule := _BY_RULE.search(refusal.line):
        yield _ruled_out(case, pod, refusal, by_rule[1])
        return
    called = Ref("Service", refusal.namespace, refusal.service) if refusal.service else None
    if kept := login_as_written(case, called, Evidence(refusal.source, refusal.line)):
        yield kept
        return
    since = _serving_since(case, refusal)
    if since and _by_those_gone(case, pod, refusal, since):
        return
    if PROTECTED.search(refusal.line):
        yield protected(case, pod, refusal)
        return
    login = login_in(case, pod, refusal.address)
    sent = _of_login(case, refusal, login) if login else _sent(case, pod)
    if sent is None:
        yield from _without_password(case, pod, refusal)
        return
    by = f"`{refusal.service}`" if refusal.service else "what it calls"
    ended = runs_out(case)
    down = "turned its login down" if ended else "turns its login down"
    sends = "sent" if ended else "sends"
    clause = f"{by} {down}; the password that it {sends} comes from {sent.words}"
    seen = [Evidence(refusal.source, refusal.line)]
    plan = _look(case, sent)
    if sent.secret and sent.written:
        seen.append(Evidence(str(sent.secret), "its data was last written", ago(case.now, sent.written)))
        old = any(one.running_since and one.running_since < sent.written for one in pod.main_containers)
        if old:
            clause += f", which was changed {ago(case.now, sent.written)}, after its containers had read it"
            plan = _again(case, sent)
        elif since and since < sent.written:
            clause += f", which was changed {ago(case.now, sent.written)}, and {by} runs since before that with its own"
            seen.append(Evidence(f"service {refusal.service}", "its pods run since before", ago(case.now, since)))
            plan = server_again(case.follow(Ref("Service", refusal.namespace, refusal.service)), sent.use, plan)
    if (own := _expected(case, refusal)) and plan == _look(case, sent):
        asked = _USER.search(refusal.line)
        if wrong := other_user(case, pod, refusal, own, asked[1] if asked else ""):
            yield wrong
            return
    if own:
        same = sent.use is not None and (f"{sent.use.kind} {sent.use.name}", sent.use.key) == (own.origin, own.key)
        unlike = differ(login.password, own) if login else None
        clause += f"; {by} was made with {'the same key' if same else place(own)}"
        clause += ", and the two are not the same" if unlike else ""
        seen.append(Evidence(f"service {refusal.service}", f"its pods have {place(own).replace('`', '')}"))
        if sent.secret is None:
            why = f"both sides need the same password: the one that {by} was made with is {place(own)}"
            plan = Plan(tuple(replace(one, why=why) for one in plan.steps))
        plan = plan if same else other_side(case, plan, sent.use, own, refusal.namespace)
        more, plan = _of_server(case, refusal, login, own, plan)
        clause += more
    ref = sent.secret or case.workload_ref or pod.ref
    begun = _begun(case, sent.written)
    yield Finding(55, ref, Layer.NEEDS, clause, tuple(seen), run_again(case, plan), Confidence.LIKELY, begun)


def _of_login(case: Case, refusal: Refusal, login: Login) -> Sent:
    """The origin of a password that the called address carries, or refers to."""
    own, container = login.password, refusal.address.container
    kind, _, name = own.origin.partition(" ")
    if login.within:
        held = f" (the key `{own.key}` of the ConfigMap `{name}`)" if own.origin else ", which stands in its template"
        where = f"variable `{own.name}`" if refusal.address.variable else "arguments"
        return Sent(f"the address in the {where} of container `{container}`{held}")
    if kind != kinds.SECRET.name:
        held = f" ({place(own)})" if own.origin else ""
        return Sent(f"the variable `{own.name}` of container `{container}`{held}")
    answer = case.get(kinds.SECRET, name)
    use = Reference(kind, name, own.key, optional=False, place=f"variable `{own.name}` of container `{container}`")
    words = f"the key `{own.key}` of the Secret `{name}` ({use.place})"
    return Sent(words, Ref(kind, case.namespace, name), use, _changed(answer.object, own.key))


def _of_server(case: Case, refusal: Refusal, login: Login | None, own: Variable, plan: Plan) -> tuple[str, Plan]:
    """What the server's side adds: that its password was changed in vain, or that it was made with another user."""
    called = case.follow(Ref("Service", refusal.namespace, refusal.service))
    server, caller = called.workload_ref, case.workload_ref or case.target
    if server and (when := set_anew(called, own)):
        why = (
            f"where `{own.name}` stands: its data still has the password of before, so set that there and in the "
            "caller, or change it in the database itself"
        )
        plan = Plan((replace(read_spec(server), why=why), *plan.steps), plan.alternatives)
        return (
            f", which was changed {ago(case.now, when)}: that has no effect on data that is there, and {server.kind} "
            f"`{server.name}` keeps it on a volume"
        ), plan
    asks = _USER.search(refusal.line)
    user = login.user if login and login.user else asks[1] if asks else ""
    made = user_of(called, own)
    if user and made and user != made and "$(" not in user:
        why = f"let it log in as `{made}`, or make the user `{user}` in the database, with the password that it sends"
        if look := next((one for one in plan.steps if one.operation == read_spec(caller).operation), None):
            plan = Plan(tuple(replace(one, why=why) if one is look else one for one in plan.steps), plan.alternatives)
        return f"; it logs in as `{user}`, and the user that `{refusal.service}` was made with is `{made}`", plan
    return "", plan


def runs_out(case: Case) -> bool:
    """Whether it is a Job of which no container runs: what its log says was so then."""
    batch = case.workload_ref is not None and case.workload_ref.kind in ("Job", "CronJob")
    return batch and not any(one.running_since for pod in case.pods for one in pod.main_containers)


def _begun(case: Case, written: datetime | None) -> datetime | None:
    """Since when it can fail for that: since the password was written, and not before the first pod was there."""
    made = min((pod.created for pod in case.pods if pod.created), default=None)
    return max(written, made) if written and made else written


def _ruled_out(case: Case, pod: Pod, refusal: Refusal, said: str) -> Finding:
    """55: no rule of the server admits such a client, whatever its password. The words tell host, user, database and
    whether the connection was encrypted."""
    ref = case.workload_ref or pod.ref
    clause = (
        f"`{refusal.service or refusal.address.host}` refuses it by its own rules, not for its password: its "
        "`pg_hba.conf` admits no client of this host, user, database and encryption"
    )
    look = read_spec(ref)
    if _PLAIN.search(said):
        clause += "; the connection is not encrypted, which an entry may demand (`sslmode=require` in the client)"
        why = "where its connection is set up: let it use TLS (`sslmode=require`), or add an entry to `pg_hba.conf`"
    else:
        why = "which user and database it asks for: correct these, or add an entry to `pg_hba.conf`"
    seen = (Evidence(refusal.source, refusal.line),)
    return Finding(55, ref, Layer.NEEDS, clause, seen, Plan((replace(look, why=why),)), Confidence.LIKELY)


def _without_password(case: Case, pod: Pod, refusal: Refusal) -> Iterator[Finding]:
    """55: nothing in its template would be a password; perhaps it sends none."""
    address, ref = refusal.address, case.workload_ref or pod.ref
    if not _NONE_SENT.search(refusal.line):
        clause = f"`{refusal.service or address.host}` turns its login down; its password is in no variable or Secret"
        seen = (Evidence(refusal.source, refusal.line),)
        yield Finding(55, ref, Layer.NEEDS, clause, seen, Plan((read_spec(ref),)), Confidence.LIKELY)
        return
    where = f"`{address.where}`" if address.variable else "what its arguments name"
    who = f"`{refusal.service or address.host}` wants a password, and container `{address.container}` sends none"
    clause = f"{who}: {where} has none"
    seen = (Evidence(refusal.source, refusal.line),)
    yield Finding(55, ref, Layer.NEEDS, clause, seen, Plan((read_spec(ref),)), Confidence.LIKELY)


def _sent(case: Case, pod: Pod) -> Sent | None:
    """The password's likeliest origin: what is called a password before what may hold one."""
    uses = [one for one in references(pod.spec) if one.kind == kinds.SECRET.name]
    uses = sorted((one for one in uses if _rank(one) < 2), key=_rank)
    answers = configuration(case, uses, MOST)
    for use in uses:
        answer = answers.get((use.kind, use.name))
        if answer is None or answer.absent:
            continue
        what = f"the key `{use.key}` of the Secret `{use.name}`" if use.key else f"the Secret `{use.name}`"
        written = _changed(answer.object, use.key)
        return Sent(f"{what} ({use.place})", Ref(use.kind, case.namespace, use.name), use, written)
    for container in pod.main_containers:
        for entry in dicts(container.spec, "env"):
            name = text(entry, "name")
            if text(entry, "value") and _PASSWORD.search(name):
                return Sent(f"the variable `{name}` of container `{container.name}`, which stands in its template")
    return None


def _changed(secret: Json, key: str) -> datetime | None:
    """When its data was written after it was made; None where that is not recorded."""
    written, made = changed_at(secret, key), moment(dig(secret, "metadata", "creationTimestamp"))
    return written if written and made and written - made > MADE else None


def _rank(use: Reference) -> int:
    said = f"{use.key} {use.place.partition(' of container')[0]}"
    if _PASSWORD.search(said):
        return 0
    return 1 if not use.key or _LOGIN.search(said) else 2


def _serving_since(case: Case, refusal: Refusal) -> datetime | None:
    """Since when what is called runs, where it is a Service of this cluster with pods that may be seen."""
    if not refusal.service:
        return None
    called = case.follow(Ref("Service", refusal.namespace, refusal.service))
    times = [one.running_since for pod in called.pods for one in pod.main_containers if one.running_since]
    return min(times, default=None)


def _by_those_gone(case: Case, pod: Pod, refusal: Refusal, since: datetime) -> bool:
    """Whether a container that goes on was turned down for the last time before what is called had started."""
    for container in pod.main_containers:
        if refusal.source == log_name(container) and container.running_since and container.running_since < since:
            said = not_worked_since(case.stamped_log(container))
            last = next((one.at for one in said if one.line == refusal.line), None)
            return last is not None and last < since
    return False


def _expected(case: Case, refusal: Refusal) -> Variable | None:
    """The variable that tells what is called which password to expect, where its image has a usual one."""
    if not refusal.service:
        return None
    names = OF_ROOT if _ROOT.search(refusal.line) else PASSWORDS
    service = Ref("Service", refusal.namespace, refusal.service)
    return made_with(case, service, names) or by_option(case, service)


def _look(case: Case, sent: Sent) -> Plan:
    if sent.secret is None:
        ref = case.workload_ref or case.target
        return Plan((read_spec(ref),))
    why = "see who wrote it and when; both sides need the same password: give the called side the new one, or go back"
    return Plan((Step(GetMetadata(kinds.SECRET, sent.secret.namespace, sent.secret.name), why),))


def _again(case: Case, sent: Sent) -> Plan:
    ref = case.workload_ref
    if ref is None or not workload(ref.type):
        return _look(case, sent)
    why = "make new pods, which read the new password"
    again = Step(Restart(ref.type, ref.namespace, ref.name, case.now), why, "they log in and become ready")
    return Plan((again, *_look(case, sent).steps))


RULES: tuple[Rule, ...] = (login_turned_down,)
