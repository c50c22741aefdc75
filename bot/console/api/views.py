"""views.*: modals and the Home tab (docs.slack.dev/reference/methods/views.open and its neighbours)."""

import json
from collections.abc import Callable
from typing import Any

from bot.console import limits
from bot.console.arguments import Arguments
from bot.console.backend import Backend
from bot.console.block_kit import view_problems
from bot.console.compose import with_ids
from bot.console.errors import SlackError
from bot.console.methods import method
from bot.console.schema import Json
from bot.console.view_store import View


def checked_view(view: Any, kind: str = "modal") -> Json:
    """A view with its ids filled in. Raises `invalid_arguments` with every reason, `view_too_large`."""
    problems = view_problems(view, kind)
    if problems:
        raise SlackError("invalid_arguments", problems)
    if len(json.dumps(view)) > limits.VIEW_BYTES:
        raise SlackError("view_too_large")
    return {**view, "blocks": with_ids(view["blocks"])}


@method("views.open", limits.TIER_4)
def open_view(backend: Backend, arguments: Arguments) -> Json:
    """Open a modal for the person whose act made the trigger id."""
    return _show(backend, arguments, backend.views.open)


@method("views.push", limits.TIER_4)
def push_view(backend: Backend, arguments: Arguments) -> Json:
    """Put a modal on top of the one in which the trigger id was made."""
    return _show(backend, arguments, backend.views.push)


@method("views.update", limits.TIER_4)
def update_view(backend: Backend, arguments: Arguments) -> Json:
    """Change an open modal; `not_found` when the person closed it in the meantime."""
    external = arguments.optional("external_id") or None
    name = arguments.optional("view_id") or None
    if not external and not name:
        raise SlackError("invalid_arguments", ["[ERROR] missing required field: view_id"])
    content = checked_view(_given(arguments))
    view = backend.views.find(name, external)
    with backend.workspace.change():
        return _answer(backend.views.update(view, content, arguments.optional("hash") or None))


@method("views.publish", limits.TIER_4)
def publish_view(backend: Backend, arguments: Arguments) -> Json:
    """Set somebody's Home tab."""
    user = arguments.text("user_id")
    if user not in backend.workspace.people:
        raise SlackError("user_not_found")
    content = checked_view(_given(arguments), "home")
    with backend.workspace.change():
        return _answer(backend.views.publish(user, content, arguments.optional("hash") or None))


def _show(backend: Backend, arguments: Arguments, place: Callable[[str, Json], View]) -> Json:
    content = checked_view(_given(arguments))
    trigger = backend.passes.redeem_trigger(arguments.text("trigger_id"))
    with backend.workspace.change():
        return _answer(place(trigger.user, content))


def _given(arguments: Arguments) -> Any:
    view = arguments.structure("view")
    if view is None:
        raise SlackError("invalid_arguments", ["[ERROR] missing required field: view"])
    return view


def _answer(view: View) -> Json:
    return {"view": view.body()}
