"""What a code host is told of a build, beside the commit itself: what is built for what, and how far it is."""

from dataclasses import dataclass
from enum import Enum, auto

from explainers.document import Document, StageState


class Course(Enum):
    """How a build goes. `LATE` took longer than it may; `KEPT` is built and pushed, and not rolled out."""

    RUNNING = auto()
    SUCCEEDED = auto()
    FAILED = auto()
    CANCELLED = auto()
    LATE = auto()
    KEPT = auto()


@dataclass(frozen=True)
class Notice:
    """One build. `environment` is where its image is rolled out to, `check` what people know the build by, `request`
    tells it from every other."""

    repository: str
    sha: str
    environment: str
    check: str
    request: str


@dataclass(frozen=True)
class News:
    """What is to be shown from now on: one line, and more below it, a line each."""

    course: Course
    headline: str
    lines: tuple[str, ...] = ()


def running(document: Document) -> str:
    """The stage that runs; empty when none does."""
    return next((stage.name for stage in document.stages if stage.state is StageState.RUNNING), "")


def news(course: Course, document: Document) -> News:
    """What a document says, for a code host: its headline, or while it runs, the stage."""
    stage = running(document) if course is Course.RUNNING else ""
    lines = [
        f"{one.state.sign} {one.name}{f' ({one.took})' if one.took else ''}{f': {one.detail}' if one.detail else ''}"
        for one in document.stages
    ]
    return News(course, stage or document.headline, (*lines, *document.facts))


def outcome(reply: str, document: Document, cancelled: bool) -> Course:
    """How a build ended, by the outcome of its reply and its stages."""
    states = {stage.name: stage.state for stage in document.stages}
    match reply:
        case "healthy":
            return Course.SUCCEEDED
        case "fault":
            return Course.FAILED
        case "unknown" if StageState.FAILED in states.values():
            return Course.FAILED
        case "unknown":
            return Course.CANCELLED if cancelled else Course.LATE
    return Course.SUCCEEDED if StageState.DONE in list(states.values())[-1:] else Course.KEPT
