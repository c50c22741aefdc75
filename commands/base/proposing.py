"""Proposals of bindings for everything that is unbound in a namespace: guesses with their reasons, for a person's yes.

Nothing is bound here: a yes runs the ordinary `/bind` with its checks.
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from commands.base.bindings import known_binding
from commands.base.building import need_builds
from commands.base.errors import Denied, TesseraError
from commands.base.investigate import investigate
from commands.base.ports import Builds, Services
from commands.base.request import Choice, Reply
from commands.base.scene import Scene
from commands.base.workloads import ROLLING, Workload
from explainers.builds.binding import Binding, annotations
from explainers.builds.matching import Guess, Repositories, best_dockerfile, container_of, subject_of
from explainers.diagnosis.access import unchecked
from explainers.diagnosis.facts import Facts
from explainers.document import Button, Document, Evidence, Tone
from explainers.inventory import Row, inventory
from explainers.kinds import Ref
from explainers.operations.patches import Annotate

MOST = 8
"""Proposals in one message: each has three buttons, and a message has 25."""
FORM = "/bind TARGET REPOSITORY IMAGE"


@dataclass(frozen=True)
class Proposal:
    """A binding that is probably right: `container` is empty where there is only one."""

    ref: Ref
    guess: Guess
    image: str
    dockerfile: str
    container: str = ""

    @property
    def folder(self) -> str:
        return self.dockerfile.rpartition("/")[0]

    @property
    def argument(self) -> str:
        """What `/bind` is given for a yes. A Dockerfile in a folder is built with that folder as its context."""
        more = [("--dockerfile", self.dockerfile if self.dockerfile != "Dockerfile" else "")]
        more += [("--context", self.folder), ("--container", self.container), ("-n", self.ref.namespace)]
        words = [str(self.ref), self.guess.repository, self.image]
        return shlex.join([*words, *(word for pair in more if pair[1] for word in pair)])

    @property
    def reasons(self) -> str:
        return f"`{self.guess.repository}`, `{self.dockerfile}`: {', '.join(self.guess.reasons)}"

    @property
    def told(self) -> str:
        return f"{self.reasons} · to change it: `/bind {self.argument}`"

    @property
    def note(self) -> Annotate:
        """The same as annotations of the workload, for those who have nowhere else to keep it."""
        bound = Binding(self.guess.repository, self.image, self.dockerfile, self.folder, "", self.container)
        return Annotate(self.ref.type, self.ref.namespace, self.ref.name, annotations(bound))

    def choice(self, lasting: bool) -> Choice:
        line = f"/bind {self.argument}" if lasting else self.note.line()
        return Choice(str(self.ref), self.reasons, self.argument, f"{self.argument} --edit", line)


def propose(services: Services, namespace: str, skipped: tuple[str, ...] = ()) -> Reply:
    """One message with what is probably built from which repository; `skipped` (`kind/name`) are left out.

    Raises Denied, UsageError, Unavailable.
    """
    builds = need_builds(services)
    facts = Facts(services.clock.now())
    rows = investigate(lambda known: inventory(known, namespace), facts, services.cluster, services.ask)
    hidden = unchecked(facts)
    if not rows and hidden:
        raise Denied(f"I cannot see what runs in `{namespace}`: it needs {hidden[0].missing}.")
    bound, unbound = _sorted(services, facts, rows)
    unbound = [row for row in unbound if str(row.ref) not in skipped]
    services.progress("listing repositories")
    known, problems = known_repositories(builds, bound)
    guesses = _guesses(unbound, Repositories(known))
    proposals, unclear = _proposals(builds, unbound, guesses)
    missing = {row.ref: "no repository that I know fits" for row in unbound if row.ref not in guesses} | unclear
    later = [ref for ref in guesses if ref not in missing and ref not in {one.ref for one in proposals}]
    document = Document(
        Tone.INFO,
        _headline(namespace, len(unbound), len(proposals), bool(skipped)),
        facts=(*_unkept(services, proposals), *problems, *_more(later), *_unmatched(missing), *_skipped(skipped)),
        evidence=tuple(Evidence(str(one.ref), one.told) for one in proposals),
        unchecked=hidden,
        buttons=tuple(button for one in proposals for button in _buttons(one, namespace, skipped)),
    )
    choices = tuple(one.choice(services.lasting) for one in proposals)
    return Reply(document, namespace=namespace, data=_data(namespace, proposals, later, missing), choices=choices)


def _unkept(services: Services, proposals: list[Proposal]) -> tuple[str, ...]:
    if services.lasting or not proposals:
        return ()
    return ("nothing here keeps a binding, so annotate the workloads, or set `TESSERA_REDIS_URL` to the bot's Redis",)


def _sorted(services: Services, facts: Facts, rows: list[Row]) -> tuple[list[str], list[Row]]:
    """The repositories of what is bound, and what is not."""
    repositories, unbound = [], []
    for row in rows:
        if row.ref.kind not in ROLLING:
            continue
        found = known_binding(services, Workload(row.ref, row.object, Scene(row.ref, facts, services)))
        if found:
            repositories.append(found.binding.repository)
        else:
            unbound.append(row)
    return repositories, unbound


def known_repositories(builds: Builds, bound: list[str]) -> tuple[list[str], tuple[str, ...]]:
    try:
        return [*bound, *builds.code.repositories()], ()
    except TesseraError as error:
        return bound, (f"I cannot list more repositories: {error.message}",)


def _guesses(rows: list[Row], known: Repositories) -> Mapping[Ref, Guess]:
    found = ((row.ref, known.guess(subject_of(row.ref, row.object))) for row in rows)
    return {ref: guess for ref, guess in found if guess}


def _proposals(builds: Builds, rows: list[Row], guesses: Mapping[Ref, Guess]) -> tuple[list[Proposal], dict[Ref, str]]:
    """The first proposals, and why some guesses are none: of each repository the Dockerfiles are read once."""
    found: list[Proposal] = []
    unclear: dict[Ref, str] = {}
    read: dict[str, list[str]] = {}
    for row in rows:
        guess = guesses.get(row.ref)
        if not guess or len(found) == MOST:
            continue
        try:
            if guess.repository not in read:
                head = builds.code.commit(guess.repository, "")
                read[guess.repository] = builds.code.dockerfiles(guess.repository, head.sha)
        except TesseraError as error:
            unclear[row.ref] = error.message
            continue
        container, image = container_of(row.ref, row.object)
        dockerfile = best_dockerfile(subject_of(row.ref, row.object), guess.repository, read[guess.repository])
        if not image:
            unclear[row.ref] = f"`{guess.repository}` fits, but it has several containers"
        elif not dockerfile:
            few = "several Dockerfiles" if read[guess.repository] else "no Dockerfile"
            unclear[row.ref] = f"`{guess.repository}` fits, but has {few}"
        else:
            found.append(Proposal(row.ref, guess, image, dockerfile, container))
    return found, unclear


def _headline(namespace: str, unbound: int, proposed: int, skipped: bool) -> str:
    if not unbound and skipped:
        return f"Nothing else in `{namespace}` is left to bind."
    if not unbound:
        return f"Everything in `{namespace}` is bound, or nothing there can be."
    things, are = ("workload", "is") if unbound == 1 else ("workloads", "are")
    if not proposed:
        return f"{unbound} {things} in `{namespace}` {are} not bound, and I have no good guess."
    return f"{unbound} {things} in `{namespace}` {are} not bound; I have {proposed} to propose. Nothing is bound yet."


def _buttons(one: Proposal, namespace: str, skipped: tuple[str, ...]) -> tuple[Button, ...]:
    """Accept, edit, skip: a skipped one is not proposed in this message any more."""
    name, skip = one.ref.name, ",".join((*skipped, str(one.ref)))
    return (
        Button(f"Accept {name}", "bind", one.argument, "primary"),
        Button(f"Edit {name}", "bind", f"{one.argument} --edit"),
        Button(f"Skip {name}", "bind", f"--all --skip {skip} -n {namespace}"),
    )


def _skipped(skipped: tuple[str, ...]) -> tuple[str, ...]:
    names = ", ".join(f"`{one}`" for one in skipped[:MOST])
    return (f"skipped: {names}; `/bind --all` proposes them again",) if skipped else ()


def _more(later: list[Ref]) -> tuple[str, ...]:
    return (f"there are more: {_names(later)}; accept these, then ask again",) if later else ()


def _unmatched(missing: Mapping[Ref, str]) -> tuple[str, ...]:
    """Which have no proposal, by the reason; the form for them once."""
    reasons = dict.fromkeys(missing.values())
    told = (f"{_names([ref for ref in missing if missing[ref] == why])}: {why.rstrip('.')}" for why in reasons)
    return (*told, f"to say it yourself: `{FORM}`") if missing else ()


def _names(refs: list[Ref]) -> str:
    more = f" and {len(refs) - MOST} more" if len(refs) > MOST else ""
    return ", ".join(f"`{ref.name}`" for ref in refs[:MOST]) + more


def _data(namespace: str, proposals: list[Proposal], later: list[Ref], missing: Mapping[Ref, str]) -> dict[str, object]:
    shown = [
        {
            "workload": str(one.ref),
            "repository": one.guess.repository,
            "image": one.image,
            "dockerfile": one.dockerfile,
            "score": one.guess.score,
            "reasons": list(one.guess.reasons),
            "command": f"/bind {one.argument}",
        }
        for one in proposals
    ]
    left = {str(ref): why for ref, why in missing.items()}
    return {"namespace": namespace, "proposals": shown, "later": [str(one) for one in later], "unmatched": left}
