"""The workload that a command is to change, found by what a person typed, and the proposal to change it."""

from collections.abc import Callable
from dataclasses import dataclass

from commands.base.change import Change
from commands.base.errors import Denied, NotFound, Unavailable, UsageError
from commands.base.parse import Arguments
from commands.base.ports import Services
from commands.base.request import Reply, Request
from commands.base.scene import Scene
from commands.base.targets import find_target, granted_by
from explainers.builds.binding import ASKED, AUTHOR, BRANCH, BUILT, COMMIT, SUBJECT
from explainers.builds.rollout import CAUSE
from explainers.diagnosis.access import unchecked
from explainers.diagnosis.facts import Facts
from explainers.document import Document, Tone
from explainers.gitops import manager
from explainers.kinds import Ref
from explainers.operations.base import Json
from explainers.operations.objects import mapping
from explainers.operations.patches import Annotate
from explainers.operations.reads import Get
from explainers.plan import Plan, Step

ROLLING = ("Deployment", "StatefulSet", "DaemonSet")
"""Kinds that replace their pods when their template changes."""


@dataclass(frozen=True)
class Workload:
    """A workload as it is now."""

    ref: Ref
    object: Json
    scene: Scene

    def now(self, services: Services) -> Json:
        """The object as it is by now. Raises Denied, NotFound, Unavailable."""
        answer = services.cluster.run(Get(self.ref.type, self.ref.namespace, self.ref.name))
        if answer.ok:
            return answer.object
        if answer.absent:
            raise NotFound(f"`{self.ref}` is not there any more.", "somebody deleted it meanwhile")
        kind = Denied if answer.forbidden else Unavailable
        raise kind(f"I cannot read `{self.ref}` again: {answer.reason}.")


def find_workload(
    request: Request, services: Services, arguments: Arguments, word: str, kinds: tuple[str, ...] = ROLLING
) -> Workload:
    """The workload of one of `kinds` that `word` names, itself or as what a service sends its traffic to.

    Raises UsageError when it is of another kind, NotFound, Ambiguous, Denied, Unavailable.
    """
    namespace = arguments.namespace or request.namespace or services.cluster.default_namespace
    facts = Facts(services.clock.now())
    at = Scene(find_target(services, facts, namespace, word, request.unbounded), facts, services, arguments)
    ref, workload = at.see(lambda case: (case.workload_ref, case.workload))
    if ref is None or ref.kind not in kinds:
        raise _not_that(at, ref, kinds)
    return Workload(ref, workload, at)


def _not_that(at: Scene, ref: Ref | None, kinds: tuple[str, ...]) -> Exception:
    hidden = [one for one in unchecked(at.facts) if one.missing]
    if ref is None and hidden:
        return Denied(
            f"I cannot see what is behind `{at.target}`: it needs {hidden[0].missing}.",
            granted_by(hidden),
        )
    if ref is None:
        return UsageError(f"Nothing that can be changed stands behind `{at.target}`.", f"name a {_either(kinds)}")
    return UsageError(f"`{ref}` cannot be changed that way.", f"it works for a {_either(kinds)}")


def _either(kinds: tuple[str, ...]) -> str:
    return " or ".join([", ".join(kinds[:-1]), kinds[-1]] if kinds[1:] else kinds)


def proposal(
    workload: Workload,
    headline: str,
    steps: Plan,
    verify: Callable[[], Reply],
    confirm: str,
    facts: tuple[str, ...] = (),
    restart: bool = False,
) -> Change:
    """The change of a workload as it is shown for a yes. Whoever else manages the workload is named here, so that no
    command forgets it; so is what could not be looked at."""
    ref = workload.ref
    other = manager(workload.object)
    managed = (other.told(restart),) if other else ()
    hidden = unchecked(workload.scene.facts)
    shown = Document(Tone.INFO, headline, facts=(*facts, *managed), plan=steps, unchecked=hidden)
    return Change(shown, str(ref), ref.namespace, verify, f"{ref} in {ref.namespace}: {confirm}")


def forgotten(workload: Workload) -> tuple[Step, ...]:
    """The step that takes away what a build noted about the image before: it is not true of another one."""
    ref, notes = workload.ref, mapping(workload.object, "metadata", "annotations")
    if COMMIT not in notes:
        return ()
    stale = tuple(key for key in (COMMIT, SUBJECT, BRANCH, AUTHOR, BUILT, ASKED, CAUSE) if key in notes)
    was = tuple((key, str(notes[key])) for key in stale)
    change = Annotate(ref.type, ref.namespace, ref.name, remove=stale, was=was)
    return (Step(change, "the commit that is noted is not that of this image"),)
