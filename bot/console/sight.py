"""What one person sees of the workspace, as the page asks for it."""

from dataclasses import asdict

from bot.console.backend import Backend
from bot.console.people import Person
from bot.console.schema import Json

_SHOWN_REFUSALS = 20


def seen_by(backend: Backend, person: Person, since: int) -> Json:
    """What is newer than version `since`: channels, messages, open modal, Home tab, refused calls."""
    workspace = backend.workspace
    version = workspace.version
    channels = [each for each in list(workspace.channels.values()) if person.id in each.members]
    top, home = backend.views.top(person.id), backend.views.homes.get(person.id)
    return {
        "version": version,
        "channels": [each.conversation() for each in channels],
        "messages": [
            message.for_page()
            for channel in channels
            for message in workspace.everything(channel.id)
            if message.version > since and message.ephemeral_to in (None, person.id)
        ],
        "view": top.body() if top else None,
        "home": home.body() if home else None,
        "depth": len(backend.views.stack(person.id)),
        "refusals": [asdict(each) for each in backend.refusals[-_SHOWN_REFUSALS:]],
        "advice": [asdict(each) for each in backend.advice[-_SHOWN_REFUSALS:]],
    }
