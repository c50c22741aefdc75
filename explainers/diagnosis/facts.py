"""What is known so far, and what has been asked for but not read yet."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from explainers.operations.base import Answer, Json, Operation
from explainers.operations.reads import Get, Rows, continued, everything, few, printed_names

T = TypeVar("T")


class Question(ABC):
    """Something that only a live probe from `namespace` can answer; see explainers/network/probes.py.

    Subclasses are frozen dataclasses.
    """

    namespace: str

    @abstractmethod
    def line(self) -> str:
        """The command that asks it by hand."""


Fact = Operation | Question


class Missing(Exception):  # control flow, not an error
    """A rule needs `facts` that have not been read; they are noted in `Facts.wanted`."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        super().__init__()
        self.facts = tuple(facts)


def at_once(parts: Iterable[Callable[[], Iterable[T]]]) -> list[T]:
    """What all parts give, in order. Each is tried before anything is read, so that all ask in the same wave; raises
    Missing with what they lack together."""
    found: list[T] = []
    unread: list[Fact] = []
    for part in parts:
        try:
            found += part()
        except Missing as missing:
            unread += missing.facts
    if unread:
        raise Missing(unread)
    return found


class Facts:
    """Answers by the operation that was asked, in the order of asking.

    `now` is the time of reading (of the capture, offline); ages are relative to it. `below` are questions about what
    the target calls.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.answers: dict[Fact, Answer] = {}
        self.wanted: dict[Fact, None] = {}
        self.below: set[Fact] = set()

    def ask(self, *facts: Fact) -> tuple[Answer, ...]:
        """The answers to these, together; raises Missing after noting all those not read yet."""
        unread = [fact for fact in facts if fact not in self.answers and not self._listed(fact)]
        if unread:
            self.wanted.update(dict.fromkeys(unread))
            raise Missing(unread)
        return tuple(self.answers[fact] for fact in facts)

    def _listed(self, fact: Fact) -> bool:
        """Whether a list that was read already holds, or, being whole, rules out the object that `fact` would read."""
        if type(fact) is not Get:
            return False
        absent = Answer(404, problem=f'{fact.kind.plural} "{fact.name}" not found')
        for listing in (everything, few):
            listed = self.answers.get(listing(fact.kind, fact.namespace))
            if listed is None or not listed.ok:
                continue
            found = next((item for item in listed.items if _name(item) == fact.name), None)
            if found is None and continued(listed):
                continue
            self.answers[fact] = Answer(200, {**found, "kind": fact.kind.name}) if found else absent
            return True
        printed = printed_names(self.answers.get(Rows(fact.kind, fact.namespace), Answer(0)))
        if not printed or fact.name in printed:
            return False
        self.answers[fact] = absent
        return True

    def want(self, *facts: Fact) -> None:
        """Note facts that will be needed soon, so that they are read in the same wave; never raises."""
        self.wanted.update(dict.fromkeys(fact for fact in facts if fact not in self.answers))

    def learn(self, fact: Fact, answer: Answer) -> None:
        """Keep an answer. An object that was asked for is of the kind that was asked for, whatever it says itself."""
        if type(fact) is Get and answer.object:
            answer = replace(answer, body={**answer.object, "kind": fact.kind.name})
        self.answers[fact] = answer
        self.wanted.pop(fact, None)

    def take_wanted(self) -> list[Fact]:
        """The facts to read next; empties the list. Live questions wait for all that can be read."""
        readable: list[Fact] = [fact for fact in self.wanted if not isinstance(fact, Question)]
        wanted = readable or list(self.wanted)
        self.wanted.clear()
        return wanted


def _name(item: Json) -> object:
    metadata = item.get("metadata")
    return metadata.get("name") if isinstance(metadata, dict) else None
