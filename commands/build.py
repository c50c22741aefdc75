"""`/build`: the commit at the head of a branch, built, pushed and rolled out, in one thread."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from commands.base.announcing import announcer
from commands.base.bindings import need_binding
from commands.base.building import (
    FETCH,
    IMAGE,
    STAGES,
    TAIL,
    BuildFailed,
    Image,
    Stopped,
    build_image,
    need_builds,
    same_commit,
)
from commands.base.cancelling import begin, cancel_button, canceller, over
from commands.base.change import refuse_forbidden
from commands.base.checklist import Checklist, span_of
from commands.base.errors import Denied, NotFound, Unavailable, UsageError
from commands.base.joining import Came, Joining
from commands.base.journal import Journal
from commands.base.long_log import LongLog
from commands.base.parse import parse
from commands.base.ports import Builds, Services, Stop
from commands.base.registry import Group, command
from commands.base.request import Reply, Request
from commands.base.rollout import Ended, follow, unserved, watch_step
from commands.base.undoing import revision_of, undo_button
from commands.base.workloads import Workload, find_workload
from explainers.builds.binding import Binding, container_for, containers
from explainers.builds.errors import Trouble, explain
from explainers.builds.model import Commit
from explainers.builds.report import SHOWN, described, failed, named, served
from explainers.builds.rollout import rollout_plan
from explainers.document import Attachment, Button, Document, Tone
from explainers.gitops import manager
from explainers.operations.base import Json, Operation
from explainers.plan import Plan

FORM = "/build TARGET [REF] [-n NAMESPACE], for example `/build shop feature/login` or `/build shop #12`"
DEPLOY, VERIFY = "deploy", "verify"
DEADLINE = timedelta(minutes=30)


@dataclass(frozen=True)
class Job:
    """One build under way. `stop` says whether it was cancelled or its time is over."""

    request: Request
    services: Services
    builds: Builds
    workload: Workload
    binding: Binding
    commit: Commit
    container: str
    began: datetime
    headline: str
    board: Checklist
    stop: Stop

    @property
    def name(self) -> str:
        return self.workload.ref.name

    @property
    def where(self) -> str:
        """The workload as arguments of a command."""
        return f"{self.workload.ref} -n {self.workload.ref.namespace}"

    @property
    def key(self) -> str:
        """What two builds of the same commit for the same workload share: the binding, too, is the same."""
        ref, bound = self.workload.ref, hashlib.sha256(self.binding.to_json().encode()).hexdigest()[:16]
        return f"{self.services.cluster.name}:{ref.namespace}:{ref}:{self.commit.sha}:{bound}"

    @property
    def journal(self) -> Journal:
        return Journal(self.services.state, self.request.id)

    def plan(self, image: str, workload: Json, before: str = "") -> Plan:
        """What rolls that image out."""
        ref, asked = self.workload.ref, self.request.actor.user
        return rollout_plan(workload, ref, self.container, image, self.commit, asked, self.began, before)


@command(
    "build",
    "TARGET [REF] [-n NAMESPACE]",
    "/build shop feature/login",
    slash=True,
    long=True,
    builds=True,
    group=Group.CHANGE,
)
def build(request: Request, services: Services) -> Reply:
    """Build a branch, tag, commit or pull request and roll it out.

    TARGET is a workload that is bound to a repository (`/bind`). REF is a branch, a tag, a commit or `#12` for a pull
    request; without it the branch of the binding, else the default branch. The image is rolled out by its digest, and
    done means that the new pods serve.
    """
    builds = need_builds(services)
    arguments = parse(request.text, FORM)
    if not 1 <= len(arguments.words) <= 2:
        raise UsageError("What should I build?", FORM)
    workload = find_workload(request, services, arguments, arguments.words[0])
    binding = need_binding(services, workload)
    if request.pushed and not binding.on_push:
        return _unwanted(workload)
    container = container_for(binding, workload.object)
    if not container:
        names = ", ".join(f"`{name}`" for name in containers(workload.object))
        raise UsageError(
            f"`{workload.ref.name}` has several containers: {names}.", "say which: `/bind … --container NAME`"
        )
    ref = arguments.words[1] if len(arguments.words) > 1 else binding.branch
    code, journal = builds.code, Journal(services.state, request.id)
    commit = same_commit(journal, lambda: code.commit(binding.repository, ref))
    began, what = services.clock.now(), f"`{workload.ref.name}` from {named(commit)}"
    cancelled = begin(services, request, workload.ref.namespace, f"the build of {what}")

    def stop() -> bool:
        return cancelled() or services.clock.now() - began > DEADLINE

    buttons = (cancel_button(request, workload.ref.namespace),)
    headline = f"Building {what}"
    managed = manager(workload.object)
    facts = (*described(commit), *([f"{managed.told()}; so I ask before I roll out"] if managed else []))
    told = announcer(builds, request, services, workload.ref, binding, commit)
    watched = replace(services, audience=told.beside(services.audience))
    board = Checklist(watched, headline, (*STAGES, DEPLOY, VERIFY), buttons, facts)
    job = Job(request, services, builds, workload, binding, commit, container, began, headline, board, stop)
    with told:
        return told.ended(_finished(job))


def _unwanted(workload: Workload) -> Reply:
    """A push to what is not to be built on push any more, though somebody stood for that."""
    ref = workload.ref
    facts = (f"`/bind {ref.name} --no-push` and I say no more of it",)
    said = f"`{ref.name}` is not built: its binding wants no build on push any more."
    return Reply(Document(Tone.INFO, said, facts=facts), str(ref), ref.namespace)


def _finished(job: Job) -> Reply:
    """The build and what came of it. Raises TesseraError."""
    try:
        if not manager(job.workload.object):
            image = f"{job.binding.image}:{job.commit.short}"
            refuse_forbidden(job.plan(image, job.workload.object), job.services)
        return _alone(job)
    except Stopped:
        return _stopped(job)
    except BuildFailed as failure:
        return _failed(job, _trouble(failure), failure.log)
    except (Denied, NotFound, UsageError) as error:
        if not job.board.failed(FETCH):
            raise
        return _failed(job, Trouble.told(error.message, error.hint), LongLog())
    except _Joined as joined:
        return _failed(
            job, joined.trouble, LongLog(), f"it was built for request {joined.request}, whose thread has its output"
        )
    finally:
        over(job.services.state, job.request.id)


class _Joined(Exception):  # not an error of ours: what another request found out holds for this one
    """The same build failed for the request that this one waited for, and would fail again."""

    def __init__(self, request: str, trouble: Trouble) -> None:
        super().__init__(trouble.headline)
        self.request, self.trouble = request, trouble


def _alone(job: Job) -> Reply:
    """Build and roll out; while another request builds the same for the same workload, wait, and take its image."""

    def waiting(other: str) -> None:
        job.board.rename(f"{named(job.commit)} is being built already, by request {other}; I go on with its image")

    joining = Joining(job.services.state, job.key, job.request.id)
    with joining.alone(job.services.clock, job.stop, waiting) as came:
        job.board.rename(job.headline)
        return _rolled_out(job, _image(job, joining, came))


def _image(job: Job, joining: Joining, came: Came | None) -> Image:
    """The image of the commit: built now, or taken from the request that this one waited for."""
    if came and came.trouble:
        raise _Joined(came.request, came.trouble)
    if came and came.image and not job.journal.noted(IMAGE):
        job.journal.note(IMAGE, came.image.to_json())
        for name in STAGES:
            job.board.skip(name, f"done by request {came.request}")
        return came.image
    try:
        image = build_image(job.builds, job.binding, job.commit, job.journal, job.board, job.stop)
    except BuildFailed as failure:
        joining.failed(_trouble(failure))
        raise
    joining.built(image)
    return image


def _trouble(failure: BuildFailed) -> Trouble:
    return explain(failure.phase, failure.error, failure.tail, failure.code, failure.dockerfile)


def _rolled_out(job: Job, image: Image) -> Reply:
    """Set the image and follow it, unless it runs already or somebody else decides what runs."""
    workload = job.workload.now(job.services)  # building took its time
    runs, begun = containers(workload).get(job.container, ""), job.journal.noted(DEPLOY)
    if not begun and runs == image.pinned:
        return _same(job, image)
    managed = manager(workload)
    if not begun and managed:
        return _managed(job, image, managed.told())
    if begun and runs not in (begun, image.pinned):
        return _overtaken(job, image, runs)
    if job.stop():
        raise Stopped
    before = begun or runs
    if not begun:
        job.journal.note("revision", revision_of(workload))
    job.journal.note(DEPLOY, before)
    plan = job.plan(image.pinned, workload, before)
    with job.board.stage(DEPLOY, image.short):
        _send(plan, job.services)
    ended = _followed(job)
    if not ended.good:
        return _unserved(job, ended, f"`{job.name}` does not serve {named(job.commit)}")
    took = span_of(job.services.clock.now() - job.began)
    now, kept = job.services.clock.now(), job.journal.noted("revision")
    back, told = undo_button(workload, job.workload.ref, kept, now)
    facts = (ended.standing.said, f"in {took}", told)
    plan = replace(plan, steps=(*plan.steps, watch_step(job.workload.ref)))
    buttons = (*([back] if back else []), Button("Logs", "logs", job.where))
    return _reply(job, served(job.name, job.commit, facts, plan, job.board.stages, buttons), "healthy", image)


def _followed(job: Job) -> Ended:
    """How the roll-out ended. Raises Stopped when it was cancelled before."""
    with job.board.stage(VERIFY):
        ended = follow(job.services, job.workload.ref, stop=job.stop)
        if ended.stopped and not ended.good:
            raise Stopped
    if not ended.good:
        job.board.fail(VERIFY, ended.standing.said)
    return ended


def _unserved(job: Job, ended: Ended, headline: str) -> Reply:
    reply = unserved(job.services, job.workload.ref, ended, headline)
    facts = tuple(fact for fact in reply.document.facts if fact != ended.standing.said)  # the stage says it
    return replace(reply, document=replace(reply.document, stages=job.board.stages, facts=facts))


def _send(plan: Plan, services: Services) -> None:
    """Every step in order. Raises Denied, Unavailable; both say what is done already."""
    done = "The image is pushed, but nothing was rolled out"
    for step in plan.steps:
        if not isinstance(step.operation, Operation):
            continue
        line, answer = step.operation.line(), services.cluster.run(step.operation)
        if answer.status in (0, 429) or answer.status >= 500:
            said = f"The cluster did not answer `{line}`: {answer.reason}."
            raise Unavailable(said, "ask again: the image is not built twice, and what was done is not done twice")
        if not answer.ok:
            raise Denied(
                f"{done}: the cluster did not take `{line}`: {answer.reason}.",
                f"it needs {step.operation.permission()}",
            )
        done = f"Done: `{line}`"


def _same(job: Job, image: Image) -> Reply:
    """This very image is set already: whether its pods serve is looked at, not taken for granted."""
    job.board.skip(DEPLOY, "this very image is set already")
    ended = _followed(job)
    if not ended.good:
        return _unserved(job, ended, f"`{job.name}` has the image of {named(job.commit)} already and does not serve it")
    document = Document(
        Tone.INFO,
        f"`{job.name}` runs {named(job.commit)} already: the same image, `{image.digest[:19]}`",
        facts=(*described(job.commit), ended.standing.said, "a restart makes new pods of it"),
        buttons=(Button("Restart", "restart", job.where),),
        stages=job.board.stages,
    )
    return _reply(job, document, "", image)


def _overtaken(job: Job, image: Image, runs: str) -> Reply:
    """Somebody set another image after an earlier run of this job had set its own: that is not taken back."""
    for name in (DEPLOY, VERIFY):
        job.board.skip(name, "somebody set another image meanwhile")
    facts = (f"it runs `{runs}`", "I was interrupted after rolling out, and take nothing back that came later")
    document = Document(
        Tone.INFO,
        f"{named(job.commit)} is built and pushed, but `{job.name}` was given another image meanwhile",
        facts=facts,
        buttons=(Button("Roll out all the same", "image", _as_image(job, image)),),
        stages=job.board.stages,
    )
    return _reply(job, document, "", image)


def _as_image(job: Job, image: Image) -> str:
    ref = job.workload.ref
    return f"{ref} {image.pinned} --container {job.container} -n {ref.namespace}"


def _managed(job: Job, image: Image, told: str) -> Reply:
    """Somebody else keeps this workload as Git says: nothing is patched unasked."""
    for name in (DEPLOY, VERIFY):
        job.board.skip(name, "not patched unasked")
    document = Document(
        Tone.INFO,
        f"{named(job.commit)} is built and pushed; rolling out `{job.name}` is left to you",
        facts=(told, f"the image to write there: `{image.pinned}`"),
        buttons=(Button("Roll out anyway, for now", "image", _as_image(job, image)),),
        stages=job.board.stages,
    )
    return _reply(job, document, "", image)


def _stopped(job: Job) -> Reply:
    job.board.stop()
    who = canceller(job.services.state, job.request.id)
    why = "was cancelled" if who else f"took longer than {DEADLINE.seconds // 60} minutes and was stopped"
    begun = bool(job.journal.noted(DEPLOY))
    left = "the new image is set and its roll-out goes on" if begun else "the cluster runs what it ran before"
    back = (Button("Roll back", "rollback", job.where, "danger"), Button("Diagnose", "diagnose", job.where))
    document = Document(
        Tone.UNKNOWN,
        f"The build of `{job.name}` from {named(job.commit)} {why}.",
        facts=(left,),
        buttons=(*(back if begun else ()), _again(job, "Build again")),
        stages=job.board.stages,
    )
    return _reply(job, document, "unknown", None)


def _failed(job: Job, trouble: Trouble, log: LongLog, joined: str = "") -> Reply:
    document = failed(job.name, job.commit, trouble, log.tail(TAIL), job.board.stages, _again(job, "Retry"), joined)
    if len(log) > SHOWN:
        name = f"{job.name}-{job.commit.short}-{job.request.id}.log"
        whole = Attachment(name, f"All {len(log):,} lines of the build's output", log.text())
        document = replace(document, attachment=whole)
    return _reply(job, document, "fault", None)


def _again(job: Job, label: str) -> Button:
    """Builds the branch as it is when this is pressed."""
    ref = job.commit.ref or job.commit.sha
    return Button(label, "build", f"{job.workload.ref} {ref} -n {job.workload.ref.namespace}")


def _reply(job: Job, document: Document, outcome: str, image: Image | None) -> Reply:
    ref = job.workload.ref
    data: dict[str, object] = {
        "target": {"kind": ref.kind, "namespace": ref.namespace, "name": ref.name},
        "commit": job.commit.sha,
        "ref": job.commit.ref,
        "image": image.pinned if image else None,
        "stages": [{"name": one.name, "state": one.state.value, "took": one.took} for one in job.board.stages],
        "headline": document.headline,
    }
    return Reply(document, str(ref), ref.namespace, outcome, data)
