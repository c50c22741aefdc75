"""What leads to every status of every endpoint: steps of a platform, and of the work behind the broker."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from explainers.catalog.model import Entry
from tests.unit.bot.osb.platforms import BINDING, INSTANCE, Got, Platform
from tests.unit.bot.osb.shelves import FAST, FAST_2, SLOW


class Stage(Protocol):
    """A broker whose work ends when a test says so."""

    def finish(self, id: str) -> None: ...

    def fail(self, id: str, why: str) -> None: ...


Step = Callable[[Platform, Stage], Got]
OLD = {"version": "16.3.0"}
BAD, TAKEN, GONE, ABSENT = "BadRequest", "Conflict", "Gone", "NotFound"
ASYNC, BUSY, MAINTENANCE, NEVER = "AsyncRequired", "ConcurrencyError", "MaintenanceInfoConflict", "Unsupported"


@dataclass(frozen=True)
class Case:
    """The last of `steps` is the request whose answer counts; `error` is its word. `slow`: bindings take their time.
    `real`: the broker can come to this, since its bindings and updates are done when it answers."""

    method: str
    endpoint: str
    status: int
    name: str
    steps: tuple[Step, ...]
    error: str = ""
    slow: bool = False
    updates: bool = False

    @property
    def real(self) -> bool:
        return not (self.slow or self.updates)

    def __str__(self) -> str:
        return f"{self.method} {self.endpoint} {self.status} {self.name}"


def provision(entry: Entry = FAST, **more: Any) -> Step:
    return lambda platform, _broker: platform.provision(entry, **more)


def update(entry: Entry = FAST, **more: Any) -> Step:
    return lambda platform, _broker: platform.update(entry, **more)


def delete(entry: Entry = FAST, path: str = INSTANCE, incomplete: str = "true") -> Step:
    return lambda platform, _broker: platform.delete(path, entry, incomplete)


def bind(entry: Entry = FAST, **more: Any) -> Step:
    return lambda platform, _broker: platform.bind(entry, **more)


def unbind(incomplete: str = "true") -> Step:
    return delete(path=BINDING, incomplete=incomplete)


def ask(method: str, path: str, **query: str) -> Step:
    return lambda platform, _broker: platform.ask(method, path, None, None, **query)


def poll(path: str = INSTANCE, **query: str) -> Step:
    return lambda platform, _broker: platform.poll(path, **query)


def succeed(id: str) -> Step:
    def step(_platform: Platform, broker: Stage) -> Got:
        broker.finish(id)
        return Got(0, None, {})

    return step


def fail(id: str) -> Step:
    def step(_platform: Platform, broker: Stage) -> Got:
        broker.fail(id, "the image cannot be pulled")
        return Got(0, None, {})

    return step


def _catalog() -> list[Case]:
    def case(status: int, name: str, error: str = "", **headers: str) -> Case:
        def step(platform: Platform, _broker: Stage) -> Got:
            sent = {key.replace("_", "-"): value for key, value in headers.items()}
            return platform.ask("GET", "/v2/catalog", headers=sent)

        return Case("GET", "/v2/catalog", status, name, (step,), error)

    return [
        case(200, "offered"),
        case(304, "known", if_none_match="*"),
        case(400, "nobody", BAD, x_broker_api_originating_identity="kubernetes"),
    ]


MAKING = (provision(SLOW),)
READY = (*MAKING, succeed("i1"))
UPDATING = (*READY, update(SLOW, parameters={"size": 2}))


def _instance() -> list[Case]:
    def case(method: str, status: int, name: str, *steps: Step, error: str = "", updates: bool = False) -> Case:
        return Case(method, "/v2/service_instances/{instance_id}", status, name, steps, error, updates=updates)

    return [
        case("PUT", 201, "made at once", provision()),
        case("PUT", 200, "the same again", provision(), provision()),
        case("PUT", 200, "the same again, slow", *READY, provision(SLOW)),
        case("PUT", 202, "being made", *MAKING),
        case("PUT", 202, "the same while it is being made", *MAKING, provision(SLOW)),
        case("PUT", 400, "no plan", provision(plan_id=None), error=BAD),
        case("PUT", 400, "unknown plan", provision(plan_id="none"), error=BAD),
        case("PUT", 400, "plan of another service", provision(plan_id=SLOW.plan_id), error=BAD),
        case("PUT", 409, "another space", provision(), provision(space_guid="b"), error=TAKEN),
        case("PUT", 409, "another organization", *MAKING, provision(SLOW, organization_guid="b"), error=TAKEN),
        case("PUT", 409, "another plan", provision(), provision(FAST_2), error=TAKEN),
        case("PUT", 409, "other parameters", provision(), provision(parameters={"size": 2}), error=TAKEN),
        case("PUT", 409, "failed before", *MAKING, fail("i1"), provision(SLOW), error=TAKEN),
        case("PUT", 422, "cannot wait", provision(SLOW, incomplete="false"), error=ASYNC),
        case("PUT", 422, "cannot wait, True", provision(SLOW, incomplete="True"), error=ASYNC),
        case("PUT", 422, "older maintenance", provision(SLOW, maintenance_info=OLD), error=MAINTENANCE),
        case("GET", 200, "there", provision(), ask("GET", INSTANCE)),
        case("GET", 400, "empty hint", provision(), ask("GET", INSTANCE, plan_id=""), error=BAD),
        case("GET", 404, "absent", ask("GET", INSTANCE), error=ABSENT),
        case("GET", 404, "being made", *MAKING, ask("GET", INSTANCE), error=ABSENT),
        case("GET", 422, "being updated", *UPDATING, ask("GET", INSTANCE), error=BUSY, updates=True),
        case("PATCH", 200, "another plan", provision(), update(plan_id=FAST_2.plan_id)),
        case("PATCH", 200, "nothing to change", provision(), update()),
        case("PATCH", 202, "being updated", *UPDATING, updates=True),
        case("PATCH", 400, "absent", update(), error=BAD),
        case("PATCH", 400, "unknown plan", provision(), update(plan_id="none"), error=BAD),
        case("PATCH", 400, "no service", provision(), update(service_id=None), error=BAD),
        case("PATCH", 422, "being made", *MAKING, update(SLOW, parameters={"size": 2}), error=BUSY),
        case(
            "PATCH",
            422,
            "cannot wait",
            *READY,
            update(SLOW, incomplete="", parameters={"size": 2}),
            error=ASYNC,
            updates=True,
        ),
        case("PATCH", 422, "older maintenance", *READY, update(SLOW, maintenance_info=OLD), error=MAINTENANCE),
        case("DELETE", 200, "removed", provision(), delete()),
        case("DELETE", 202, "being removed", *READY, delete(SLOW)),
        case("DELETE", 202, "again", *READY, delete(SLOW), delete(SLOW)),
        case("DELETE", 202, "while it is being made", *MAKING, delete(SLOW)),
        case("DELETE", 202, "half made", *MAKING, fail("i1"), delete(SLOW)),
        case("DELETE", 400, "no plan", provision(), ask("DELETE", INSTANCE, service_id="a"), error=BAD),
        case("DELETE", 400, "another plan", provision(), delete(SLOW), error=BAD),
        case("DELETE", 400, "bindings", provision(), bind(), delete(), error=BAD),
        case("DELETE", 410, "absent", delete(), error=GONE),
        case("DELETE", 410, "twice", provision(), delete(), delete(), error=GONE),
        case("DELETE", 422, "cannot wait", *READY, delete(SLOW, incomplete=""), error=ASYNC),
        case("DELETE", 422, "being updated", *UPDATING, delete(SLOW), error=BUSY, updates=True),
    ]


def _polled() -> list[Case]:
    def case(status: int, name: str, *steps: Step, error: str = "") -> Case:
        return Case("GET", "/v2/service_instances/{instance_id}/last_operation", status, name, steps, error)

    return [
        case(200, "being made", *MAKING, poll()),
        case(200, "failed", *MAKING, fail("i1"), poll()),
        case(400, "empty operation", *MAKING, poll(operation=""), error=BAD),
        case(400, "another operation", *MAKING, poll(operation="x"), error=BAD),
        case(404, "absent", poll(), error=ABSENT),
        case(410, "removed", *READY, delete(SLOW), succeed("i1"), poll(), error=GONE),
    ]


def _binding() -> list[Case]:
    def case(method: str, status: int, name: str, *steps: Step, error: str = "", slow: bool = False) -> Case:
        path = "/v2/service_instances/{instance_id}/service_bindings/{binding_id}"
        return Case(method, path, status, name, steps, error, slow)

    both = (provision(), bind())
    other_app = bind(bind_resource={"app_guid": "a"})
    return [
        case("PUT", 201, "made at once", *both),
        case("PUT", 200, "the same again", *both, bind()),
        case("PUT", 202, "being made", *both, slow=True),
        case("PUT", 202, "the same again, slow", *both, bind(), slow=True),
        case("PUT", 400, "no instance", bind(), error=BAD),
        case("PUT", 400, "another plan", provision(), bind(SLOW), error=BAD),
        case("PUT", 400, "no service", provision(), bind(service_id=None), error=BAD),
        case("PUT", 409, "other parameters", *both, bind(parameters={"a": 1}), error=TAKEN),
        case("PUT", 409, "another app", *both, other_app, error=TAKEN, slow=True),
        case("PUT", 409, "failed before", *both, fail("b1"), bind(), error=TAKEN, slow=True),
        case("PUT", 422, "instance being made", *MAKING, bind(SLOW), error=BUSY),
        case("PUT", 422, "cannot wait", provision(), bind(incomplete="no"), error=ASYNC, slow=True),
        case("GET", 200, "there", *both, ask("GET", BINDING)),
        case("GET", 400, "empty hint", *both, ask("GET", BINDING, service_id=" "), error=BAD),
        case("GET", 404, "absent", provision(), ask("GET", BINDING), error=ABSENT),
        case("GET", 404, "being made", *both, ask("GET", BINDING), error=ABSENT, slow=True),
        case("DELETE", 200, "removed", *both, unbind()),
        case("DELETE", 202, "being removed", *both, succeed("b1"), unbind(), slow=True),
        case("DELETE", 202, "while it is being made", *both, unbind(), slow=True),
        case("DELETE", 202, "again", *both, unbind(), unbind(), slow=True),
        case("DELETE", 400, "no ids", *both, ask("DELETE", BINDING), error=BAD),
        case("DELETE", 410, "absent", provision(), unbind(), error=GONE),
        case("DELETE", 410, "twice", *both, unbind(), unbind(), error=GONE),
        case("DELETE", 422, "cannot wait", *both, succeed("b1"), unbind(""), error=ASYNC, slow=True),
    ]


def _polled_binding() -> list[Case]:
    path = "/v2/service_instances/{instance_id}/service_bindings/{binding_id}/last_operation"

    def case(status: int, name: str, *steps: Step, error: str = "") -> Case:
        return Case("GET", path, status, name, (provision(), *steps), error, slow=True)

    return [
        case(200, "being made", bind(), poll(BINDING)),
        case(400, "empty operation", bind(), poll(BINDING, operation=""), error=BAD),
        case(404, "absent", poll(BINDING), error=ABSENT),
        case(410, "removed", bind(), unbind(), succeed("b1"), poll(BINDING), error=GONE),
    ]


CASES = [*_catalog(), *_instance(), *_polled(), *_binding(), *_polled_binding()]
