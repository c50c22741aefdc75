"""Which commit a workload runs: by the label of its image, else by what a roll-out noted on the workload."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from explainers.builds.binding import ASKED, AUTHOR, BRANCH, BUILT, COMMIT, SUBJECT, containers
from explainers.builds.model import Commit
from explainers.builds.references import BadReference, parse_reference
from explainers.diagnosis.views.pods import Container, Json, table, text
from explainers.diagnosis.when import ago, moment
from explainers.document import Button, Document, Link, Tone
from explainers.operations.reads import Get
from explainers.plan import Step, plan

REVISION, SOURCE = "org.opencontainers.image.revision", "org.opencontainers.image.source"
"""Labels of an image: https://github.com/opencontainers/image-spec/blob/main/annotations.md"""
FILES = 20
"""Changed files that are listed."""
LONGEST = 100
DIGITS = re.compile(r"[0-9a-f]{7,64}")


@dataclass(frozen=True)
class Noted:
    """What is known without asking a code host. `by` is `label` or `note`; `stale` is another commit that the
    workload's note names; `source` is the repository that the image's label names."""

    commit: Commit
    by: str
    built: datetime | None = None
    asked: str = ""
    stale: str = ""
    source: str = ""


@dataclass(frozen=True)
class Told:
    """What a code host adds. `behind` counts the commits since; None where that is not known. `problems` say what
    could not be told."""

    commit: Commit | None = None
    files: tuple[str, ...] | None = None
    behind: int | None = None
    branch: str = ""
    problems: tuple[str, ...] = field(default=())


def noted(workload: Json, labels: Mapping[str, str], image: str = "") -> Noted | None:
    """The commit that runs, or None when nothing tells. `image` is the repository that builds push to, if known: of
    an image from elsewhere the note is not true.

    A roll-out of ours notes the commit of an image that it labelled so, too: where the two differ, somebody set
    another image since, and the note is not true any more.
    """
    notes = table(workload, "metadata", "annotations")
    note, label = text(notes, COMMIT), _word(labels.get(REVISION, ""))
    source = _word(labels.get(SOURCE, ""))
    same = label == note or (DIGITS.fullmatch(label) and note.startswith(label))
    if label and not same:
        return Noted(Commit(label), "label", stale=note, source=source)
    if not note or (not label and image and not _runs_from(workload, image)):
        return None
    commit = Commit(note, text(notes, SUBJECT), text(notes, AUTHOR), ref=text(notes, BRANCH))
    return Noted(commit, "label" if label else "note", moment(text(notes, BUILT)), text(notes, ASKED), "", source)


def _runs_from(workload: Json, repository: str) -> bool:
    """Whether a container runs an image of that repository."""
    return any(_repository(image) == _repository(repository) for image in containers(workload).values())


def _repository(image: str) -> str:
    try:
        return parse_reference(image).repository
    except BadReference:
        return image


def _word(label: str) -> str:
    """A label as far as it is one word; whoever made the image may have written anything."""
    return "".join(sign for sign in label if sign.isprintable() and not sign.isspace() and sign != "`")[:LONGEST]


def digest_run(container: Container, image: str) -> str:
    """The digest that a container runs, where the runtime says it of the same repository; else empty.

    A runtime names an image that has several names by any of them, and the same image has another digest elsewhere.
    """
    name, _, digest = text(container.status, "imageID").rpartition("@")
    try:
        same = parse_reference(name).repository == parse_reference(image).repository
    except BadReference:
        return ""
    return digest if same else ""


def running(workload: Json, step: Get, known: Noted, told: Told, now: datetime, button: Button | None) -> Document:
    """The reply of what runs."""
    commit, name = told.commit or known.commit, text(workload, "metadata", "name")
    branch = told.branch or known.commit.ref
    title = f"`{name}` runs `{commit.short}`" + (f" of `{known.commit.ref}`" if known.commit.ref else "")
    facts = [
        f"“{commit.subject}”" if commit.subject else "",
        " ".join(filter(None, [f"by {commit.author}" if commit.author else "", ago(now, commit.when)])),
        _asked(known, now),
        "its image says so" if known.by == "label" else "its roll-out noted so; the image does not confirm it",
        f"the workload's own note names `{known.stale[:7]}`: somebody set another image since" if known.stale else "",
        *told.problems,
    ]
    return Document(
        Tone.INFO,
        title + _distance(told.behind, branch) + ".",
        facts=tuple(filter(None, facts)),
        explanation=commit.message.strip().partition("\n")[2].strip(),
        plan=plan(Step(step, "the note is in `metadata.annotations`")),
        reading=(Link("commit", commit.url),) if commit.url.startswith("https://") else (),
        code=_files(told.files),
        buttons=(button,) if button else (),
    )


def unknown(workload: Json, target: str, why: tuple[str, ...], step: Get) -> Document:
    """The reply when nothing tells which commit runs."""
    name, note = text(workload, "metadata", "name"), text(workload, "metadata", "annotations", COMMIT)
    left = f"the note of `{note[:7]}` on it is of an image from another repository" if note else ""
    return Document(
        Tone.INFO,
        f"Nothing tells which commit `{name}` runs.",
        facts=(left or f"it has no annotation `{COMMIT}`", *why),
        explanation=f"`/build {target}` notes the commit on the workload and in the image. Whoever builds it otherwise "
        f'can label the image: `docker build --label {REVISION}="$(git rev-parse HEAD)" …`',
        plan=plan(Step(step, "see what is noted on it")),
    )


def _asked(known: Noted, now: datetime) -> str:
    when = ago(now, known.built)
    asked = f"for {known.asked}" if known.asked else ""
    return " ".join(filter(None, ["rolled out", asked, when])) if when or asked else ""


def _distance(behind: int | None, branch: str) -> str:
    where = f"`{branch}`" if branch else "the default branch"
    if behind is None:
        return ""
    if behind == 0:
        return f", with all that is on {where}"
    return f", {behind} commit{'s' if behind != 1 else ''} behind {where}"


def _files(files: tuple[str, ...] | None) -> str:
    if files is None:
        return ""
    more = [f"and {len(files) - FILES} more"] if len(files) > FILES else []
    return "\n".join([f"{len(files)} file{'s' if len(files) != 1 else ''} changed", *files[:FILES], *more])
