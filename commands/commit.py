"""`/commit`: which commit a workload runs, who wrote it, and how far behind its branch it is."""

from collections.abc import Mapping
from dataclasses import replace

from commands.base.bindings import known_binding
from commands.base.errors import NotFound, TesseraError
from commands.base.parse import one_target, parse
from commands.base.ports import Builds, Services
from commands.base.registry import command
from commands.base.request import Reply, Request
from commands.base.workloads import Workload, find_workload
from explainers.builds.binding import Binding, container_for, containers, repository_of
from explainers.builds.running import DIGITS, REVISION, Noted, Told, digest_run, noted, running, unknown
from explainers.diagnosis.case import Case
from explainers.document import Button
from explainers.operations.reads import Get
from explainers.operations.rollouts import rolled_out

FORM = "/commit TARGET [-n NAMESPACE], for example `/commit shop`"


@command("commit", "TARGET [-n NAMESPACE]", "/commit shop", slash=True, builds=True)
def commit(request: Request, services: Services) -> Reply:
    """Say which commit runs: branch, author, age, message, changed files, how far behind its branch.

    TARGET is a Deployment, StatefulSet or DaemonSet, or a service in front of one. The label
    `org.opencontainers.image.revision` of the running image tells it, else what `/build` noted on the workload. What
    the code host knows of the commit is added where the workload is bound to a repository (`/bind`).
    """
    arguments = parse(request.text, FORM)
    workload = find_workload(request, services, arguments, one_target(arguments, FORM))
    ref, bound = workload.ref, known_binding(services, workload)
    binding = bound.binding if bound else None
    labels, why = _labels(workload, services.builds, binding)
    known = noted(workload.object, labels, binding.image if binding else "")
    step = Get(ref.type, ref.namespace, ref.name)
    if known is None:
        missing = unknown(workload.object, f"{ref.name} -n {ref.namespace}", why, step)
        return Reply(missing, str(ref), ref.namespace, data={"commit": None})
    told = _told(known, workload, binding, services.builds)
    offer = None
    if binding and told.behind:
        offer = Button(f"Build {told.branch or 'the head'}", "build", f"{ref} {told.branch} -n {ref.namespace}")
    unread = why if known.by == "note" else ()
    rolling = () if rolled_out(workload.object) else ("a roll-out is under way",)
    problems = (*unread, *told.problems, *rolling)
    told = replace(told, problems=problems)
    document = running(workload.object, step, known, told, services.clock.now(), offer)
    return Reply(document, str(ref), ref.namespace, data=_data(known, told))


def _labels(
    workload: Workload, builds: Builds | None, binding: Binding | None
) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """The labels of the running image, and why they do not tell the commit. Of several containers the bound one goes
    first, else the first whose image tells."""
    if builds is None:
        return {}, ("no build engine is set up here, so I do not ask the image's registry",)
    images = containers(workload.object)
    chosen = container_for(binding, workload.object) if binding else ""
    why: list[str] = []
    for name in [chosen] if chosen else images:
        try:
            labels = builds.registry.labels(_runs(workload, name, images[name]))
        except TesseraError as error:
            why.append(f"the label of `{images[name]}` cannot be read: {error.message}")
            continue
        if labels and labels.get(REVISION):
            return labels, ()
        gone = "is not in its registry any more" if labels is None else f"has no label `{REVISION}`"
        why.append(f"its image `{images[name]}` {gone}")
    return {}, tuple(why)


def _runs(workload: Workload, name: str, image: str) -> str:
    """The image by the digest that its pods run, where they agree: a tag may have moved since."""
    if "@" in image:
        return image
    pods = workload.scene.about(lambda facts: Case(facts, workload.ref).pods)
    digests = {
        digest_run(one, image) for pod in pods for one in pod.containers if one.name == name and one.image == image
    }
    found = digests - {""}
    return f"{repository_of(image)}@{found.pop()}" if len(found) == 1 else image


def _told(known: Noted, workload: Workload, binding: Binding | None, builds: Builds | None) -> Told:
    """What the code host knows of the commit; what it does not tell is said."""
    if builds is None:
        return Told(problems=("no build engine is set up here, so I do not ask a code host",))
    if binding is None:
        images = [repository_of(image) for image in containers(workload.object).values()]
        form = f"/bind {workload.ref.name} {known.source or 'REPOSITORY'} {images[0] if len(images) == 1 else 'IMAGE'}"
        return Told(problems=(f"bind it to its repository, and I say more: `{form}`",))
    if not DIGITS.fullmatch(known.commit.sha):
        return Told(problems=(f"`{known.commit.sha}` is not a commit's digits, so I look up nothing",))
    code, repository, branch = builds.code, binding.repository, known.commit.ref or binding.branch
    try:
        found = code.commit(repository, known.commit.sha)
        files = tuple(code.changed(repository, found.sha))
    except NotFound as error:
        doubt = " The label may be that of its base image." if known.by == "label" and not known.commit.subject else ""
        return Told(problems=(f"{error.message}{doubt}",))
    except TesseraError as error:
        return Told(problems=(error.message,))
    try:
        return Told(found, files, code.behind(repository, found.sha, branch), branch)
    except TesseraError as error:
        return Told(found, files, None, branch, (f"how far behind it is, I cannot say: {error.message}",))


def _data(known: Noted, told: Told) -> dict[str, object]:
    commit = told.commit or known.commit
    return {
        "commit": commit.sha,
        "by": known.by,
        "ref": known.commit.ref,
        "author": commit.author,
        "when": commit.when.isoformat() if commit.when else None,
        "message": commit.message,
        "url": commit.url,
        "files": list(told.files) if told.files is not None else None,
        "behind": told.behind,
        "noted": known.stale or None,
    }
