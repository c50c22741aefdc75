"""`/image`: another image, or another tag of the one in use."""

import re
from dataclasses import dataclass, replace

from commands.base.change import Change, settle
from commands.base.errors import NotFound, TesseraError, UsageError
from commands.base.parse import Arguments, parse
from commands.base.ports import Services
from commands.base.registry import Group, command
from commands.base.request import Reply, Request
from commands.base.rollout import verified, watch_steps
from commands.base.workloads import Workload, find_workload, forgotten, proposal
from explainers.builds.references import BadReference, parse_reference
from explainers.diagnosis.case import Case
from explainers.diagnosis.near import nearest
from explainers.diagnosis.standing import paused
from explainers.diagnosis.views.pods import text
from explainers.diagnosis.views.pulls import repository_of
from explainers.diagnosis.views.template import steps_after
from explainers.document import Button, Document, Tone
from explainers.form import Field, FieldKind, Form
from explainers.kinds import Ref
from explainers.operations.objects import listed, pod_spec
from explainers.operations.workloads import SetImage
from explainers.plan import Plan, plan
from explainers.pulling import brings, tag_of

USAGE = "TARGET [REFERENCE] [--container NAME] [--tags] [-n NAMESPACE]"
OPTIONS, FLAGS = ("--container",), ("--tags",)
FORM = "/image TARGET REFERENCE [--container NAME], for example `/image web 1.27`; `/image web --tags` lists the tags"
SHOWN, OFFERED, PICKED = 40, 3, 100
"""Tags that are listed, offered as buttons, and offered in the form, which has room for no more."""
NEAR = 1000
"""Tags among which the nearest is looked for."""


@dataclass(frozen=True)
class Chosen:
    """The container that gets the image: its name, the image it has, its pull policy, and whether it is an init one."""

    name: str
    image: str
    policy: str
    init: bool

    @property
    def repository(self) -> str:
        return repository_of(self.image)


def _asks(text: str) -> bool:
    """A workload alone is asked about: which of the registry's tags?"""
    try:
        arguments = parse(text, FORM, OPTIONS, FLAGS)
    except UsageError:
        return False
    return len(arguments.words) == 1 and not arguments.flags


@command(
    "image",
    USAGE,
    "/image web 1.27",
    slash=True,
    options=OPTIONS,
    flags=FLAGS,
    builds=True,
    group=Group.CHANGE,
    asks=_asks,
)
def image(request: Request, services: Services) -> Reply:
    """Set a workload's image to any reference, or to another tag of the one in use.

    TARGET is a Deployment, StatefulSet or DaemonSet, or a service in front of one. A REFERENCE without `/` and `:` is
    a tag, and `sha256:…` a digest, of the repository in use. TARGET alone asks which, with the tags that the registry
    has to pick from; `--tags` lists them.
    """
    arguments = parse(request.text, FORM, OPTIONS, FLAGS)
    asks_tags = "--tags" in arguments.flags
    if len(arguments.words) not in ((1,) if asks_tags else (1, 2)):
        raise UsageError("Of which one?" if asks_tags else "Which one, and which image?", FORM)
    workload = find_workload(request, services, arguments, arguments.words[0])
    word = arguments.words[1] if len(arguments.words) == 2 else ""
    chosen = _container(workload, arguments, word)
    if asks_tags:
        return _tags(workload.ref, chosen, services)
    if not word:
        return _picked(request, workload, chosen, services)
    return _proposed(request, workload, chosen, _reference(word, chosen), services)


def _proposed(request: Request, workload: Workload, chosen: Chosen, wanted: str, services: Services) -> Reply:
    """The change to that image, for a yes. Raises NotFound when the registry has no such image."""
    if wanted == chosen.image and not request.approval:
        return _already(workload.ref, chosen)
    checked = () if request.approval else _checked(wanted, services)
    return settle(_change(workload, services, chosen, wanted, checked), request, services)


def _change(workload: Workload, services: Services, chosen: Chosen, wanted: str, checked: tuple[str, ...]) -> Change:
    ref, steps = workload.ref, _plan(workload, chosen, wanted)
    return proposal(
        workload,
        f"Set the image of `{ref}` to `{wanted}`?",
        steps,
        lambda: verified(
            services,
            ref,
            steps,
            f"`{ref.name}` runs `{wanted}`, all pods ready",
            f"`{ref.name}` has `{wanted}` and its new pods do not come up",
            f"`{ref.name}` has `{wanted}` in its template, and its pods do not have it yet",
        ),
        f"{chosen.image} → {wanted}",
        (f"container `{chosen.name}`: `{chosen.image}` → `{wanted}`", *checked, *_notes(workload, wanted)),
    )


def _container(workload: Workload, arguments: Arguments, word: str) -> Chosen:
    """The container that is meant. Raises NotFound, UsageError when several could be."""
    spec = pod_spec(workload.ref.type, workload.object)
    every = [
        Chosen(text(one, "name"), text(one, "image"), text(one, "imagePullPolicy"), init)
        for init, key in ((False, "containers"), (True, "initContainers"))
        for one in listed(spec.get(key))
    ]
    named = arguments.option("--container")
    main = [one for one in every if not one.init]
    fitting = [one for one in every if one.name == named] if named else main
    if named and not fitting:
        raise NotFound(f"`{workload.ref.name}` has no container `{named[:63]}`.", f"there are: {_told(every)}")
    if len(fitting) > 1 and word:
        fitting = [one for one in main if one.repository == repository_of(word)]
    if len(fitting) != 1:
        raise UsageError(
            f"`{workload.ref.name}` has several containers: {_told(every)}.", "say which: `--container NAME`"
        )
    return fitting[0]


def _told(containers: list[Chosen]) -> str:
    return ", ".join(f"`{one.name}` ({one.image})" for one in containers)


def _reference(word: str, chosen: Chosen) -> str:
    """The reference that is meant. Raises UsageError for what is none."""
    if re.match(r"@?sha\d+:", word):
        wanted = f"{chosen.repository}@{word.removeprefix('@')}"
    elif not re.search(r"[/:@]", word.removeprefix(":")):
        wanted = f"{chosen.repository}:{word.removeprefix(':')}"
    else:
        wanted = word
    try:
        parse_reference(wanted)
    except BadReference as error:
        raise UsageError(error.message, error.hint) from error
    return wanted


def _checked(wanted: str, services: Services) -> tuple[str, ...]:
    """What the registry says about it. Raises NotFound, with the nearest tags, when it has no such image."""
    if services.builds is None:
        return ("no registry was asked whether it is there",)
    registry = services.builds.registry
    try:
        digest = registry.digest(wanted)
        tags = [] if digest else registry.tags(repository_of(wanted))
    except TesseraError as error:
        return (f"the registry could not be asked whether it is there: {error.message}",)
    if digest:
        return (f"the registry has it: {digest}",) if "@" not in wanted else ("the registry has it",)
    if not tags:
        raise NotFound(f"The registry has no `{repository_of(wanted)}`. Nothing was changed.", FORM)
    what = tag_of(wanted) or ("digest of that kind" if "@" in wanted else "latest")
    near = nearest(what, tags[-NEAR:]) or sorted(tags, key=_natural, reverse=True)[:OFFERED]
    told = ", ".join(f"`{one}`" for one in near)
    raise NotFound(f"`{repository_of(wanted)}` has no `{what}`. Nothing was changed.", f"it has {told}")


def _notes(workload: Workload, wanted: str) -> list[str]:
    notes = []
    if not tag_of(wanted) and "@" not in wanted:
        notes.append("it names no tag, which means `latest`: what that is can change under it")
    if paused(workload.object):
        notes.append("the Deployment is paused: the new image rolls out once it is resumed")
    return notes


def _plan(workload: Workload, chosen: Chosen, wanted: str) -> Plan:
    ref = workload.ref
    change = SetImage(ref.type, ref.namespace, ref.name, chosen.name, wanted, chosen.image, chosen.init)
    why, expect = f"container `{chosen.name}` gets `{wanted}`", "new pods become ready, then the old ones end"
    steps = workload.scene.about(lambda facts: steps_after(Case(facts, ref), change, why, expect))
    # First, because the new revision keeps the notes that stand there when it is made.
    return plan(*forgotten(workload), *steps, *watch_steps(ref, workload.object))


def _already(ref: Ref, chosen: Chosen) -> Reply:
    again = Button("Restart", "restart", f"{ref} -n {ref.namespace}")
    facts = (brings(chosen.name, chosen.image, chosen.policy),)
    document = Document(Tone.INFO, f"`{ref.name}` has `{chosen.image}` already.", facts=facts, buttons=(again,))
    return Reply(document, str(ref), ref.namespace)


def _tags(ref: Ref, chosen: Chosen, services: Services) -> Reply:
    """The tags of the repository in use, the highest first; the first few as buttons."""
    if services.builds is None:
        raise UsageError(
            "No registry can be asked here: none is connected.", "name the tag yourself: `/image web 1.27`"
        )
    tags = sorted(services.builds.registry.tags(chosen.repository), key=_natural, reverse=True)
    if not tags:
        raise NotFound(f"The registry has no `{chosen.repository}`, or it has no tags.", FORM)
    more = f"\nand {len(tags) - SHOWN} more" if len(tags) > SHOWN else ""
    offered = [tag for tag in tags if tag != tag_of(chosen.image)][:OFFERED]
    buttons = tuple(
        Button(tag, "image", f"{ref} {tag} --container {chosen.name} -n {ref.namespace}") for tag in offered
    )
    count = f"{len(tags)} tag{'s' if len(tags) != 1 else ''}"
    head = f"`{chosen.repository}` has {count}; container `{chosen.name}` of `{ref.name}` has `{chosen.image}`."
    document = Document(Tone.INFO, head, code="\n".join(tags[:SHOWN]) + more, buttons=buttons)
    data: dict[str, object] = {"repository": chosen.repository, "tags": tags}
    return Reply(document, str(ref), ref.namespace, data=data)


def _picked(request: Request, workload: Workload, chosen: Chosen, services: Services) -> Reply:
    """A form with the registry's tags, the highest first, or what was picked in it."""
    tags, why = _known_tags(chosen, services)
    form = _form(workload.ref, chosen, tags[:PICKED], len(tags), why)
    if request.filled is None:
        ask = Document(Tone.INFO, f"`{workload.ref.name}` has `{chosen.image}`.", facts=(FORM,))
        return Reply(ask, form=form)
    problems = form.problems(request.filled)
    other, tag = request.filled.get("reference", "").strip(), request.filled.get("tag", "")
    if not problems and not (other or tag):
        problems = {"reference": "Pick a tag, or write an image."}
    try:
        if not problems:
            wanted = _reference(other or tag, chosen)
            ref = workload.ref
            text = f"{ref} {wanted} --container {chosen.name} -n {ref.namespace}"
            return _proposed(replace(request, text=text), workload, chosen, wanted, services)
    except (UsageError, NotFound) as error:
        problems = {"reference" if other else "tag": f"{error.message} {error.hint}"}
    return Reply(Document(Tone.REFUSED, " ".join(problems.values())), form=form.again(request.filled, problems))


def _known_tags(chosen: Chosen, services: Services) -> tuple[list[str], str]:
    """The tags of the repository in use, the highest first; or why there are none to pick from."""
    if services.builds is None:
        return [], "No registry is connected, so I know no tags."
    try:
        found = services.builds.registry.tags(chosen.repository)
    except TesseraError as error:
        return [], f"I cannot list the tags: {error.message}"
    return sorted(found, key=_natural, reverse=True), "" if found else "The registry names no tags."


def _form(ref: Ref, chosen: Chosen, tags: list[str], many: int, why: str) -> Form:
    """The form to pick an image in."""
    told = f"the {len(tags)} highest of {many}" if many > len(tags) else "the highest first"
    now = tag_of(chosen.image)
    pick = Field("tag", "Tag", FieldKind.SELECT, f"Of `{chosen.repository}`, {told}.", True, now, tuple(tags))
    other = Field("reference", "Or any other image", hint="Such as nginx:1.27 or sha256:…", optional=bool(tags))
    text = f"Container `{chosen.name}` of `{ref}` has `{chosen.image}`. {why}".strip()
    return Form("Set an image", "Show the change", (pick, other) if tags else (other,), text)


def _natural(tag: str) -> list[tuple[int, int, str]]:
    """`1.10` after `1.9`, and numbers after words."""
    parts = re.findall(r"\d+|\D+", tag)
    return [(1, int(part), "") if part.isdecimal() and part.isascii() else (0, 0, part) for part in parts]
