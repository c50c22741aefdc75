"""A sandbox cluster behind the ports of a command, without a server: time passes when the command waits."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib import import_module
from typing import Any

from bot.cluster.answers import decode
from bot.sandbox.messages import Request as Sent
from bot.state.memory import MemoryState
from commands.base.dispatch import run
from commands.base.ports import Audience, Builds, Services
from commands.base.registry import commands
from commands.base.request import Actor, Approval, Identity, Reply, Request
from explainers.document import Button
from explainers.operations.base import Answer, Operation
from tests.unit.bot.sandbox.clusters import Bench


@dataclass
class SandboxedCluster:
    """The port `Cluster`: each operation's request, answered by the sandbox's API. `sent` keeps what changed things;
    `broken` answers instead of the API from then on."""

    bench: Bench
    identity: Identity = field(default_factory=Identity)
    name: str = "sandbox"
    default_namespace: str = "shop"
    sent: list[str] = field(default_factory=list)
    broken: Answer | None = None

    def run(self, operation: Operation) -> Answer:
        if self.broken:
            return self.broken
        request = operation.request()
        headers = {"content-type": request.content_type, "accept": request.accept}
        if self.identity.user:
            headers["impersonate-user"] = self.identity.user
        asked = Sent(request.method, request.path, dict(request.query), headers, _body(request.body))
        response = self.bench.cluster.api.answer(asked)
        if operation.changes:
            self.sent.append(operation.line())
            self.bench.cluster.engine.settle()
        return decode(request, response.code, response.encoded())

    def read(self, operations: Sequence[Operation]) -> list[Answer]:
        return [self.run(operation) for operation in operations]

    def watch(self, operation: Operation, seconds: float) -> Iterable[dict[str, object]]:
        return ()


def _body(body: Any) -> bytes:
    return b"" if body is None else json.dumps(body).encode()


@dataclass
class SandboxedClock:
    """The sandbox's time."""

    bench: Bench

    def now(self) -> datetime:
        return self.bench.now

    def wait(self, seconds: float) -> None:
        self.bench.pass_time(seconds)


@dataclass
class Desk:
    """Somebody who types commands at a sandbox cluster and presses the buttons of the replies."""

    bench: Bench
    identity: Identity = field(default_factory=Identity)
    builds: Builds | None = None
    namespace: str = "shop"
    said: list[str] = field(default_factory=list)
    actor: Actor = field(default_factory=lambda: Actor("ada"))

    def __post_init__(self) -> None:
        self.cluster = SandboxedCluster(self.bench, self.identity)
        self.state = MemoryState()

    @property
    def services(self) -> Services:
        audience = Audience(self.said.append)
        clock = SandboxedClock(self.bench)
        return Services(self.cluster, clock, unprobed, self.state, audience, builds=self.builds)

    def types(
        self,
        line: str,
        approval: Approval | None = None,
        id: str = "",
        filled: dict[str, str] | None = None,
        pushed: str = "",
    ) -> Reply:
        """The reply to `scale web 3`. Raises TesseraError."""
        name, _, text = line.partition(" ")
        import_module(f"commands.{name}")  # registers it
        request = Request(name, text, self.actor, namespace=self.namespace, approval=approval, filled=filled)
        request = replace(request, pushed=pushed)
        request = replace(request, id=id) if id else request
        return run(commands()[name].handler, request, self.services)

    def presses(self, button: Button, id: str = "") -> Reply:
        """The reply to a press, as the surfaces do it: the yes travels with the plan's hash and time."""
        approval = Approval(button.approves, button.at) if button.approves else None
        return self.types(f"{button.action} {button.argument}", approval, id)


def unprobed(_question: object) -> Answer:
    return Answer(403, problem="nothing can be probed here")


def button(reply: Reply, label: str) -> Button:
    """The button of that label; the test fails without it."""
    return next(one for one in reply.document.buttons if one.label == label)


def changing(reply: Reply) -> list[str]:
    """The lines of a plan that change something."""
    return [step.operation.line() for step in reply.document.plan.steps if step.changes]


def as_user(desk: Desk, verbs: list[str], resources: list[str]) -> Desk:
    """The same cluster, as a user who may do exactly this in its namespace."""
    rules = [{"apiGroups": ["*"], "resources": resources, "verbs": verbs}]
    path = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{desk.namespace}"
    desk.bench.post(f"{path}/roles", {"metadata": {"name": "intern"}, "rules": rules})
    subjects = [{"kind": "User", "name": "intern", "apiGroup": "rbac.authorization.k8s.io"}]
    role = {"kind": "Role", "name": "intern", "apiGroup": "rbac.authorization.k8s.io"}
    binding = {"metadata": {"name": "intern"}, "subjects": subjects, "roleRef": role}
    desk.bench.post(f"{path}/rolebindings", binding)
    return Desk(desk.bench, Identity("intern"), desk.builds, desk.namespace)
