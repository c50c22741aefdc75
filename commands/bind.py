"""`/bind`: which repository a workload is built from, and where its image goes."""

from dataclasses import replace

from commands.base.binding_form import binding_form, filled_in, guessed
from commands.base.bindings import FORM, Bound, find_binding, remove_binding, store_binding
from commands.base.building import need_builds
from commands.base.errors import NotFound, TesseraError, UsageError
from commands.base.lasting import need_lasting
from commands.base.parse import Arguments, parse
from commands.base.ports import Services
from commands.base.proposing import propose
from commands.base.pushes import sponsor_of, sponsored, stand_for, step_back
from commands.base.registry import Group, command
from commands.base.request import Actor, Reply, Request
from commands.base.trying import tried
from commands.base.workloads import Workload, find_workload
from explainers.builds.binding import ON_PUSH, PREFIX, Binding
from explainers.builds.running import SOURCE
from explainers.document import Button, Document, Evidence, Tone

OPTIONS = ("--dockerfile", "--context", "--branch", "--container", "--skip")
ALL, EDIT, PUSH, NO_PUSH = "--all", "--edit", "--on-push", "--no-push"
FLAGS = (ALL, EDIT, PUSH, NO_PUSH)
USAGE = "[TARGET [REPOSITORY IMAGE]] [--dockerfile PATH] [--context FOLDER] [--branch NAME] [--container NAME]"
LASTS = f"annotate the workload: `{PREFIX}repository`, `{PREFIX}image`"


def _asks(text: str) -> bool:
    """A workload alone is asked about; whether it is bound already is not known yet."""
    try:
        arguments = parse(text, FORM, OPTIONS, FLAGS)
    except UsageError:
        return False
    return EDIT in arguments.flags or (len(arguments.words) == 1 and not arguments.flags)


@command(
    "bind",
    f"{USAGE} [--edit] [--on-push | --no-push] [--all] [-n NAMESPACE]",
    "/bind shop team/shop ghcr.io/team/shop",
    slash=True,
    options=OPTIONS,
    flags=FLAGS,
    builds=True,
    group=Group.CHANGE,
    asks=_asks,
)
def bind(request: Request, services: Services) -> Reply:
    """Say which repository a workload is built from and where its image goes.

    TARGET alone shows the binding, or asks for it in a form that is filled in with the best guess; `--edit` asks anew.
    Everything is tried at once: the repository, the Dockerfile, and that the image may be pushed. `off` as the
    repository removes the binding. Annotations on the workload bind it, too: `tessera.dev/repository`, `…/image`,
    `…/dockerfile`, `…/context`, `…/branch`, `…/container`, `…/on-push`. So does the label
    `org.opencontainers.image.source` of its image, where the repository is called as the workload or its image is.

    `--on-push` builds it whenever its branch at GitHub is pushed to, for you, in this channel; `--no-push` ends that.
    `--all` proposes what each unbound workload of the namespace is probably built from; nothing is bound on a guess.
    """
    arguments = parse(request.text, FORM, OPTIONS, FLAGS)
    words = arguments.words
    if ALL in arguments.flags:
        if words or len(arguments.flags) > 1:
            raise UsageError("`--all` is about everything that is unbound.", "/bind --all [-n NAMESPACE]")
        where = arguments.namespace or request.namespace or services.cluster.default_namespace
        return propose(services, where, tuple(filter(None, arguments.option("--skip").split(","))))
    if not 1 <= len(words) <= 3 or len(set(arguments.flags)) > 1:
        raise UsageError("What should I bind, and to what?", FORM)
    workload = find_workload(request, services, arguments, words[0])
    if words[1:] == ("off",):
        return _off(services, workload)
    if NO_PUSH in arguments.flags:
        return _no_push(services, workload)
    if len(words) == 2:
        raise UsageError("To which image repository should it be pushed?", FORM)
    if EDIT in arguments.flags or request.filled is not None:
        return _asked(request, services, workload, _typed(arguments) if words[2:] else None)
    if len(words) == 1:
        return _alone(request, services, workload, PUSH in arguments.flags)
    return _keep(request, services, workload, replace(_typed(arguments), on_push=PUSH in arguments.flags))


def _typed(arguments: Arguments) -> Binding:
    _, repository, image = arguments.words
    context, branch, container = (arguments.option(f"--{name}") for name in ("context", "branch", "container"))
    return Binding(repository, image, arguments.option("--dockerfile") or "Dockerfile", context, branch, container)


def _alone(request: Request, services: Services, workload: Workload, on_push: bool) -> Reply:
    """A workload without more words: its binding is shown, or asked for; or built on push from now on."""
    found = find_binding(services, workload)
    if not on_push:
        return _show(services, workload, found) if found else _asked(request, services, workload, None)
    if found is None:
        raise NotFound(f"`{workload.ref.name}` is not bound to a repository yet.", FORM)
    binding = replace(found.binding, on_push=True)
    if not found.stored and not found.labelled and not found.binding.on_push:
        wish = f'annotate it with `{ON_PUSH}: "true"`, then say it again'
        raise UsageError("Its annotations are its binding, and they want no build on push.", wish)
    _sponsor(request.actor, services, workload, binding)
    if found.stored or found.labelled:
        store_binding(services, workload.ref, binding)
    headline = f"`{workload.ref.name}` is built on each push to {_branch(binding)} of `{binding.repository}`."
    return _said(workload, Tone.HEALTHY, headline, (), _push_facts(services, workload, binding))


def _asked(request: Request, services: Services, workload: Workload, typed: Binding | None) -> Reply:
    """The form, or what came of it. Each mistake stands at its field."""
    need_lasting(services, LASTS)
    builds = need_builds(services)
    if request.filled is None:
        found = find_binding(services, workload)
        known = typed or (found.binding if found else guessed(builds, workload))
        is_bound = "is built from" if found else "is not bound to a repository"
        facts = (f"to say it in one line: {FORM}",)
        ask = Document(
            Tone.INFO, f"`{workload.ref.name}` {is_bound}{f' `{known.repository}`' if found else ''}.", facts
        )
        return Reply(ask, form=binding_form(workload, known))
    binding = filled_in(request.filled)
    form = binding_form(workload, binding)
    problems = form.problems(request.filled)
    if not problems:
        problems = {part: _line(error) for part, error in tried(builds, binding, workload).problems.items()}
    if problems:
        said = " ".join(problems.values())
        return Reply(Document(Tone.REFUSED, said), form=form.again(request.filled, problems))
    return _keep(request, services, workload, binding)


def _line(error: TesseraError) -> str:
    return f"{error.message} {error.hint}".strip()


def _keep(request: Request, services: Services, workload: Workload, binding: Binding) -> Reply:
    """Try a binding and keep it. Who stood for builds on push stood for another one."""
    need_lasting(services, LASTS)
    rows = tried(need_builds(services), binding, workload).need()
    if binding.on_push:
        _sponsor(request.actor, services, workload, binding)
    ended = not binding.on_push and step_back(services.state, services.clock, services.cluster.name, workload.ref)
    store_binding(services, workload.ref, binding)
    facts = _push_facts(services, workload, binding) if binding.on_push else ()
    if ended:
        facts = ("it is not built on push any more: the binding is another one; `--on-push` says it again",)
    headline = f"`{workload.ref.name}` is built from `{binding.repository}` now."
    return _said(workload, Tone.HEALTHY, headline, rows, facts)


def _sponsor(actor: Actor, services: Services, workload: Workload, binding: Binding) -> None:
    """Build it on push for this person from now on. Raises UsageError where nobody would be answered."""
    need_lasting(services, f'annotate the workload: `{ON_PUSH}: "true"`, and say it in Slack')
    if not actor.channel or not actor.team:
        raise UsageError("A push is answered in a channel, and this is none.", "say it in Slack, in that channel")
    at = services.clock.now().isoformat(timespec="seconds")
    one = sponsored(services.cluster.name, workload.ref, binding, actor, at)
    stand_for(services.state, services.clock, one)


def _off(services: Services, workload: Workload) -> Reply:
    remove_binding(services, workload.ref)
    step_back(services.state, services.clock, services.cluster.name, workload.ref)
    return _said(workload, Tone.INFO, f"`{workload.ref.name}` is not bound any more.", ())


def _no_push(services: Services, workload: Workload) -> Reply:
    ended = step_back(services.state, services.clock, services.cluster.name, workload.ref)
    found = find_binding(services, workload)
    if found and found.stored:
        store_binding(services, workload.ref, replace(found.binding, on_push=False))
    said = "is not built on push any more" if ended else "was not built on push"
    return _said(workload, Tone.INFO, f"`{workload.ref.name}` {said}.", ())


def _push_facts(services: Services, workload: Workload, binding: Binding) -> tuple[str, ...]:
    """Who stands for builds on push, and what is missing for them."""
    one = sponsor_of(services.state, services.cluster.name, workload.ref)
    again = f"`/bind {workload.ref.name} --on-push`"
    if one is None:
        return (f"it wants a build on each push, and nobody stands for that: {again}",) if binding.on_push else ()
    told = f"built on each push to {_branch(binding)}, for `{one.user}` in `{one.channel}`; `--no-push` ends that"
    if not binding.on_push:
        return (f'not built on push: its annotation `{ON_PUSH}` is not "true"',)
    moved = (one.repository, one.branch) != (binding.repository, binding.branch)
    return (f"{told}; said of `{one.repository}`, so say it again: {again}" if moved else told,)


def _branch(binding: Binding) -> str:
    return f"`{binding.branch}`" if binding.branch else "the default branch"


def _show(services: Services, workload: Workload, found: Bound) -> Reply:
    name, binding = workload.ref.name, found.binding
    rows = (
        Evidence("repository", f"`{binding.repository}`" + (f", branch `{binding.branch}`" if binding.branch else "")),
        Evidence("Dockerfile", f"`{binding.dockerfile}`, context `{binding.context or '.'}`"),
        Evidence("image", f"`{binding.image}`"),
    )
    facts = (_whence(found), *_push_facts(services, workload, binding))
    edit = Button("Edit", "bind", f"{workload.ref} --edit -n {workload.ref.namespace}")
    reply = _said(workload, Tone.INFO, f"`{name}` is built from `{binding.repository}`.", rows, facts)
    return replace(reply, document=replace(reply.document, buttons=(edit,)))


def _whence(found: Bound) -> str:
    if found.labelled:
        return f"stated by the label `{SOURCE}` of its image; {FORM.partition(',')[0]} says it otherwise"
    return "stored here by `/bind`" if found.stored else "stated by the workload's annotations"


def _said(
    workload: Workload, tone: Tone, headline: str, rows: tuple[Evidence, ...], facts: tuple[str, ...] = ()
) -> Reply:
    ref = workload.ref
    buttons = (Button("Build", "build", f"{ref} -n {ref.namespace}", "primary"),) if tone is Tone.HEALTHY else ()
    document = Document(tone, headline, facts=facts, evidence=rows, buttons=buttons)
    return Reply(document, str(ref), ref.namespace, "", {"headline": headline})
