"""Long work that somebody may cancel: who asked for it, and whether it should stop."""

import json
from dataclasses import dataclass

from commands.base.ports import Services, StateStore, Stop
from commands.base.request import Request
from explainers.document import Button

KEPT_SECONDS = 6 * 3600


@dataclass(frozen=True)
class Running:
    """Work under way: which request, of whom, in which namespace, and in the words that it was asked for."""

    request: str
    user: str
    namespace: str
    what: str


def begin(services: Services, request: Request, namespace: str, what: str) -> Stop:
    """Let the work be cancelled; what comes back says whether it was, asking the store once a second at the most."""
    running = Running(request.id, request.actor.user, namespace, what)
    services.state.put(f"running:{request.id}", json.dumps(running.__dict__), KEPT_SECONDS)
    asked = services.clock.now()
    said = False

    def cancelled() -> bool:
        nonlocal asked, said
        now = services.clock.now()
        if not said and (now - asked).total_seconds() >= 1:
            asked = now
            said = canceller(services.state, request.id) != ""
        return said

    return cancelled


def running(state: StateStore, request: str) -> Running | None:
    """The work of a request that has begun and may be cancelled; None when it is over or never was."""
    kept = state.get(f"running:{request}")
    return Running(**json.loads(kept)) if kept else None


def over(state: StateStore, request: str) -> None:
    state.delete(f"running:{request}")


def cancel(state: StateStore, request: str, user: str) -> None:
    state.put_new(f"cancel:{request}", user, KEPT_SECONDS)


def canceller(state: StateStore, request: str) -> str:
    """Who cancelled the work; empty when nobody did."""
    return state.get(f"cancel:{request}") or ""


def cancel_button(request: Request, namespace: str) -> Button:
    return Button("Cancel", "cancel", f"{request.id} -n {namespace}", "danger", confirm="The work stops where it is.")
