"""The calls of a workload that seem to fail: what it is told to call, beside what its logs complain about.

A log alone decides nothing: its lines may be old. A call is only suspected here; the rules look at the state of
what is called before they say anything.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus

from explainers.diagnosis.case import Case
from explainers.diagnosis.facts import at_once
from explainers.diagnosis.logs.connections import Connection, Failure, failed_connections, of_a_client
from explainers.diagnosis.logs.lasting import going_on, not_overcome, not_worked_since, timed
from explainers.diagnosis.logs.lines import telling
from explainers.diagnosis.logs.plain_words import called_by_name
from explainers.diagnosis.logs.stamps import Stamped
from explainers.diagnosis.logs.without import goes_without, left_behind
from explainers.diagnosis.model import Confidence
from explainers.diagnosis.views.address_texts import unquoted, without_logins
from explainers.diagnosis.views.addresses import Address, addresses, named_outright, service_of
from explainers.diagnosis.views.endings import crashes, in_trouble, last_log, oom_stated, pod_events, source_of
from explainers.diagnosis.views.listening import better_port
from explainers.diagnosis.views.pods import Container, Pod, table, text
from explainers.diagnosis.views.probe_specs import Failure as Probing
from explainers.diagnosis.views.probe_specs import failed, probe_of
from explainers.diagnosis.views.proxied import named
from explainers.diagnosis.views.telemetry import of_telemetry
from explainers.diagnosis.views.unanswered import unanswered
from explainers.diagnosis.when import ago
from explainers.document import Evidence
from explainers.patterns import pattern

_LOGIN = pattern(r"\b(password|pwd|secret|token)\s*=\s*[^\s;&]+", re.I)
_BARE_LOGIN = pattern(r"[^\s@/:]+[:/][^\s@/:]+@")
"""`app:secret@tcp(mysql:3306)/shop` and `scott/tiger@//db:1521/shop`: logins without a scheme before them."""
NAMES = (Failure.NXDOMAIN, Failure.NO_DNS)
PROBES = ("readinessProbe", "startupProbe", "livenessProbe")
NEAR = 2
"""So many lines before one that says no more than that a call failed, one may say how."""
REACHED = (Failure.AUTH, Failure.TRUST, Failure.PLAIN, Failure.FULL, Failure.ANSWERED)
"""What is called answers; something else is wrong."""


@dataclass(frozen=True)
class Call:
    """One suspected call. `complaint` is the log line about it, if any, `source` where that was read, and `age` how
    long ago, where that is known; `name` and `namespace` are the Service that the host means, empty for a host
    outside the cluster. `optional` says that the log says that the program goes on without it."""

    address: Address
    name: str
    namespace: str
    complaint: Connection | None = None
    source: str = ""
    age: str = ""
    optional: bool = False

    @property
    def evidence(self) -> list[Evidence]:
        """The log line and the place where the address is written."""
        found = [Evidence(self.source, self.complaint.line, self.age)] if self.complaint else []
        if self.address.variable:
            origin = f" (ConfigMap {self.address.config_map})" if self.address.config_map else ""
            found.append(
                Evidence(
                    f"container {self.address.container}", f"{self.address.variable}={shown(self.address)}{origin}"
                )
            )
        return found


def shown(address: Address) -> str:
    """The value without the login that a URL or a connection string may carry."""
    value = address.value
    value = without_logins(value) if "://" in value else _BARE_LOGIN.sub("…@", value)
    return _LOGIN.sub(r"\1=…", value)


def sureness(case: Case, call: Call) -> Confidence:
    """How far a wrong call explains the target's state: sure when the log names it, likely when the log complains of
    some call or the pod runs and says itself that it is not ready, else only possible."""
    if call.complaint:
        by_name = call.complaint.host in ("", call.address.host) or not call.address.container
        return Confidence.SURE if by_name else Confidence.LIKELY
    unready = case.unready_pods
    waits = bool(unready) and all(_runs(pod) for pod in unready) and any(_waits(case, pod) for pod in unready[:2])
    return Confidence.LIKELY if waits else Confidence.POSSIBLE


def _runs(pod: Pod) -> bool:
    return all(one.running_since and not one.restarts for one in pod.main_containers)


def _waits(case: Case, pod: Pod) -> bool:
    """Whether each of its containers that is not ready says so itself."""
    return all(one.ready or _says_no(case, one) for one in pod.main_containers)


def _says_no(case: Case, container: Container) -> bool:
    """Whether it has a readiness command, or answers that it is not ready."""
    probe = probe_of(container, "readiness")
    if probe is None or probe.handler == "exec":
        return probe is not None
    fails = failed(case, probe)
    by_grpc = probe.handler == "grpc" and fails is not None and fails.failure is Probing.COMMAND
    return by_grpc or (fails is not None and fails.status >= HTTPStatus.INTERNAL_SERVER_ERROR)


def suspected_calls(case: Case) -> list[Call]:
    """The calls to look at, those that the log complains about first; none while all is quiet and ready."""
    return case.once(_suspected)


def complaints_of_probes(case: Case) -> list[Connection]:
    """The failed connections that probe commands of the newest unready pods tell of, in their events."""
    return case.once(_complaints_of_probes)


def _complaints_of_probes(case: Case) -> list[Connection]:
    asking = [pod for pod in case.unready_pods[:2] if any(_probed_by_command(case, one) for one in pod.main_containers)]
    said = [
        text(event, "message")
        for pod in asking for event in pod_events(case, pod) if text(event, "reason") == "Unhealthy"
    ]  # fmt: skip
    return [line for message in said for line in failed_connections(message)]


def _probed_by_command(case: Case, container: Container) -> bool:
    return any(table(container.spec, probe, "exec") for probe in PROBES) and not crashes(case, container)


def _suspected(case: Case) -> list[Call]:
    known = addresses(case) if case.template else []
    unready = case.unready_pods
    told = _complaints(case)
    since = {(source, line.target): line.index for line, source in reversed(told) if line.failure in REACHED}
    complaints = [
        (named(case, line), source)
        for line, source in told
        if line.failure not in REACHED and not (line.target and line.index < since.get((source, line.target), 0))
        and not torn_from(line, known)
    ]  # fmt: skip
    found = [
        _call(case, address, line, source)
        for line, source in complaints
        for address in _about(line, _with_outright(case, line, known)) or [_somewhere(line)]
    ]
    quiet = unready and not complaints and not complaints_of_probes(case)
    needed = [one for one in known if not of_telemetry(None, [one])] if quiet else []
    silent = [_call(case, address, None, "") for address in needed]
    calls: dict[tuple[str, int], Call] = {}
    for call in [*found, *silent]:
        key = (call.address.host, call.address.port)
        calls[key] = more_telling(calls.get(key, call), call)
    return list(calls.values())


def more_telling(later: Call, earlier: Call) -> Call:
    """The later of two complaints of one call; where that does not say how it failed, the one just before it that does
    (`Could not resolve host: api`, then `GET http://api/ failed`)."""
    said, before = later.complaint, earlier.complaint
    if said is None or before is None or said.failure is not Failure.FAILED or later.source != earlier.source:
        return later
    tells = before.failure is not Failure.FAILED
    return earlier if tells and 0 < said.index - before.index <= NEAR else later


def torn_from(line: Connection, known: list[Address]) -> Address | None:
    """The address that a complaint's host is no host of, but a piece of the password that stands before it."""
    if not line.host:
        return None
    torn = (one for one in known for match in unquoted(one.value) if line.host in _pieces(match["password"]))
    return next((one for one in torn if one.host != line.host), None)


def _pieces(password: str) -> list[str]:
    return re.split(r"[@/?#:]", password.lower())


@dataclass(frozen=True)
class Refusal:
    """A call that was answered and failed still: the address that was called, the Service that is meant (empty where it
    cannot be told), and the log's words."""

    address: Address
    service: str
    namespace: str
    line: str
    source: str


def answered(case: Case, failure: Failure) -> Refusal | None:
    """The call that was answered and failed in this way (one of REACHED), where that is the last thing that the log of
    a pod in trouble, or one that goes on about it, complains about."""
    line, source = next(iter(_complaints(case, lasting=True)), (None, ""))
    if line is None or line.failure is not failure or of_a_client(line):
        return None
    meant = _about(named(case, line), addresses(case) if case.template else [])
    if not meant:
        return None  # a database's own log complains of its clients
    hosts = {address.host for address in meant}
    name, namespace = (service_of(hosts.pop(), case.namespace) or ("", "")) if len(hosts) == 1 else ("", "")
    return Refusal(meant[0], name, namespace, line.line, source)


def answering_badly(case: Case) -> list[Call]:
    """The calls that are answered with an HTTP status of 500 and more, of a pod in trouble or while that goes on."""
    known = addresses(case) if case.template else []
    return [
        _call(case, address, line, source)
        for line, source in lasting_complaints(case) if line.failure is Failure.ANSWERED and line.host
        for address in _about(line, known)
    ]  # fmt: skip


def done_without(case: Case) -> list[Call]:
    """The calls of pods that are well of which their log says that they go on without."""
    known = addresses(case) if case.template else []
    return [
        replace(_call(case, address, line, source), optional=True)
        for line, source in _found(case, lasting=True, without=True)
        for address in _about(named(case, line), known)
    ]


def lasting_complaints(case: Case) -> list[tuple[Connection, str]]:
    """All that the log of a pod goes on about, with where it was read; see _complaints."""
    return [(named(case, line), source) for line, source in _complaints(case, lasting=True)]


def _call(case: Case, address: Address, complaint: Connection | None, source: str) -> Call:
    name, namespace = service_of(address.host, case.namespace) or ("", "")
    age = ago(case.now, complaint.at) if complaint else ""
    return Call(address, name, namespace, complaint, source, age)


def _about(line: Connection, known: list[Address]) -> list[Address]:
    """The addresses that a complaint means: those of its host, else one of its own; when it names none as an address,
    those whose bare name it says was called, else those of telemetry or all others, as it speaks of that or not."""
    same = [each for each in known if each.host == line.host]
    if same:
        fitting = [each for each in same if not line.port or each.port in (0, line.port)]
        return [
            replace(each, port=each.port or line.port) for each in fitting
        ]  # else the line is older than the address
    short = [each for each in known if line.host and each.host.split(".")[0] == line.host.split(".")[0]]
    if short:
        return short
    if line.host:
        return [Address(line.host, line.port, "", "", line.line)]
    if spoken := [each for each in known if called_by_name(line.line, each.host)]:
        return spoken
    ported = [each for each in known if line.port and each.port == line.port]
    reports = of_telemetry(line, [])
    return ported or [each for each in known if of_telemetry(None, [each]) is reports] or known


def _with_outright(case: Case, line: Connection, known: list[Address]) -> list[Address]:
    """The addresses that are known, and where none has a host that was not found, the variables that are that host."""
    missing = line.host and line.failure in NAMES and not any(one.host == line.host for one in known)
    return [*known, *(named_outright(case, line.host) if missing and case.template else [])]


def _somewhere(line: Connection) -> Address:
    """What a complaint means that names no host, of a workload of which no address is known."""
    return Address("", line.port, "", "", line.line)


def _complaints(case: Case, lasting: bool = False) -> list[tuple[Connection, str]]:
    return case.once(_lasting if lasting else _passing)


def _lasting(case: Case) -> list[tuple[Connection, str]]:
    return _found(case, lasting=True)


def _passing(case: Case) -> list[tuple[Connection, str]]:
    return _found(case, lasting=False)


def _found(case: Case, lasting: bool, without: bool = False) -> list[tuple[Connection, str]]:
    """The failed connections in the logs of the newest unready pod that has any, else of one that restarts, else of the
    first. A pod that has not started yet has nothing to tell, and the others may. Of one that is well they count while
    they are not overcome, if it does not say that it goes on without (with `without`, only then); with `lasting`, or
    where no address is known that it is told to call, while they go on. Else they count where what they are about
    cannot answer now either."""
    pods = pods_that_tell(case)
    ran = [one for pod in pods for one in pod.containers if _has_log(pod, one)]
    if any(pod in case.unready_pods or _restless(case, pod) for pod in pods):
        return [] if without else [found for one in ran for found in _failed(case, one)]
    still = not_overcome if not lasting and case.template and addresses(case) else going_on
    stamps = at_once(partial(_stamped, case, one) for one in ran)
    found = [
        (line, source)
        for log, source in stamps for line in still(log, case.now) if _optional(case, log.text, line) is without
    ]  # fmt: skip
    told = {(line.index, source) for line, source in found}
    past = (
        (line, source) for log, source in stamps for line in not_worked_since(log)
        if line.failure not in REACHED and not _optional(case, log.text, line)
    )  # fmt: skip
    old = [] if lasting else unanswered(case, (one for one in past if (one[0].index, one[1]) not in told))
    return [*found, *old]


def pods_that_tell(case: Case) -> list[Pod]:
    """The pod whose logs are read for this, if there is one."""
    unready = [pod for pod in case.unready_pods if any(_has_log(pod, one) for one in pod.containers)]
    return (
        unready[:1]
        or case.unready_pods[:1]
        or [pod for pod in case.pods if _restless(case, pod)][:1]
        or [pod for pod in case.pods if pod.phase == "Running"][:1]
    )


def _stamped(case: Case, container: Container) -> Iterator[tuple[Stamped, str]]:
    yield case.stamped_log(container), log_name(container)


def _restless(case: Case, pod: Pod) -> bool:
    return any(in_trouble(case, one) for one in pod.containers)


def _has_log(pod: Pod, container: Container) -> bool:
    if container.init and not container.sidecar and pod.condition("Initialized").get("status") == "True":
        return False
    return container.ran


def _failed(case: Case, container: Container) -> list[tuple[Connection, str]]:
    """The failed connections that may be the trouble of a container, with where each is read."""
    if container.last_end and in_trouble(case, container):
        if oom_stated(container):
            return []
        log = last_log(case, container).text
        return [(line, source_of(case, container, line.line)) for line in failed_connections(log)
                if not left_behind(log, line) and not _reports(case, log, line)]  # fmt: skip
    log = case.log(container).text
    found = failed_connections(log) if container.terminated else timed(case.stamped_log(container))
    if found and not container.ready and not _says_no(case, container):
        found = () if _answers(case, container) else tuple(one for one in found if not _optional(case, log, one))
    return [(line, log_name(container)) for line in found]


def _answers(case: Case, container: Container) -> bool:
    """Whether its probe gets an answer that no call of its own can be behind: what is asked for is not there, or not
    for the kubelet, or it listens on another port."""
    probe = probe_of(container, "readiness")
    fails = failed(case, probe) if probe else None
    if probe is None or fails is None:
        return False
    if fails.failure is Probing.REFUSED and probe.port:
        port, signs = better_port(case, container, probe.port, probe.kind)
        return bool(port) and sum(sign.weight for sign in signs) > 1
    return HTTPStatus.BAD_REQUEST <= fails.status < HTTPStatus.INTERNAL_SERVER_ERROR


def _optional(case: Case, log: str, line: Connection) -> bool:
    """Whether a program goes on without what it could not reach."""
    return goes_without(log, line) or _telemetry(case, line)


def _reports(case: Case, log: str, line: Connection) -> bool:
    """Whether a complaint of a program that ended is of its telemetry alone, and not its last word."""
    told = telling(log)
    return _telemetry(case, line) and told is not None and told.index != line.index


def _telemetry(case: Case, line: Connection) -> bool:
    return of_telemetry(line, _about(named(case, line), addresses(case) if case.template else []))


def log_name(container: Container) -> str:
    """Where a line of the log of the run that goes on comes from, for an evidence row."""
    return f"log of {container.pod.name}/{container.name}"
