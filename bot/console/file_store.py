"""Files that the bot uploads: announced, sent, completed, as files.getUploadURLExternal prescribes."""

import mimetypes
import secrets
import threading
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot.console.errors import SlackError
from bot.console.people import BOT_USER
from bot.console.schema import Json


@dataclass
class StoredFile:
    """A file on its way or arrived; `data` is None until it was sent."""

    id: str
    name: str
    length: int
    made: float
    alt_text: str = ""
    title: str = ""
    data: bytes | None = None
    completed: bool = False

    @property
    def media_type(self) -> str:
        """Guessed from the name; text when in doubt."""
        return mimetypes.guess_type(self.name)[0] or "text/plain"

    def body(self, base_url: str) -> Json:
        """The `file` object of the Web API, with a preview of the first lines for text."""
        address = f"{base_url}/files-pri/{self.id}/{PurePosixPath(self.name).name}"
        body: Json = {
            "id": self.id,
            "created": int(self.made),
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": self.media_type,
            "filetype": PurePosixPath(self.name).suffix.removeprefix(".") or "text",
            "user": BOT_USER,
            "size": len(self.data or b""),
            "mode": "hosted",
            "url_private": address,
            "url_private_download": address,
            "permalink": address,
        }
        if self.alt_text:
            body["alt_txt"] = self.alt_text
        if self.media_type.startswith("text/") or self.media_type.endswith(("json", "yaml")):
            body["preview"] = "\n".join((self.data or b"").decode("utf-8", "replace").splitlines()[:6])
        return body


class Files:
    """The workspace's files."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: dict[str, StoredFile] = {}

    def announce(self, name: str, length: int, made: float, alt_text: str = "") -> StoredFile:
        """Prepare an upload of exactly `length` bytes."""
        with self._lock:
            file = StoredFile(f"F0{secrets.token_hex(5).upper()}", name, length, made, alt_text)
            self._files[file.id] = file
            return file

    def find(self, name: str) -> StoredFile:
        """A file by id. Raises `file_not_found`."""
        with self._lock:
            found = self._files.get(name)
        if found is None:
            raise SlackError("file_not_found")
        return found

    def complete(self, name: str, title: str) -> StoredFile:
        """Finish an upload. Raises `file_not_found` when nothing was sent or it was completed before."""
        file = self.find(name)
        if file.data is None or file.completed:
            raise SlackError("file_not_found")
        file.completed, file.title = True, title or file.name
        return file
