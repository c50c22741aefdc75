"""files.getUploadURLExternal, files.completeUploadExternal and files.info."""

from bot.console import limits
from bot.console.arguments import Arguments
from bot.console.backend import Backend
from bot.console.compose import read_blocks, thread_root, writable
from bot.console.errors import SlackError
from bot.console.messages import Message
from bot.console.methods import method
from bot.console.people import BOT_USER
from bot.console.schema import Json


@method("files.getUploadURLExternal", limits.TIER_4, takes_json=False, scope="files:write")
def get_upload_url(backend: Backend, arguments: Arguments) -> Json:
    """An address that takes exactly `length` bytes."""
    name, length = arguments.text("filename"), arguments.number("length", 0)
    if length < 1:
        raise SlackError("invalid_arguments", ["[ERROR] must be greater than 0 [json-pointer:/length]"])
    file = backend.files.announce(name, length, backend.workspace.clock(), arguments.optional("alt_txt"))
    return {"upload_url": f"{backend.base_url}/upload/v1/{file.id}", "file_id": file.id}


@method("files.completeUploadExternal", limits.TIER_4, scope="files:write")
def complete_upload(backend: Backend, arguments: Arguments) -> Json:
    """Finish uploads and share them in a channel or thread."""
    given = arguments.structure("files")
    if not isinstance(given, list) or not given:
        raise SlackError("invalid_arguments", ["[ERROR] missing required field: files"])
    names = [(str(each.get("id", "")), str(each.get("title") or "")) for each in given if isinstance(each, dict)]
    target = arguments.optional("channel_id") or arguments.optional("channels").split(",")[0]
    channel = writable(backend, target) if target else None
    root = thread_root(backend, channel, arguments) if channel else None
    bodies = [backend.files.complete(name, title).body(backend.base_url) for name, title in names]
    if channel:
        backend.rates.post(channel.id)
        backend.workspace.post(
            Message(
                channel.id,
                backend.workspace.next_ts(),
                BOT_USER,
                arguments.optional("initial_comment"),
                read_blocks(arguments) or [],
                thread_ts=root,
                files=bodies,
            )
        )
    return {"files": bodies}


@method("files.info", limits.TIER_4, takes_json=False, scope="files:read")
def info(backend: Backend, arguments: Arguments) -> Json:
    """One file."""
    return {"file": backend.files.find(arguments.text("file")).body(backend.base_url)}
