"""The scene of a follow-up command: the target that was named, as a case that reads on demand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from commands.base.investigate import investigate
from commands.base.parse import Arguments, one_target, parse
from commands.base.ports import Services
from commands.base.request import Request
from commands.base.targets import find_target
from explainers.diagnosis.access import unchecked
from explainers.diagnosis.case import Case
from explainers.diagnosis.facts import Facts
from explainers.diagnosis.report import hidden
from explainers.document import Unchecked
from explainers.kinds import Ref
from explainers.operations.base import Operation

T = TypeVar("T")


@dataclass(frozen=True)
class Scene:
    """One target with the facts read about it so far."""

    target: Ref
    facts: Facts
    services: Services
    arguments: Arguments = field(default_factory=lambda: Arguments(()))

    def see(self, question: Callable[[Case], T]) -> T:
        """The answer to a question about the case, after reading what it needs. Raises Unavailable."""
        return self.about(lambda facts: question(Case(facts, self.target)))

    def about(self, question: Callable[[Facts], T]) -> T:
        """The same for a question that makes its own case."""
        return investigate(question, self.facts, self.services.cluster, self.services.ask, self.services.progress)

    def unseen(self, *resources: str) -> tuple[Unchecked, ...]:
        """What of these resources (`pods`, `pods/log`, `jobs.batch`) could not be read so far."""
        known = Facts(self.facts.now)
        for fact, answer in self.facts.answers.items():
            if isinstance(fact, Operation) and fact.permission().resource in resources:
                known.answers[fact] = answer
        return unchecked(known)

    @property
    def behind(self) -> tuple[str, ...]:
        """The resources that the target's pods are found by."""
        return ("pods", "jobs.batch") if self.target.kind == "CronJob" else ("pods",)

    def data(self, unseen: Sequence[Unchecked], **more: object) -> dict[str, object]:
        """An answer for scripts, with its target and with what could not be read."""
        target = {"kind": self.target.kind, "namespace": self.target.namespace, "name": self.target.name}
        return {"target": target, **more, "unchecked": [hidden(one) for one in unseen]}


def scene(request: Request, services: Services, form: str, options: tuple[str, ...] = ()) -> Scene:
    """Parse `TARGET [-n NAMESPACE]` and further options, and find the target. Raises any TesseraError."""
    arguments = parse(request.text, form, options)
    word = one_target(arguments, form)
    namespace = arguments.namespace or request.namespace or services.cluster.default_namespace
    facts = Facts(services.clock.now())
    target = find_target(services, facts, namespace, word, request.unbounded)
    return Scene(target, facts, services, arguments)
