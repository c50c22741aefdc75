"""Clusters that answer oddly: values that are null, of another type or gone, refusals, and no answer at all."""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import responses
from random import Random
from typing import Any

from bot.cluster.answers import decode, refusal
from explainers.operations.base import Answer, Operation
from tests.fakes.passing import Passing

WRONG = ("null", "[]", "{}", '""', '"x"', "0", "-1", "true", "[null]", '{"a": null}', '["a"]', "1e30", '"2026-13-45"')
REFUSALS = (400, 401, 403, 404, 409, 410, 422, 429, 500, 502, 503, 504)
NO_BODIES = (b"", b"<html>Bad Gateway</html>", b"null", b"[]", b'{"message": 1}', b'{"message": ["a"], "details": 3}')
HALF = Answer(0, problem="The cluster's API at https://cluster.example broke off its answer: IncompleteRead.")


def damage(chance: Random, thing: Any) -> None:
    """Replace or remove one value somewhere inside."""
    while isinstance(thing, dict | list) and thing:
        key = chance.choice(sorted(thing) if isinstance(thing, dict) else range(len(thing)))
        inside = thing[key]
        if not isinstance(inside, dict | list) or not inside or chance.randrange(6) == 0:
            if isinstance(thing, dict) and chance.randrange(2):
                del thing[key]
            else:
                thing[key] = json.loads(chance.choice(WRONG))
            return
        thing = inside


@dataclass
class OddCluster(Passing):
    """The port `Cluster` over a sound one: this share of its answers is odd. What changes things has happened then, or
    has not: nobody who gets such an answer can tell."""

    chance: Random
    share: float

    def run(self, operation: Operation) -> Answer:
        if self.chance.random() >= self.share:
            return self.inner.run(operation)
        match self.chance.randrange(4):
            case 0:
                return self._refused()
            case 1:
                self.inner.run(operation)
                return HALF
            case 2:
                return decode(operation.request(), 200, self.chance.choice(NO_BODIES))
        return self._damaged(self.inner.run(operation))

    def watch(self, operation: Operation, seconds: float) -> Iterator[dict[str, object]]:
        for item in self.run(operation).items:
            yield self.chance.choice([{"type": "ADDED", "object": item}, {"type": "ERROR"}, {"object": None}, {}])

    def _refused(self) -> Answer:
        status = self.chance.choice(REFUSALS)
        said = {"kind": "Status", "status": "Failure", "message": responses[status], "code": status}
        return refusal(status, self.chance.choice((json.dumps(said).encode(), *NO_BODIES)))

    def _damaged(self, answer: Answer) -> Answer:
        body = copy.deepcopy(answer.body)
        for _ in range(self.chance.randint(1, 8)):
            damage(self.chance, body)
        return Answer(answer.status, body, answer.problem)
