"""What a reply says, apart from how a surface shows it.

Text is plain; `backticks` mark names and commands, the only mark-up there is. One renderer a
surface (bot/slack/blocks.py, bot/terminal/render.py, bot/console HTML) turns a Document into
what people see, so that no command knows about Slack and no renderer about Kubernetes.
"""

from dataclasses import dataclass, field
from enum import Enum

from explainers.plan import Plan


class Tone(Enum):
    """The state of what was asked about; shown as a word and a sign, never by colour alone."""

    HEALTHY = "healthy"
    FAULT = "fault"
    UNKNOWN = "unknown"
    INFO = "info"
    REFUSED = "refused"
    WORKING = "working"

    @property
    def sign(self) -> str:
        return {"healthy": "✓", "fault": "✗", "unknown": "?", "info": "·", "refused": "✗", "working": "…"}[self.value]


@dataclass(frozen=True)
class Evidence:
    """One observation: `source` names the object and field, `age` says how old it is, `text` what it says."""

    source: str
    text: str
    age: str = ""


@dataclass(frozen=True)
class Unchecked:
    """Something that could not be looked at: what, which permission is missing, the line that grants it."""

    what: str
    missing: str = ""
    grant: str = ""


@dataclass(frozen=True)
class Link:
    title: str
    url: str

    @classmethod
    def to(cls, url: str) -> "Link":
        """A link that says where it leads: the title is the address without scheme and place on the page."""
        return cls(url.partition("://")[2].partition("#")[0].rstrip("/"), url)


@dataclass(frozen=True)
class Picture:
    """A drawing as SVG text, with the words for those who do not see it."""

    svg: str
    alt: str


@dataclass(frozen=True)
class Attachment:
    """Output that is too long for a message: the name of its file, what it is in words, and all of its text."""

    name: str
    title: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class Button:
    """An offer to act: `action` is a registered action, `argument` what it is about.

    Surfaces never send `argument` to the outside: Slack gets an opaque id that stands for it. A button that says yes
    to a plan has the plan's hash in `approves`, and the time that the plan was made for in `at`; it counts once.
    `confirm` is asked before the click counts. After `until` (ISO 8601) it counts no more.
    """

    label: str
    action: str
    argument: str = ""
    style: str = ""
    approves: str = ""
    at: str = ""
    confirm: str = ""
    until: str = ""


class StageState(Enum):
    """How far a stage of long work is; shown as a word and a sign."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"

    @property
    def sign(self) -> str:
        return {"waiting": "·", "running": "…", "done": "✓", "failed": "✗", "skipped": "–"}[self.value]


@dataclass(frozen=True)
class Stage:
    """One stage of long work: `name` as a verb ("build"), `detail` what came of it, `took` as people say it."""

    name: str
    state: StageState = StageState.WAITING
    detail: str = ""
    took: str = ""


@dataclass(frozen=True)
class Document:
    """A reply. Everything but the headline is optional; a renderer leaves out what is empty.

    `private` is for the one who asked alone where others read along: it tells them nothing.
    """

    tone: Tone
    headline: str
    facts: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    consequences: tuple[str, ...] = ()
    fine: tuple[str, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    plan: Plan = field(default_factory=Plan)
    explanation: str = ""
    reading: tuple[Link, ...] = ()
    picture: Picture | None = None
    code: str = ""
    buttons: tuple[Button, ...] = ()
    stages: tuple[Stage, ...] = ()
    attachment: Attachment | None = None
    private: bool = False

    @property
    def plan_title(self) -> str:
        """What stands over the plan: what only informs shows how to look at the same by hand."""
        informs = self.tone is Tone.INFO and not any(button.approves for button in self.buttons)
        return "By hand" if informs else "Game plan"

    @property
    def evidence_title(self) -> str:
        """What stands over the evidence; nothing over what only informs, for which it is the answer itself."""
        return "" if self.tone is Tone.INFO else "Evidence"
