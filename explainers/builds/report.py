"""What a build and its roll-out came to, as documents."""

from collections.abc import Sequence

from explainers.builds.errors import Trouble
from explainers.builds.model import Commit
from explainers.document import Button, Document, Evidence, Link, Stage, Tone
from explainers.plan import Plan

SHOWN = 15
"""Lines of output under a failure."""


def named(commit: Commit) -> str:
    """`a1b2c3d` with the branch it was found by."""
    return f"`{commit.short}`" + (f" of `{commit.ref}`" if commit.ref else "")


def described(commit: Commit) -> tuple[str, ...]:
    """The commit in facts: message and author."""
    by = f"by {commit.author}" if commit.author else ""
    return tuple(filter(None, (f"“{commit.subject}”" if commit.subject else "", by)))


def failed(
    name: str,
    commit: Commit,
    trouble: Trouble,
    tail: Sequence[str],
    stages: tuple[Stage, ...],
    again: Button,
    joined: str = "",
) -> Document:
    """A build that failed: the cause, the line that proves it, what to do; `joined` says who built it, if another.

    The button is always there: whether it helps at once is said, and what it builds once something was corrected.
    """
    return Document(
        Tone.FAULT,
        f"`{name}` was not built from {named(commit)}: {trouble.headline}",
        facts=(*described(commit), *filter(None, [joined]), "nothing was rolled out", _retrying(commit, trouble)),
        evidence=(Evidence("the build's output", trouble.line),) if trouble.line else (),
        explanation=f"{trouble.explanation} {trouble.advice}".strip(),
        reading=(Link.to(trouble.reading),) if trouble.reading else (),
        code="\n".join(tail[-SHOWN:]),
        buttons=(again,),
        stages=stages,
    )


def _retrying(commit: Commit, trouble: Trouble) -> str:
    if trouble.retry:
        return "retrying may help: nothing has to be changed first"
    then = f"; afterwards Retry builds `{commit.ref}` as it is by then" if commit.ref else ""
    return f"retrying without a change gives the same{then}"


def served(
    name: str,
    commit: Commit,
    facts: tuple[str, ...],
    plan: Plan,
    stages: tuple[Stage, ...],
    buttons: tuple[Button, ...],
) -> Document:
    """A build whose pods serve."""
    headline = f"`{name}` runs {named(commit)}"
    return Document(
        Tone.HEALTHY, headline, facts=(*described(commit), *facts), plan=plan, stages=stages, buttons=buttons
    )
