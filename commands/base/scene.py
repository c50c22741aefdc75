"""The scene of a follow-up command: the target that was named, as a case that reads on demand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from commands.base.investigate import investigate
from commands.base.parse import Arguments, one_target, parse
from commands.base.ports import Services
from commands.base.request import Request
from commands.base.targets import find_target
from explainers.diagnosis.case import Case
from explainers.diagnosis.facts import Facts
from explainers.kinds import Ref

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


def scene(request: Request, services: Services, form: str, options: tuple[str, ...] = ()) -> Scene:
    """Parse `TARGET [-n NAMESPACE]` and further options, and find the target. Raises any TesseraError."""
    arguments = parse(request.text, form, options)
    word = one_target(arguments, form)
    namespace = arguments.namespace or request.namespace or services.cluster.default_namespace
    facts = Facts(services.clock.now())
    return Scene(find_target(services, facts, namespace, word), facts, services, arguments)
