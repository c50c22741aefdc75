"""Who may use the API: HTTP basic authentication against a file with one `user:password` a line.

The file is read anew when it has changed, so passwords rotate without a restart: add a line, change the platform, take
the old line away. A new line counts at once, one that was taken away for a second at most. Empty lines and lines that
begin with `#` are skipped. Only digests stay in memory.
"""

import base64
import binascii
import hmac
from hashlib import sha256
from pathlib import Path
from time import monotonic

from bot.observe.logs import logger
from commands.base.errors import UsageError

LOOK_SECONDS = 1.0
EXAMPLE = "one `user:password` a line, for example platform:a-long-random-password"

_log = logger(__name__)
_Stamp = tuple[int, int, int] | None


class Users:
    """The users of one file. While it cannot be read nobody is let in."""

    def __init__(self, path: Path, look_every: float = LOOK_SECONDS) -> None:
        """Raises UsageError for a file without a single usable line: nobody could ever ask."""
        self._path = path
        self._look_every = look_every
        self._looked = monotonic()
        self._stamp: _Stamp = _stamp(path)
        self._users = self._read()
        if not self._users:
            raise UsageError(f"TESSERA_OSB_USERS_FILE: {path} names no user.", EXAMPLE)

    def who(self, authorization: str) -> str:
        """The user that an Authorization header proves to be; empty for everybody else.

        Takes the same time for wrong users and wrong passwords: digests are compared, with every line.
        """
        given = sha256(_given(authorization)).digest()
        if monotonic() - self._looked >= self._look_every:
            self._look()
        found = self._match(given)
        if not found and self._look():
            found = self._match(given)
        return found

    def _match(self, given: bytes) -> str:
        found = ""
        for user, digest in self._users:
            if hmac.compare_digest(given, digest):
                found = user
        return found

    def _look(self) -> bool:
        """Read the file anew if it has changed; whether it has."""
        self._looked = monotonic()
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return False
        self._users, self._stamp = self._read(), stamp
        _log.info("the users of the broker API were read anew", users=len(self._users))
        return True

    def _read(self) -> tuple[tuple[str, bytes], ...]:
        try:
            lines = self._path.read_bytes().splitlines()
        except OSError as error:
            _log.error("the users of the broker API cannot be read; nobody is let in", error=error.strerror)
            return ()
        users = []
        for number, line in enumerate(lines, 1):
            user, _, password = line.partition(b":")
            if not line.strip() or line.startswith(b"#"):
                continue
            if user and password:
                users.append((user.decode(errors="replace"), sha256(line).digest()))
            else:
                _log.error("a line of the users of the broker API is not `user:password`", line=number)
        return tuple(users)


def _given(authorization: str) -> bytes:
    """What the header claims, `user:password`; nothing where it has another form."""
    scheme, _, value = authorization.strip().partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(value.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _stamp(path: Path) -> _Stamp:
    """Changes when the file does, also when Kubernetes puts another one in its place."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino)
