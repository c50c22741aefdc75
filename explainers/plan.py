"""A plan: ordered operations, each with why and what to expect.

A plan that changes something is shown before it runs, and approval carries its hash: what was
approved is what runs. The hash therefore covers everything that will be sent and what would take it back.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from explainers.operations.base import Action, Change


@dataclass(frozen=True)
class Step:
    """One operation with the reason for it and the sign that it worked."""

    operation: Action
    why: str
    expect: str = ""

    @property
    def changes(self) -> bool:
        return self.operation.changes

    @property
    def idle(self) -> bool:
        """Whether it is a change of something that is so already."""
        return isinstance(self.operation, Change) and self.operation.idle

    @property
    def told(self) -> str:
        """Why, and what to expect, as sentences: `Use nginx:1.25 again. Expect: the pods start.`"""
        expect = f"Expect: {self.expect.rstrip('.')}." if self.expect else ""
        return f"{_sentence(self.why)} {expect}".strip()

    @property
    def inverse(self) -> Change | None:
        """What takes this step back; None for a reading step and for an irreversible one."""
        return self.operation.inverse() if isinstance(self.operation, Change) else None

    @property
    def reversible(self) -> str:
        """`reads`, `irreversible`, or the command line that takes the step back."""
        if not self.changes:
            return "reads"
        inverse = self.inverse
        return inverse.line() if inverse else "irreversible"


@dataclass(frozen=True)
class Plan:
    """Steps in order; `alternatives` help instead when the first guess about intent is wrong."""

    steps: tuple[Step, ...] = ()
    alternatives: tuple[Step, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.steps)

    @property
    def changes(self) -> bool:
        return any(step.changes for step in self.steps)

    @property
    def effective(self) -> "Plan":
        """The same without what is done already: steps that would change nothing."""
        steps, others = (tuple(one for one in each if not one.idle) for each in (self.steps, self.alternatives))
        return Plan(steps, others) if steps else Plan(others)

    @property
    def hash(self) -> str:
        """SHA-256 over every request of the steps, in order, and over what would take each back.

        With the way back, a yes to "3 → 5" is none to "4 → 5". Alternatives are not sent, so not covered.
        """
        covered = [(step.operation.sent(), step.inverse.sent() if step.inverse else None) for step in self.steps]
        return hashlib.sha256(json.dumps(covered, sort_keys=True).encode()).hexdigest()


def _sentence(text: str) -> str:
    text = text.strip().rstrip(".")
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def plan(*steps: Step, alternatives: Iterable[Step] = ()) -> Plan:
    return Plan(tuple(steps), tuple(alternatives))
