"""Find the object that a person named, or say what is there instead."""

from collections.abc import Sequence

from commands.base.errors import Ambiguous, Denied, NotFound, Unavailable, UsageError
from commands.base.investigate import investigate
from commands.base.ports import Services
from commands.base.users import users_of
from explainers import kinds
from explainers.diagnosis.access import unchecked
from explainers.diagnosis.facts import Facts, Question
from explainers.diagnosis.near import nearest, nearest_one
from explainers.diagnosis.resolve import DIAGNOSABLE, Resolved, found_in, resolve, searches
from explainers.diagnosis.views.pods import dicts, text
from explainers.document import Unchecked
from explainers.kinds import Ref, kind_named
from explainers.operations.base import Answer
from explainers.operations.reads import Get, List

MOST = 10
"""Names that an error lists at the most."""
USERS = 3
"""Workloads that it names as what uses something."""


def find_target(services: Services, facts: Facts, namespace: str, word: str, elsewhere: bool = False) -> Ref:
    """The object that `name` or `kind/name` means. Where there is none, other namespaces are looked at if it may be
    told what is `elsewhere`. Raises NotFound, Ambiguous, Denied, UsageError, Unavailable."""
    kind_word, slash, name = word.partition("/")
    if slash and kind_named(kind_word) not in DIAGNOSABLE:
        raise _no_such_kind(services, namespace, kind_word, name)
    found = investigate(lambda known: resolve(known, namespace, word), facts, services.cluster, _no_probe)
    if found.target:
        return found.target
    if not (found.several or found.unread or found.problem or found.near or found.present):
        check_namespace(services, namespace)
    if found.several or found.unread or found.problem:
        raise _why_not(found, facts, namespace, word)
    raise _not_here(found, namespace, word, _elsewhere(services, word) if elsewhere else ())


def check_namespace(services: Services, namespace: str) -> None:
    """For a namespace where nothing was found: raises NotFound when there is none, as far as one may see, or when it is
    being deleted."""
    answer = services.cluster.run(List(kinds.NAMESPACE, "", metadata_only=True))
    if answer.absent:  # every Kubernetes has namespaces
        raise Unavailable(
            f"What answers for `{services.cluster.name}` is no Kubernetes API: it knows no namespaces.",
            "look at the `server` of the kubeconfig",
        )
    present = [text(item, "metadata", "name") for item in answer.items]
    if namespace in present:
        _refuse_ending(services, namespace)
    if not present or namespace in present:
        return
    near = [f"`{name}`" for name in nearest(namespace, present)]
    some = ", ".join(f"`{name}`" for name in sorted(present)[:MOST]) + (" …" if len(present) > MOST else "")
    raise NotFound(
        f"There is no namespace `{namespace}`.", f"did you mean {' or '.join(near)}?" if near else f"there are: {some}"
    )


def _elsewhere(services: Services, word: str) -> tuple[str, ...]:
    """The namespaces that have what was named, as far as one may see."""
    return found_in(services.cluster.read(searches(word)))


def _refuse_ending(services: Services, namespace: str) -> None:
    """Raises NotFound when the namespace is being deleted, with what it still waits for."""
    found = services.cluster.run(Get(kinds.NAMESPACE, "", namespace)).object
    if not text(found, "metadata", "deletionTimestamp"):
        return
    told = [text(one, "message") for one in dicts(found, "status", "conditions") if one.get("status") == "True"]
    raise NotFound(
        f"The namespace `{namespace}` is being deleted, and with it what was there.",
        f"it waits: {'; '.join(told)}" if told else "what is left in it goes within a minute or so",
    )


def _no_such_kind(services: Services, namespace: str, kind_word: str, name: str) -> UsageError:
    """What can be diagnosed instead: the kind that was nearly typed, the workloads that use it, else the list."""
    known = [kind.singular for kind in DIAGNOSABLE]
    kind = kind_named(kind_word)
    near = "" if kind else nearest_one(kind_word.lower(), known, 0.7)
    hint = f"did you mean `{near}/{name}`?" if near else f"kinds that I know: {', '.join(f'`{one}`' for one in known)}"
    users = users_of(services, namespace, kind, name) if kind else None
    if users is not None:
        told = " or ".join(f"`{one}`" for one in users[:USERS]) + (" …" if len(users) > USERS else "")
        hint = f"ask about what uses it: {told}" if users else f"ask about a workload; in `{namespace}` none uses it"
    return UsageError(f"`{kind_word}` is no kind that I can diagnose.", hint)


def _why_not(found: Resolved, facts: Facts, namespace: str, word: str) -> Exception:
    if found.several:
        names = " or ".join(f"`{one}`" for one in found.several)
        return Ambiguous(f"`{word}` is several things in `{namespace}`.", f"say which: {names}")
    if found.unread:
        return Denied(
            f"I cannot see whether `{word}` exists{_where(namespace, word)}: not allowed to {', '.join(found.unread)}.",
            granted_by(unchecked(facts)),
        )
    return Unavailable(
        f"I cannot see whether `{word}` exists{_where(namespace, word)}: {found.problem.removesuffix('.')}.",
        "ask again",
    )


def _where(namespace: str, word: str) -> str:
    """The namespace that was looked in; none holds a node."""
    kind = kind_named(word.partition("/")[0]) if "/" in word else None
    return "" if kind and not kind.namespaced else f" in `{namespace}`"


def _not_here(found: Resolved, namespace: str, word: str, elsewhere: Sequence[str]) -> NotFound:
    near = " or ".join(f"`{one.name}` ({one.kind})" for one in found.near)
    some = ", ".join(f"`{name}`" for name in found.present[:MOST]) + (" …" if len(found.present) > MOST else "")
    nothing = "nothing of that kind is there" if "/" in word else "nothing is there"
    another = "; is it another namespace? say it with `-n NAMESPACE`" if _where(namespace, word) else ""
    hint = f"did you mean {near}?" if near else f"{f'there are: {some}' if some else nothing}{another}"
    if elsewhere:
        listed = ", ".join(f"`{one}`" for one in elsewhere[:MOST]) + (" …" if len(elsewhere) > MOST else "")
        hint = f"`{word}` is in {listed}: add `-n {elsewhere[0]}`" + (f"; here, {hint}" if near else "")
    return NotFound(f"I know no `{word}`{_where(namespace, word)}.", hint)


def granted_by(hidden: Sequence[Unchecked]) -> str:
    """The line that lets somebody see what is hidden, as a hint; empty where no single line does."""
    return next((f"an administrator can grant it: `{one.grant}`" for one in hidden if one.grant), "")


def _no_probe(question: Question) -> Answer:
    return Answer(403, problem=f"not probed: {question.line()}")
