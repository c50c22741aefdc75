"""A Redis in protected mode, which takes no client from elsewhere (class 55); used by rules/logins.py."""

from pathlib import PurePosixPath

from explainers.diagnosis.case import Case
from explainers.diagnosis.classes import cases
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans.remedies import change_container, read_spec
from explainers.diagnosis.views.calls import Refusal
from explainers.diagnosis.views.pods import Container, Pod, words
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.reads import Get
from explainers.patterns import pattern
from explainers.plan import Plan, Step

PROTECTED = pattern(r"\bDENIED Redis is running in protected mode")
_SERVERS = frozenset({"redis-server", "valkey-server"})
_PASSWORDS = ("--requirepass", "--protected-mode")


def protected(case: Case, pod: Pod, refusal: Refusal) -> Finding:
    """55: what is called says itself that it takes nobody from another host."""
    by = f"`{refusal.service}`" if refusal.service else f"`{refusal.address.host}`"
    clause = (
        f"{by} refuses everyone who is not local: it runs in protected mode, as it has no password; it needs one, "
        "which its callers send too, or `--protected-mode no`"
    )
    seen = Evidence(refusal.source, refusal.line)
    called = case.follow(Ref("Service", refusal.namespace, refusal.service)) if refusal.service else None
    server = called.workload_ref if called else None
    ref = server or case.workload_ref or pod.ref
    why = (
        "how it is started: give it `--requirepass` and its callers the same password, or `--protected-mode no` if all "
        "that can reach it may use it"
    )
    look = Step(Get(server.type, server.namespace, server.name) if server else read_spec(ref).operation, why)
    opened = _opened(called, server) if called and server else ()
    plan, about = Plan((look,), opened), cases.PROTECTED_MODE
    return Finding(55, ref, Layer.NEEDS, clause, (seen,), plan, Confidence.SURE, about=about)


def _opened(called: Case, server: Ref) -> tuple[Step, ...]:
    """The option in the command of the server, where that stands in its template."""
    container = next(iter(Pod(called.template).main_containers), None)
    key = next((one for one in ("args", "command") if container and _starts_server(container, one)), "")
    if container is None or not key:
        return ()
    said = [*words(container.spec, key), "--protected-mode", "no"]
    why = "only if all that can reach it may use it without a password; what it keeps only in memory is lost"
    return tuple(change_container(called, server, container, {key: said}, why, "its callers are let in"))


def _starts_server(container: Container, key: str) -> bool:
    """Whether a Redis is started by the last of the words of its command, without these options."""
    said = words(container.spec, key)
    last = key == "args" or not words(container.spec, "args")
    program = PurePosixPath((words(container.spec, "command") or words(container.spec, "args") or [""])[0]).name
    return last and bool(said) and program in _SERVERS and not any(one in said for one in _PASSWORDS)
