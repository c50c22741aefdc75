"""The shapes of a diagnosis: findings, their order, and the verdict."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, IntEnum

from explainers.diagnosis.classes.base import About
from explainers.document import Evidence, Unchecked
from explainers.kinds import Ref
from explainers.plan import Plan


class Layer(IntEnum):
    """Where on the dependency path a fault sits. A deeper one explains the symptoms above it."""

    INGRESS = 1
    SERVICE = 2
    POLICY = 3
    WORKLOAD = 4
    POD = 5
    CONTAINER = 6
    NEEDS = 7
    DEPENDENCY = 8
    CLUSTER = 9


class Confidence(Enum):
    """SURE: the API states the cause, or two independent signals agree. LIKELY: one strong signal.
    POSSIBLE: fits what is seen, other causes would too."""

    SURE = "sure"
    LIKELY = "likely"
    POSSIBLE = "possible"


@dataclass(frozen=True)
class Finding:
    """One fault (or, when `benign`, one circumstance that is not a fault but must be said).

    `number` is the class of the table; `subject` the object to blame; `clause` completes the headline
    "`checkout` is down: …" with real names, without a final stop, e.g.
    "its pods crash because `DATABASE_URL` points to `pg-main`, a service that does not exist".
    `since` is when this fault began, if the cluster tells; `about` explains a case that its class does not fit.
    `leads_to` is the Service or workload that is reached once the plan is done, where that is not reached before.
    """

    number: int
    subject: Ref
    layer: Layer
    clause: str
    evidence: tuple[Evidence, ...] = ()
    plan: Plan = field(default_factory=Plan)
    confidence: Confidence = Confidence.SURE
    since: datetime | None = None
    benign: bool = False
    about: About | None = None
    leads_to: Ref | None = None


class Outcome(Enum):
    HEALTHY = "healthy"
    FAULT = "fault"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Health:
    """How the target stands: `state` completes "`web` …" (`is down`, `is healthy`), `serving` says how many of
    how many are ready, `good` is True only when everything that makes it healthy was seen."""

    state: str
    serving: str
    good: bool
    fine: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    since: datetime | None = None


@dataclass(frozen=True)
class Verdict:
    """The one answer: a cause or none, its consequences, and what could not be seen."""

    target: Ref
    outcome: Outcome
    health: Health
    cause: Finding | None = None
    others: tuple[Finding, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    read_at: datetime | None = None
